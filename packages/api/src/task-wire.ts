import type { Design, Task } from "@stablehand/contract";
import type { TaskReport } from "@stablehand/core/store/task-rows";
import type { AcceptedTask } from "@stablehand/core/store/task-submissions";

/** A task as the wire shows it: what has no value yet is absent. */
export function toWire(task: TaskReport): Task {
  return {
    taskId: task.taskId,
    sessionId: task.sessionId,
    businessId: task.businessId,
    endUserId: task.endUserId,
    task: task.task,
    ...(task.kind === "browse" && { mode: task.mode }),
    status: task.status,
    createdAt: task.createdAt.toISOString(),
    updatedAt: task.updatedAt.toISOString(),
    ...(task.startedAt && { startedAt: task.startedAt.toISOString() }),
    ...(task.completedAt && { completedAt: task.completedAt.toISOString() }),
    ...durationOf(task),
    ...(task.result !== null && { result: task.result }),
    ...(task.structuredContent !== undefined && { structured_content: task.structuredContent }),
    ...(task.html !== null && { html_dump: task.html }),
    ...(task.totalSteps !== null && { totalSteps: task.totalSteps }),
    ...(task.visitedHosts && { visitedUrls: [...task.visitedHosts] }),
    ...(task.network && { network: task.network }),
    ...(task.kind === "browse" && task.steps.length > 0 && { stepSummaries: [...task.steps] }),
    ...(task.usage && { usage: task.usage }),
    ...(task.leakBlocked > 0 && { leakBlocked: task.leakBlocked }),
    ...(task.check && { check: task.check }),
    ...(task.kind === "design" && { design: toDesign(task) }),
    ...(task.error !== null && { error: task.error }),
    ...(task.errorCode && { errorCode: task.errorCode }),
    ...(task.mayHaveActed && (task.status === "failed" || task.status === "cancelled") && { mayHaveActed: true }),
  };
}

function durationOf({ startedAt, completedAt }: TaskReport): { durationMs?: number } {
  return startedAt && completedAt ? { durationMs: completedAt.getTime() - startedAt.getTime() } : {};
}

function toDesign(task: TaskReport): Design {
  const { startUrl, extractors, ipRotation, design } = task;
  return {
    url: startUrl ?? "",
    extractors: [...extractors],
    enableIpRotation: ipRotation,
    ...durationOf(task),
    ...(design && { results: design.results }),
  };
}

/** What whoever submitted a task is told. */
export function toAccepted({ taskId, sessionId, createdAt }: AcceptedTask) {
  return { taskId, sessionId, status: "pending" as const, createdAt: createdAt.toISOString() };
}
