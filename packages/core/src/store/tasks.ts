import type { Platform, PlatformChecks, TaskErrorCode, TaskStatus } from "@stablehand/contract";
import type { Transaction } from "kysely";
import { sql } from "kysely";
import type { Db } from "../database.ts";
import { type BusinessId, newId, type SessionId, type TaskId } from "../ids.ts";
import type { Schema } from "../schema.ts";

/** A task as stored. */
export interface StoredTask {
  readonly taskId: TaskId;
  readonly businessId: BusinessId;
  readonly sessionId: SessionId;
  readonly endUserId: string;
  readonly task: string;
  readonly platforms: Platform[];
  readonly status: TaskStatus;
  readonly result: string | null;
  readonly check: PlatformChecks | null;
  readonly error: string | null;
  readonly errorCode: TaskErrorCode | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

/** Where a task may come from, by where it goes to; the store refuses every other step. */
const comesFrom = {
  running: ["pending", "running"],
  completed: ["running"],
  failed: ["pending", "running"],
} as const satisfies Partial<Record<TaskStatus, readonly TaskStatus[]>>;

/** How a run of a task ended. */
export type TaskOutcome =
  | { readonly status: "completed"; readonly result: string; readonly check: PlatformChecks }
  | { readonly status: "failed"; readonly error: string; readonly errorCode: TaskErrorCode };

type Row = Pick<Schema["tasks"], Exclude<keyof Schema["tasks"], "created_at" | "updated_at" | "status" | "attempt">> & {
  created_at: Date;
  updated_at: Date;
  status: TaskStatus;
};

function toTask(row: Row): StoredTask {
  return {
    taskId: row.task_id,
    businessId: row.business_id,
    sessionId: row.session_id,
    endUserId: row.end_user_id,
    task: row.task,
    platforms: row.platforms,
    status: row.status,
    result: row.result,
    check: row.check_result,
    error: row.error,
    errorCode: row.error_code,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
  };
}

/** Makes a check task in a session of its own; the caller enqueues it in the same transaction. */
export async function createCheckTask(
  transaction: Transaction<Schema>,
  request: { businessId: BusinessId; endUserId: string; task: string; platforms: readonly Platform[] },
): Promise<StoredTask> {
  const owner = { business_id: request.businessId, end_user_id: request.endUserId };
  const { session_id } = await transaction
    .insertInto("sessions")
    .values({ session_id: newId<SessionId>(), ...owner })
    .returning("session_id")
    .executeTakeFirstOrThrow();
  const row = await transaction
    .insertInto("tasks")
    .values({
      task_id: newId<TaskId>(),
      session_id,
      ...owner,
      kind: "check",
      task: request.task,
      platforms: [...request.platforms],
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toTask(row);
}

/**
 * Finds a task by its id alone, since another business's must be told from an unknown one (403, 404).
 *
 * The caller compares `businessId` before it shows anything.
 */
export async function findTask(db: Db, taskId: TaskId): Promise<StoredTask | null> {
  const row = await db.selectFrom("tasks").selectAll().where("task_id", "=", taskId).executeTakeFirst();
  return row ? toTask(row) : null;
}

/**
 * Takes a task for one attempt of a worker. Null when it is finished, or a later attempt has it.
 *
 * The attempt's number fences: whoever held the task before cannot finish it any more.
 */
export async function claimTask(
  db: Db,
  claim: { taskId: TaskId; attempt: number; workerId: string },
): Promise<StoredTask | null> {
  const row = await db
    .updateTable("tasks")
    .set({
      status: "running",
      attempt: claim.attempt,
      worker_id: claim.workerId,
      started_at: sql`coalesce(started_at, now())`,
      updated_at: sql`now()`,
    })
    .where("task_id", "=", claim.taskId)
    .where("status", "in", comesFrom.running)
    .where("attempt", "<", claim.attempt)
    .returningAll()
    .executeTakeFirst();
  return row ? toTask(row) : null;
}

/** Ends a task with what its attempt found. False, and nothing changed, when that attempt no longer holds it. */
export async function finishTask(
  db: Db,
  held: { taskId: TaskId; attempt: number },
  outcome: TaskOutcome,
): Promise<boolean> {
  const result = await end(db, held.taskId, outcome).where("attempt", "=", held.attempt).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Ends a task as failed whoever held it: its workers were lost. False when it had ended before. */
export async function failLostTask(db: Db, taskId: TaskId, error: string): Promise<boolean> {
  const outcome = { status: "failed", error, errorCode: "worker_lost" } as const;
  const result = await end(db, taskId, outcome).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

function end(db: Db, taskId: TaskId, outcome: TaskOutcome) {
  const found =
    outcome.status === "completed"
      ? { result: outcome.result, check_result: JSON.stringify(outcome.check) as unknown as PlatformChecks } // pg sends text
      : { error: outcome.error, error_code: outcome.errorCode };
  return db
    .updateTable("tasks")
    .set({ status: outcome.status, ...found, completed_at: sql`now()`, updated_at: sql`now()` })
    .where("task_id", "=", taskId)
    .where("status", "in", comesFrom[outcome.status]);
}
