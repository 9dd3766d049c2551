import {
  isTerminal,
  type ModelUsage,
  type PlatformChecks,
  type StepSummary,
  type TaskErrorCode,
  type TaskNetwork,
} from "@stablehand/contract";
import { sql } from "kysely";
import type { Db, StoreTransaction } from "../database.ts";
import type { BusinessId, TaskId } from "../ids.ts";
import { parkTaskJob } from "../task-jobs.ts";
import { releaseLogins, takeLogins } from "./login-leases.ts";
import { type StoredTask, toTask } from "./task-rows.ts";
import { changeState } from "./task-states.ts";

/** What an attempt holds: the number fences, so that whoever held the task before can no longer write to it. */
export interface HeldTask {
  readonly taskId: TaskId;
  readonly attempt: number;
}

/** How often a task whose worker was lost is tried again, provided that it had only read. */
const retriesAfterLoss = 1;

/** What callers are told of a task whose worker was lost. */
const lostMessage = {
  acted:
    "The worker that ran this task was lost after it had begun to act on a site. It was not tried again: look at the site before you submit it once more.",
  readOnly: "The worker that ran this task was lost, and so was the one that tried it again.",
} as const;

/**
 * Takes a task for one attempt of a worker.
 *
 * A task that is still running was lost by its worker: it is run again, once, if it had only read; otherwise it ends as
 * `worker_lost`. Null when there is nothing to run: ended now or before, a later attempt has it, or a login that it needs
 * is in use. In the last case its job is put aside, and whoever gives the login back wakes it. `onLost` is told of a
 * task that ended so.
 */
export async function claimTask(
  transaction: StoreTransaction,
  claim: HeldTask & { readonly workerId: string; readonly onLost?: (task: StoredTask) => void },
): Promise<StoredTask | null> {
  const { taskId, attempt, workerId } = claim;
  const before = await transaction
    .selectFrom("tasks")
    .selectAll()
    .where("task_id", "=", taskId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!before || before.attempt >= attempt) return null;
  const user = { ...toTask(before), turn: before.turn };
  if (isTerminal(before.status)) {
    if (user.platforms.length > 0) await releaseLogins(transaction, user); // it was cancelled, and its worker lost
    return null;
  }
  const isLost = before.status === "running";
  if (isLost && (before.may_have_acted || before.losses >= retriesAfterLoss)) {
    const lost = await failLostTask(transaction, taskId);
    if (lost) claim.onLost?.(lost);
    return null;
  }
  if (!(await takeLogins(transaction, user, user.platforms))) {
    await transaction.updateTable("tasks").set({ attempt }).where("task_id", "=", taskId).execute();
    await parkTaskJob(transaction, claim);
    return null;
  }
  return changeState(transaction, {
    taskId,
    to: "running",
    set: {
      attempt,
      worker_id: workerId,
      losses: before.losses + (isLost ? 1 : 0),
      started_at: sql`coalesce(started_at, now())`,
    },
  });
}

/** Ends a task whose worker was lost, whoever held it. Null, and nothing changed, when it had ended before. */
export async function failLostTask(transaction: StoreTransaction, taskId: TaskId): Promise<StoredTask | null> {
  const row = await transaction
    .selectFrom("tasks")
    .selectAll()
    .where("task_id", "=", taskId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!row) return null;
  if (row.status === "cancelled" && row.platforms.length > 0) await releaseLogins(transaction, toTask(row));
  const error = row.may_have_acted ? lostMessage.acted : lostMessage.readOnly;
  const outcome = { error, errorCode: "worker_lost" } as const;
  return changeState(transaction, {
    taskId,
    to: "failed",
    set: { error, error_code: outcome.errorCode },
    event: outcome,
  });
}

/**
 * Gives a running task back, for another worker to run from the start: this one stops.
 *
 * One that has acted ends as `worker_lost` instead. Null, and nothing changed, when the attempt no longer holds the task.
 */
export async function giveBackTask(transaction: StoreTransaction, held: HeldTask): Promise<StoredTask | null> {
  const row = await transaction
    .selectFrom("tasks")
    .select("may_have_acted")
    .where("task_id", "=", held.taskId)
    .where("attempt", "=", held.attempt)
    .where("status", "=", "running")
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row?.may_have_acted) return failLostTask(transaction, held.taskId);
  return row ? changeState(transaction, { ...held, to: "pending" }) : null;
}

/** What a run leaves behind, however it ended. */
export interface RunRecord {
  readonly totalSteps: number;
  readonly visitedHosts: readonly string[];
  readonly network: TaskNetwork;
  readonly usage: ModelUsage;
  readonly html: string | null;
}

/** How a run of a task ended. */
export type TaskOutcome =
  | {
      readonly status: "completed";
      readonly result: string;
      readonly check?: PlatformChecks;
      /** Undefined when no schema asked for it. */
      readonly structuredContent?: unknown;
    }
  | { readonly status: "failed"; readonly error: string; readonly errorCode: TaskErrorCode };

/** Ends a task with what its attempt found. False, and nothing changed, when that attempt no longer holds it. */
export async function finishTask(
  transaction: StoreTransaction,
  held: HeldTask,
  outcome: TaskOutcome,
  record: RunRecord | null,
): Promise<boolean> {
  const failure = outcome.status === "failed" ? { error: outcome.error, errorCode: outcome.errorCode } : null;
  const task = await changeState(transaction, {
    ...held,
    to: outcome.status,
    set: { ...columnsOfOutcome(outcome), ...(record && columnsOfRecord(record)) },
    ...(failure && { event: failure }),
  });
  if (task && record) await countUsage(transaction, task.businessId, record.usage);
  return task !== null;
}

/**
 * Lets go of a task that was cancelled, once its browser is gone: what the run had cost and seen is kept, once, and its
 * logins are given back. Does nothing for a task that did not end so.
 */
export async function keepRecord(
  transaction: StoreTransaction,
  held: HeldTask,
  record: RunRecord | null,
): Promise<void> {
  const row = await transaction
    .selectFrom("tasks")
    .selectAll()
    .where("task_id", "=", held.taskId)
    .where("attempt", "=", held.attempt)
    .where("status", "=", "cancelled")
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!row) return;
  if (row.platforms.length > 0) await releaseLogins(transaction, toTask(row));
  if (!record || row.model_calls !== null) return;
  await transaction.updateTable("tasks").set(columnsOfRecord(record)).where("task_id", "=", held.taskId).execute();
  await countUsage(transaction, row.business_id, record.usage);
}

/** Sets how many secrets were removed from what all of the task's attempts said, however this one ended. */
export async function recordLeaks(transaction: StoreTransaction, held: HeldTask, leakBlocked: number): Promise<void> {
  await transaction
    .updateTable("tasks")
    .set({ leak_blocked: leakBlocked })
    .where("task_id", "=", held.taskId)
    .where("attempt", "=", held.attempt)
    .execute();
}

function columnsOfOutcome(outcome: TaskOutcome) {
  if (outcome.status === "failed") return { error: storable(outcome.error), error_code: outcome.errorCode };
  return {
    may_have_acted: false, // it did what it was asked to do
    result: storable(outcome.result),
    ...(outcome.check && { check_result: JSON.stringify(outcome.check) as unknown as PlatformChecks }), // pg sends text
    ...(outcome.structuredContent !== undefined && { structured_content: JSON.stringify(outcome.structuredContent) }),
  };
}

function columnsOfRecord(record: RunRecord) {
  return {
    total_steps: record.totalSteps,
    visited_hosts: [...record.visitedHosts],
    network: JSON.stringify(record.network) as unknown as TaskNetwork, // pg sends text
    input_tokens: String(record.usage.inputTokens),
    output_tokens: String(record.usage.outputTokens),
    model_calls: record.usage.modelCalls,
    html_dump: record.html === null ? null : storable(record.html),
  };
}

async function countUsage(transaction: StoreTransaction, businessId: BusinessId, usage: ModelUsage): Promise<void> {
  await sql`
    INSERT INTO task_usage AS before (business_id, month, used, granted, input_tokens, output_tokens, model_calls)
    VALUES (${businessId}, date_trunc('month', now() AT TIME ZONE 'UTC'), 0, 0,
            ${usage.inputTokens}, ${usage.outputTokens}, ${usage.modelCalls})
    ON CONFLICT (business_id, month) DO UPDATE
      SET input_tokens = before.input_tokens + excluded.input_tokens,
          output_tokens = before.output_tokens + excluded.output_tokens,
          model_calls = before.model_calls + excluded.model_calls`.execute(transaction);
}

/** PostgreSQL keeps no NUL; half of a surrogate pair becomes U+FFFD. */
function storable(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}

/**
 * Writes down one step of a running task; once, however often it is repeated.
 *
 * False, and nothing written, when the attempt no longer holds the task.
 */
export async function appendStep(db: Db, held: HeldTask, step: StepSummary): Promise<boolean> {
  const { rows } = await sql<object>`
    WITH known AS (
      SELECT n FROM task_events
       WHERE task_id = ${held.taskId} AND attempt = ${held.attempt} AND type = 'step' AND data = ${JSON.stringify(step)}
    ), held AS (
      UPDATE tasks SET event_count = event_count + 1, updated_at = now()
       WHERE task_id = ${held.taskId} AND attempt = ${held.attempt} AND status = 'running'
         AND NOT EXISTS (SELECT FROM known)
      RETURNING task_id, event_count, attempt
    ), added AS (
      INSERT INTO task_events (task_id, n, attempt, type, data)
      SELECT task_id, event_count, attempt, 'step', ${JSON.stringify(step)} FROM held
      RETURNING n
    )
    SELECT n FROM known UNION ALL SELECT n FROM added`.execute(db);
  return rows.length === 1;
}

/**
 * Writes down that a task is about to act on a site; from then on it is never run again by itself.
 *
 * False when the attempt no longer holds the task, which must then not act.
 */
export async function markActing(db: Db, held: HeldTask): Promise<boolean> {
  const result = await db
    .updateTable("tasks")
    .set({ may_have_acted: true })
    .where("task_id", "=", held.taskId)
    .where("attempt", "=", held.attempt)
    .where("status", "=", "running")
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Those of `held` that this attempt no longer has: cancelled, or taken over. */
export async function findTasksTakenAway(db: Db, held: readonly HeldTask[]): Promise<TaskId[]> {
  if (held.length === 0) return [];
  const rows = await db
    .selectFrom("tasks")
    .select(["task_id", "attempt", "status"])
    .where(
      "task_id",
      "in",
      held.map(({ taskId }) => taskId),
    )
    .execute();
  const stillHeld = (one: HeldTask) =>
    rows.some((row) => row.task_id === one.taskId && row.attempt === one.attempt && row.status === "running");
  return held.filter((one) => !stillHeld(one)).map(({ taskId }) => taskId);
}

/** Ends a task that is not finished as cancelled; null when it had ended, or there is none. */
export function cancelTask(transaction: StoreTransaction, taskId: TaskId): Promise<StoredTask | null> {
  return changeState(transaction, { taskId, to: "cancelled" });
}

/** What earlier turns of the session leave to this one. */
export interface Inheritance {
  /** The result of the last task that completed, or null. */
  readonly previousContext: string | null;
  /** The errors of the failed ones, oldest first, the latest ten. */
  readonly previousErrors: readonly string[];
}

const errorsMax = 10;

/** Reads what the turns of the session before `task` leave to it. Checks leave nothing. */
export async function readInheritance(db: Db, task: StoredTask): Promise<Inheritance> {
  const earlier = db
    .selectFrom("tasks")
    .where("session_id", "=", task.sessionId)
    .where("kind", "=", "browse")
    .where(sql<boolean>`(created_at, task_id) < (SELECT created_at, task_id FROM tasks WHERE task_id = ${task.taskId})`)
    .orderBy("created_at", "desc")
    .orderBy("task_id", "desc");
  const completed = await earlier.select("result").where("status", "=", "completed").limit(1).executeTakeFirst();
  const failed = await earlier.select("error").where("status", "=", "failed").limit(errorsMax).execute();
  return {
    previousContext: completed?.result ?? null,
    previousErrors: failed.flatMap(({ error }) => (error === null ? [] : [error])).reverse(),
  };
}
