import type { StepSummary, Task } from "@stablehand/sdk";

/** Puts a step where its number says, once. */
export function withStep(task: Task, step: StepSummary): Task {
  const others = task.stepSummaries?.filter(({ n }) => n !== step.n) ?? [];
  return { ...task, stepSummaries: [...others, step].sort((one, other) => one.n - other.n) };
}
