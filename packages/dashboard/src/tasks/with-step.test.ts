import type { StepSummary, Task } from "@stablehand/sdk";
import { expect, test } from "vitest";
import { withStep } from "./with-step.ts";

const step = (n: number, msg = ""): StepSummary => ({ n, type: "execution", msg, success: true });
const task = { taskId: "t", status: "running" } as Task; // the rest plays no part here

test("a step that comes twice is there once, and one that comes late stands in its place", () => {
  const steps = [step(1), step(3), step(2), step(3, "again")].reduce(withStep, task).stepSummaries;
  expect(steps).toEqual([step(1), step(2), step(3, "again")]);
  expect(task.stepSummaries, "what was known is not changed").toBeUndefined();
});
