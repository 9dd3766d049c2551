import { AppError, getTask, type Task } from "@stablehand/contract";
import { parseTaskId } from "@stablehand/core/ids";
import { findTask, type StoredTask } from "@stablehand/core/store/tasks";
import { handlerFor } from "../handler.ts";

/** Shows one of the caller's own tasks. */
export const handleGetTask = handlerFor(getTask, async ({ caller, params }, context) => {
  const taskId = parseTaskId(params.taskId);
  const task = taskId ? await findTask(context.database.db, taskId) : null;
  if (!task) throw new AppError("task_not_found", "There is no task with this id.");
  if (task.businessId !== caller.businessId) throw new AppError("forbidden", "This task belongs to another business.");
  return toWire(task);
});

/** A task as the wire shows it: what has no value yet is absent. */
function toWire(task: StoredTask): Task {
  return {
    taskId: task.taskId,
    sessionId: task.sessionId,
    endUserId: task.endUserId,
    task: task.task,
    status: task.status,
    createdAt: task.createdAt.toISOString(),
    updatedAt: task.updatedAt.toISOString(),
    ...(task.startedAt && { startedAt: task.startedAt.toISOString() }),
    ...(task.completedAt && { completedAt: task.completedAt.toISOString() }),
    ...(task.startedAt && task.completedAt && { durationMs: task.completedAt.getTime() - task.startedAt.getTime() }),
    ...(task.result !== null && { result: task.result }),
    ...(task.check && { check: task.check }),
    ...(task.error !== null && { error: task.error }),
    ...(task.errorCode && { errorCode: task.errorCode }),
  };
}
