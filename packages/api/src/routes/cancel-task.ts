import { cancelTask } from "@stablehand/contract";
import { cancelTask as cancelStoredTask } from "@stablehand/core/store/task-runs";
import { handlerFor } from "../handler.ts";
import { findOwnTask } from "../own-task.ts";
import { showTask } from "../show-task.ts";

/** Cancels one of the caller's own tasks; its worker notices within a second. */
export const handleCancelTask = handlerFor(cancelTask, async ({ baseUrl, caller, params }, context) => {
  const { taskId } = await findOwnTask(context, caller, params.taskId);
  await context.database.db.transaction().execute((transaction) => cancelStoredTask(transaction, taskId));
  return showTask(context, baseUrl, await findOwnTask(context, caller, params.taskId));
});
