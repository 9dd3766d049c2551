import type { StoreTransaction } from "@stablehand/core/database";
import type { Logger } from "@stablehand/core/log";
import type { RunEnd } from "@stablehand/core/metrics";
import type { TaskJob } from "@stablehand/core/queue";
import { logRotations, type StoredRotation, writeBackRotation } from "@stablehand/core/store/credential-rotations";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import {
  claimTask,
  finishTask,
  giveBackTask,
  type HeldTask,
  keepRecord,
  type RunRecord,
  recordLeaks,
  type TaskOutcome,
} from "@stablehand/core/store/task-runs";
import type { Attempt, AttemptOf } from "./attempt.ts";
import { attemptBrowse, type BrowseContext } from "./attempt-browse.ts";
import { attemptCheck } from "./attempt-check.ts";
import { attemptDesign, type DesignContext } from "./attempt-design.ts";
import type { HeldTasks } from "./held-tasks.ts";
import type { ObserveRun } from "./observe-runs.ts";
import type { createRedactor, Redactor } from "./redact/redactor.ts";
import { toTaskFailure } from "./task-failure.ts";
import { untilStored } from "./until-stored.ts";

/** What a worker runs tasks with. */
export interface RunContext extends BrowseContext, DesignContext {
  readonly log: Logger;
  readonly held: HeldTasks;
  readonly observeRun: ObserveRun;
  /** Told of a task that ended because its worker was lost. */
  readonly onLost: (task: StoredTask) => void;
  /** Told how many values that sites had renewed were stored. */
  readonly onSealed: (values: number) => void;
  /** Makes the one exit of what a task says. */
  readonly createRedactor: typeof createRedactor;
  /** Those of the runs under way: `log` must say nothing that they know. */
  readonly redactors: Set<Redactor>;
  /** The longest that a task may run. */
  readonly taskTimeoutMs: number;
  /** Aborted when the worker's grace is over: what still runs is given back. */
  readonly stopping: AbortSignal;
}

/**
 * Runs one attempt of a task, from claim to end.
 *
 * Only an attempt that still holds the task stores what it found. Rejects when the task has to be handed out again: the
 * worker stops, or the job's lease was lost. A task that was cancelled meanwhile is left as it is. Whatever is stored or
 * logged of the attempt passes its redactor here, and what that removed is counted on the task.
 */
export async function runTask(
  context: RunContext,
  job: HeldTask & TaskJob & { readonly signal: AbortSignal },
): Promise<void> {
  const { database, stopping, workerId } = context;
  const { taskId, attempt } = job;
  const task = await database.db
    .transaction()
    .execute((transaction) => claimTask(transaction, { taskId, attempt, workerId, onLost: context.onLost }));
  if (!task) return;
  const held = { taskId, attempt };
  const observed = context.observeRun(task, job);
  let end: RunEnd = { status: "given_back" };
  let record: RunRecord | null = null;
  const hold = context.held.hold(held);
  const late = AbortSignal.timeout(context.taskTimeoutMs);
  const signal = AbortSignal.any([job.signal, stopping, hold.signal, late]);
  const store = <Result>(work: (transaction: StoreTransaction) => Promise<Result>) =>
    untilStored(job.signal, () => database.db.transaction().execute(work));
  const redactor = context.createRedactor([]);
  context.redactors.add(redactor);
  let browserGone: Promise<void> | undefined;
  try {
    const attempted = await attemptTask(context, task, { ...held, signal, redactor, onStep: observed.stepped });
    const { rotations = [], alsoStore } = attempted;
    const outcome = redactor.deep(attempted.outcome);
    record = attempted.record && withoutSecrets(attempted.record, redactor);
    browserGone = attempted.browserGone;
    const countLeaks = async (transaction: StoreTransaction) => {
      if (redactor.hits > 0) await recordLeaks(transaction, held, task.leakBlocked + redactor.hits);
    };
    const writeBack = async (transaction: StoreTransaction) => {
      await countLeaks(transaction);
      const stored: StoredRotation[] = [];
      for (const rotation of rotations) {
        const written = await writeBackRotation(transaction, held, rotation);
        if (!written) continue;
        stored.push(written);
        context.onSealed(written.fields.length);
      }
      return stored;
    };
    if (outcome.status === "failed") {
      if (hold.signal.aborted) {
        end = { status: "cancelled" };
        return void (await store(async (transaction) => {
          await countLeaks(transaction);
          await keepRecord(transaction, held, record);
        }));
      }
      job.signal.throwIfAborted();
      if (stopping.aborted)
        await store(async (transaction) => {
          const stored = await writeBack(transaction);
          const left = await giveBackTask(transaction, held);
          if (left?.errorCode) end = { status: "failed", errorCode: left.errorCode };
          await logRotations(transaction, taskId, stored);
        });
      stopping.throwIfAborted();
    }
    const ended = outcome.status === "failed" && late.aborted ? timeLimit(context.taskTimeoutMs) : outcome;
    await store(async (transaction) => {
      const stored = await writeBack(transaction);
      if (await finishTask(transaction, held, ended, record)) {
        end = ended;
        await alsoStore?.(transaction);
      } else {
        end = { status: "cancelled" };
        await keepRecord(transaction, held, record); // cancelled since it was last looked at
      }
      await logRotations(transaction, taskId, stored);
    });
  } finally {
    hold.release();
    observed.ended(end, record, redactor.hits);
    try {
      await browserGone;
    } finally {
      context.redactors.delete(redactor);
    }
  }
}

const attempts = { browse: attemptBrowse, check: attemptCheck, design: attemptDesign };

async function attemptTask(context: RunContext, task: StoredTask, attempt: AttemptOf): Promise<Attempt> {
  try {
    return await attempts[task.kind](context, task, attempt);
  } catch (error) {
    const { errorCode, message } = toTaskFailure(error);
    if (["internal", "vault_unavailable"].includes(errorCode) && !attempt.signal.aborted)
      context.log.error({ err: error, taskId: attempt.taskId }, "a task failed");
    return { outcome: { status: "failed", error: message, errorCode }, record: null };
  }
}

function withoutSecrets(record: RunRecord, redactor: Redactor): RunRecord {
  const { visitedHosts, network, html } = record;
  return {
    ...record,
    visitedHosts: redactor.deep(visitedHosts),
    network: redactor.deep(network),
    html: html === null ? null : redactor.text(html),
  };
}

function timeLimit(ms: number): TaskOutcome {
  const error = `The task was not done within ${Math.round(ms / 1_000)} s, this server's time limit, and was ended.`;
  return { status: "failed", error, errorCode: "time_limit" };
}
