import type { StoreTransaction } from "@stablehand/core/database";
import type { Logger } from "@stablehand/core/log";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import {
  claimTask,
  finishTask,
  giveBackTask,
  type HeldTask,
  keepRecord,
  type TaskOutcome,
} from "@stablehand/core/store/task-runs";
import type { Attempt } from "./attempt.ts";
import { attemptBrowse, type BrowseContext } from "./attempt-browse.ts";
import { attemptCheck } from "./attempt-check.ts";
import { attemptDesign, type DesignContext } from "./attempt-design.ts";
import type { HeldTasks } from "./held-tasks.ts";
import { toTaskFailure } from "./task-failure.ts";

/** What a worker runs tasks with. */
export interface RunContext extends BrowseContext, DesignContext {
  readonly log: Logger;
  readonly held: HeldTasks;
  /** The longest that a task may run. */
  readonly taskTimeoutMs: number;
  /** Aborted when the worker's grace is over: what still runs is given back. */
  readonly stopping: AbortSignal;
}

/**
 * Runs one attempt of a task, from claim to end.
 *
 * Only an attempt that still holds the task stores what it found. Rejects when the task has to be handed out again: the
 * worker stops, or the job's lease was lost. A task that was cancelled meanwhile is left as it is.
 */
export async function runTask(context: RunContext, job: HeldTask & { readonly signal: AbortSignal }): Promise<void> {
  const { database, stopping, workerId } = context;
  const { taskId, attempt } = job;
  const task = await database.db
    .transaction()
    .execute((transaction) => claimTask(transaction, { taskId, attempt, workerId }));
  if (!task) return;
  const held = { taskId, attempt };
  const hold = context.held.hold(held);
  const late = AbortSignal.timeout(context.taskTimeoutMs);
  const signal = AbortSignal.any([job.signal, stopping, hold.signal, late]);
  const inTransaction = <Result>(work: (transaction: StoreTransaction) => Promise<Result>) =>
    database.db.transaction().execute(work);
  let browserGone: Promise<void> | undefined;
  try {
    const attempted = await attemptTask(context, task, held, signal);
    const { outcome, record, alsoStore } = attempted;
    browserGone = attempted.browserGone;
    if (outcome.status === "failed") {
      if (hold.signal.aborted)
        return void (await inTransaction((transaction) => keepRecord(transaction, held, record)));
      job.signal.throwIfAborted();
      if (stopping.aborted) await inTransaction((transaction) => giveBackTask(transaction, held));
      stopping.throwIfAborted();
    }
    const ended = outcome.status === "failed" && late.aborted ? timeLimit(context.taskTimeoutMs) : outcome;
    await inTransaction(async (transaction) => {
      if (await finishTask(transaction, held, ended, record)) await alsoStore?.(transaction);
    });
  } finally {
    hold.release();
    await browserGone;
  }
}

const attempts = { browse: attemptBrowse, check: attemptCheck, design: attemptDesign };

async function attemptTask(
  context: RunContext,
  task: StoredTask,
  held: HeldTask,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    return await attempts[task.kind](context, task, { ...held, signal });
  } catch (error) {
    const { errorCode, message } = toTaskFailure(error);
    if (errorCode === "internal" && !signal.aborted)
      context.log.error({ err: error, taskId: held.taskId }, "a task failed");
    return { outcome: { status: "failed", error: message, errorCode }, record: null };
  }
}

function timeLimit(ms: number): TaskOutcome {
  const error = `The task was not done within ${Math.round(ms / 1_000)} s, this server's time limit, and was ended.`;
  return { status: "failed", error, errorCode: "time_limit" };
}
