import { AppError } from "@stablehand/contract";
import { parseId, type TaskId } from "@stablehand/core/ids";
import { findTask, type TaskReport } from "@stablehand/core/store/task-rows";
import { type Caller, requireEndUser } from "./auth.ts";
import type { AppContext } from "./context.ts";

/** Finds one of the caller's own tasks. Throws `task_not_found`, `forbidden` for another business's, and `end_user_not_allowed`. */
export async function findOwnTask(context: AppContext, caller: Caller, text: string): Promise<TaskReport> {
  const taskId = parseId<TaskId>(text);
  const task = taskId ? await findTask(context.database.db, taskId) : null;
  if (!task) throw new AppError("task_not_found", "There is no task with this id.");
  if (task.businessId !== caller.businessId) throw new AppError("forbidden", "This task belongs to another business.");
  requireEndUser(caller, task.endUserId);
  return task;
}
