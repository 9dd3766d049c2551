import { AppError, getSession } from "@stablehand/contract";
import { parseId, type SessionId } from "@stablehand/core/ids";
import { findBusinessOfSession } from "@stablehand/core/store/sessions";
import { findTasksOfSession } from "@stablehand/core/store/task-rows";
import { handlerFor } from "../handler.ts";
import { showTask } from "../show-task.ts";

/** Shows one of the caller's own sessions. */
export const handleGetSession = handlerFor(getSession, async ({ baseUrl, caller, params }, context) => {
  const { db } = context.database;
  const sessionId = parseId<SessionId>(params.sessionId);
  const businessId = sessionId ? await findBusinessOfSession(db, sessionId) : null;
  if (!sessionId || !businessId) throw new AppError("session_not_found", "There is no session with this id.");
  if (businessId !== caller.businessId) throw new AppError("forbidden", "This session belongs to another business.");
  const tasks = await findTasksOfSession(db, businessId, sessionId);
  return { sessionId, tasks: await Promise.all(tasks.map((task) => showTask(context, baseUrl, task))) };
});
