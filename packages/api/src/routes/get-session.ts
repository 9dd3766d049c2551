import { AppError, getSession } from "@stablehand/contract";
import { parseId, type SessionId } from "@stablehand/core/ids";
import { findOwnerOfSession } from "@stablehand/core/store/sessions";
import { findTasksOfSession } from "@stablehand/core/store/task-rows";
import { requireEndUser } from "../auth.ts";
import { handlerFor } from "../handler.ts";
import { showTask } from "../show-task.ts";

/** Shows one of the caller's own sessions. */
export const handleGetSession = handlerFor(getSession, async ({ baseUrl, caller, params }, context) => {
  const { db } = context.database;
  const sessionId = parseId<SessionId>(params.sessionId);
  const owner = sessionId ? await findOwnerOfSession(db, sessionId) : null;
  if (!sessionId || !owner) throw new AppError("session_not_found", "There is no session with this id.");
  if (owner.businessId !== caller.businessId)
    throw new AppError("forbidden", "This session belongs to another business.");
  requireEndUser(caller, owner.endUserId);
  const tasks = await findTasksOfSession(db, caller.businessId, sessionId);
  return { sessionId, tasks: await Promise.all(tasks.map((task) => showTask(context, baseUrl, task))) };
});
