import type { StepSummary, Task } from "./contract/records.ts";
import { delay } from "./delay.ts";
import { ApiError, ConnectionError, TaskCancelledError, TaskFailedError, TaskTimeoutError } from "./errors.ts";
import { type FollowPatience, followTask, isTerminal } from "./follow-task.ts";
import type { Transport } from "./transport.ts";

/** How a task's end is waited for. */
export interface WaitOptions {
  /** Ends the waiting, not the task; its reason is what the call then throws. */
  readonly signal?: AbortSignal | undefined;
  /** Half an hour by default. After it the call throws TaskTimeoutError, and the task goes on. */
  readonly timeoutMs?: number | undefined;
  /** Told of each step, once and in order; what it throws ends the waiting. */
  readonly onStep?: ((step: StepSummary) => void) | undefined;
}

/** How the server is asked while a task goes on. */
export interface WaitPatience {
  readonly pollMs: number;
  readonly follow: FollowPatience;
}

const timeoutMsDefault = 1_800_000;
const patienceOfWaiting: WaitPatience = {
  pollMs: 2_000,
  follow: { breaksMax: 1, beginsWithinMs: 10_000, silenceMsMax: 45_000, betweenMs: 500 },
};

/**
 * Waits until a task has completed: over server-sent events, and where these do not come through by asking every 2 s.
 *
 * A server that is away meanwhile is waited for. Throws TaskFailedError, TaskCancelledError and TaskTimeoutError.
 */
export async function waitForTask(
  transport: Transport,
  taskId: string,
  { signal, timeoutMs = timeoutMsDefault, onStep }: WaitOptions = {},
  patience: WaitPatience = patienceOfWaiting,
): Promise<Task> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new TaskTimeoutError(taskId, timeoutMs)), timeoutMs);
  const steps = stepsOf(
    transport,
    taskId,
    signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
    patience,
  );
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return completed(value);
      onStep?.(value);
    }
  } finally {
    clearTimeout(timer);
    await steps.return(undefined as never); // its value is not looked at: this closes the stream
  }
}

function completed(task: Task): Task {
  if (task.status === "failed") throw new TaskFailedError(task.error ?? "the task failed", task);
  if (task.status === "cancelled") throw new TaskCancelledError("the task was cancelled", task);
  return task;
}

/** A task's steps, each once, and in the end the task. */
async function* stepsOf(
  transport: Transport,
  taskId: string,
  signal: AbortSignal,
  patience: WaitPatience,
): AsyncGenerator<StepSummary, Task> {
  let last = 0;
  const isNew = (step: StepSummary) => step.n > last;
  try {
    for await (const event of followTask(transport, taskId, { signal }, patience.follow))
      if (event.type === "step" && isNew(event.data)) {
        last = event.data.n;
        yield event.data;
      }
  } catch {
    signal.throwIfAborted(); // of anything else the polling will find out more
  }
  for (; ; await delay(patience.pollMs, signal)) {
    const task = await getUnlessAway(transport, taskId, signal);
    for (const step of task?.stepSummaries?.filter(isNew) ?? []) {
      last = step.n;
      yield step;
    }
    if (task && isTerminal(task.status)) return task;
  }
}

/** Null when the server cannot be reached or cannot answer just now. */
async function getUnlessAway(transport: Transport, taskId: string, signal: AbortSignal): Promise<Task | null> {
  try {
    return await transport.send("get-task", { params: { taskId } }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    const isAway =
      error instanceof ApiError ? error.status === 429 || error.status >= 500 : error instanceof ConnectionError;
    if (!isAway) throw error;
    return null;
  }
}
