import { isTerminal, type TaskErrorCode, type TaskStatus } from "@stablehand/contract";
import { sql, type UpdateObject } from "kysely";
import type { StoreTransaction } from "../database.ts";
import type { TaskId } from "../ids.ts";
import type { Schema } from "../schema.ts";
import { releaseLogins, stopWaiting } from "./login-leases.ts";
import { type StoredTask, type TaskRow, toTask } from "./task-rows.ts";
import { enqueueDeliveries } from "./webhooks.ts";

/**
 * Where a task may go from each state; the store makes no other step.
 *
 * From running to pending: a worker that stops gives it back. From running to running: a worker was lost, another takes
 * it over.
 */
export const transitions = {
  pending: ["running", "cancelled", "failed"],
  running: ["running", "pending", "completed", "failed", "cancelled"],
  completed: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<TaskStatus, readonly TaskStatus[]>;

/** The states from which a task may come to `status`. */
export function originsOf(status: TaskStatus): TaskStatus[] {
  return (Object.keys(transitions) as TaskStatus[]).filter((from) =>
    (transitions[from] as readonly TaskStatus[]).includes(status),
  );
}

/** One step of a task from state to state. */
export interface StateChange {
  readonly taskId: TaskId;
  /** Only when this attempt still holds the task; undefined whoever holds it. */
  readonly attempt?: number;
  readonly to: TaskStatus;
  readonly set?: UpdateObject<Schema, "tasks">;
  /** What the event tells beside the state. */
  readonly event?: { readonly error: string; readonly errorCode: TaskErrorCode };
}

/**
 * Takes a task from one state to another: the row, its event, its session's activity, its logins and, when that ended
 * it, its webhooks, all in the caller's transaction. Null, and nothing changed, when the transition is not legal now.
 *
 * A task that stops running gives its logins back, except when it was cancelled: until its worker has let go of it
 * (`keepRecord`, or the next claim when the worker was lost), its browser is still signed in.
 */
export async function changeState(transaction: StoreTransaction, change: StateChange): Promise<StoredTask | null> {
  const { taskId, attempt, to, event } = change;
  const row = await transaction
    .updateTable("tasks")
    .set({
      status: to,
      ...change.set,
      ...(isTerminal(to) && { completed_at: sql`now()` }),
      event_count: sql`event_count + 1`,
      updated_at: sql`now()`,
    })
    .where("task_id", "=", taskId)
    .where("status", "in", originsOf(to))
    .$if(attempt !== undefined, (query) => query.where("attempt", "=", attempt ?? 0))
    .returningAll()
    .executeTakeFirst();
  if (!row) return null;
  const task = toTask(row);
  if (task.platforms.length > 0 && to !== "running")
    await (to === "cancelled" ? stopWaiting : releaseLogins)(transaction, task);
  await recordChange(transaction, row, event);
  if (isTerminal(to)) await enqueueDeliveries(transaction, task);
  return task;
}

async function recordChange(transaction: StoreTransaction, row: TaskRow, event: StateChange["event"]): Promise<void> {
  const data = JSON.stringify({ status: row.status, ...event });
  await transaction
    .with("active", (query) =>
      query.updateTable("sessions").set({ active_at: sql`now()` }).where("session_id", "=", row.session_id),
    )
    .insertInto("task_events")
    .values({ task_id: row.task_id, n: row.event_count, attempt: row.attempt, type: "status", data })
    .execute();
}
