import { describeError, type Logger } from "@stablehand/core/log";
import type { HeldTask } from "@stablehand/core/store/task-runs";
import type { Redactor } from "./redact/redactor.ts";

/**
 * The log of one run: each line names the task, and what it says of an error is free of secrets.
 *
 * An error of the browser may quote an address, a script or a page. Texts of ours and ids are all else that a run logs.
 */
export function logOfRun(log: Logger, { taskId }: HeldTask, redactor: Redactor): Logger {
  const err = (error: unknown) => redactor.deep(describeError(error));
  return log.child({ taskId }, { serializers: { err } });
}
