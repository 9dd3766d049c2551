import { cancelTask } from "@stablehand/contract";
import { cancelTask as cancelStoredTask } from "@stablehand/core/store/task-runs";
import { handlerFor } from "../handler.ts";
import { findOwnTask } from "../own-task.ts";
import { toWire } from "../task-wire.ts";

/** Cancels one of the caller's own tasks; its worker notices within a second. */
export const handleCancelTask = handlerFor(cancelTask, async ({ caller, params }, context) => {
  const { taskId } = await findOwnTask(context, caller, params.taskId);
  await context.database.db.transaction().execute((transaction) => cancelStoredTask(transaction, taskId));
  return toWire(await findOwnTask(context, caller, params.taskId));
});
