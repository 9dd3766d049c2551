import type { Platform } from "@stablehand/contract";
import { sql } from "kysely";
import type { StoreTransaction } from "../database.ts";
import type { BusinessId, TaskId } from "../ids.ts";
import { taskQueue, wakeTaskJobs } from "../task-jobs.ts";

/** A task, and whose logins it uses. */
export interface LoginUser {
  readonly taskId: TaskId;
  readonly businessId: BusinessId;
  readonly endUserId: string;
}

type Owner = Pick<LoginUser, "businessId" | "endUserId">;

/**
 * Takes the logins of all `platforms` for a task, or none: the task then waits for them.
 *
 * None while another task holds one of them, or while one that was submitted earlier waits for one, claimed or not. A
 * task never waits with a login in its hands, so that no two wait for each other. Safe to repeat: what the task holds
 * already, as the one that a lost worker ran does, it keeps and does not wait for.
 *
 * The caller may hold the lock of its task's row, but no stronger one than `FOR NO KEY UPDATE`: another's claim, in here,
 * may write down that this task waits, for which PostgreSQL has to see that the task is there.
 */
export async function takeLogins(
  transaction: StoreTransaction,
  user: LoginUser & { readonly turn: string },
  platforms: readonly Platform[],
): Promise<boolean> {
  if (platforms.length === 0) return true;
  const { taskId, businessId, endUserId } = user;
  await lockLogins(transaction, user);
  const held = await transaction.selectFrom("login_leases").select("platform").where("task_id", "=", taskId).execute();
  const missing = platforms.filter((platform) => !held.some((lease) => lease.platform === platform));
  if (missing.length === 0) return true;
  await sql`
    INSERT INTO login_waits (task_id, platform, business_id, end_user_id, turn)
    SELECT ${taskId}, platform, ${businessId}, ${endUserId}, ${user.turn}
      FROM unnest(${missing}::text[]) AS platform
    ON CONFLICT DO NOTHING`.execute(transaction);
  await letEarlierWait(transaction, user);
  if (!(await findReady(transaction, user)).includes(taskId)) return false;
  await sql`
    WITH taken AS (DELETE FROM login_waits WHERE task_id = ${taskId} RETURNING platform)
    INSERT INTO login_leases (business_id, end_user_id, platform, task_id)
    SELECT ${businessId}, ${endUserId}, platform, ${taskId} FROM taken
    ON CONFLICT DO NOTHING`.execute(transaction);
  return true;
}

/**
 * Lets the end-user's earlier tasks wait that no worker has claimed yet: handed out in order, two tasks may be claimed in
 * the other. Not those behind a turn of their own session that has not ended, since none of them is next; nor those whose
 * job is gone, which nobody would ever claim.
 */
async function letEarlierWait(
  transaction: StoreTransaction,
  { taskId, businessId, endUserId, turn }: LoginUser & { readonly turn: string },
): Promise<void> {
  await sql`
    INSERT INTO login_waits (task_id, platform, business_id, end_user_id, turn)
    SELECT earlier.task_id, platform, business_id, end_user_id, turn
      FROM tasks AS earlier CROSS JOIN unnest(platforms) AS platform
     WHERE business_id = ${businessId} AND end_user_id = ${endUserId} AND (turn, task_id) < (${turn}, ${taskId}::uuid)
       AND status = 'pending' AND platforms <> '{}'
       AND NOT EXISTS (SELECT FROM tasks AS before
                        WHERE before.session_id = earlier.session_id AND before.turn < earlier.turn
                          AND before.status IN ('pending', 'running'))
       AND EXISTS (SELECT FROM pgboss.job
                    WHERE name = ${taskQueue} AND id = earlier.task_id AND state IN ('created', 'retry', 'active'))
    ON CONFLICT DO NOTHING`.execute(transaction);
}

/**
 * Takes one more login for a task that runs, and writes it down on the task. `lost`: the attempt has the task no more.
 *
 * It goes before tasks that wait, since those hold nothing that it could wait for. Safe to repeat.
 */
export async function takeOneMoreLogin(
  transaction: StoreTransaction,
  attempt: { readonly taskId: TaskId; readonly attempt: number },
  platform: Platform,
): Promise<"taken" | "busy" | "lost"> {
  const task = await transaction
    .selectFrom("tasks")
    .select(["business_id", "end_user_id", "platforms"])
    .where("task_id", "=", attempt.taskId)
    .where("attempt", "=", attempt.attempt)
    .where("status", "=", "running")
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!task) return "lost";
  const login = { business_id: task.business_id, end_user_id: task.end_user_id, platform };
  await lockLogins(transaction, { businessId: login.business_id, endUserId: login.end_user_id });
  await transaction
    .insertInto("login_leases")
    .values({ ...login, task_id: attempt.taskId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const held = await transaction
    .selectFrom("login_leases")
    .select("platform")
    .where("task_id", "=", attempt.taskId)
    .execute();
  if (!held.some((lease) => lease.platform === platform)) return "busy";
  if (!task.platforms.includes(platform))
    await transaction
      .updateTable("tasks")
      .set({ platforms: [...task.platforms, platform] })
      .where("task_id", "=", attempt.taskId)
      .execute();
  return "taken";
}

/** Ends a task's waiting, if it waited, and wakes those who may go on now. */
export async function stopWaiting(transaction: StoreTransaction, user: LoginUser): Promise<void> {
  await lockLogins(transaction, user);
  const ended = await transaction
    .deleteFrom("login_waits")
    .where("task_id", "=", user.taskId)
    .returning("task_id")
    .execute();
  if (ended.length === 0) return;
  const ready = await findReady(transaction, user);
  await wakeTaskJobs(transaction, [user.taskId, ...ready]); // its own too: a parked job would hold up its session
}

/** Gives back all that a task holds or waits for, and wakes those who may go on now. */
export async function releaseLogins(transaction: StoreTransaction, user: LoginUser): Promise<void> {
  await stopWaiting(transaction, user);
  const released = await transaction
    .deleteFrom("login_leases")
    .where("task_id", "=", user.taskId)
    .returning("platform")
    .execute();
  if (released.length > 0) await wakeTaskJobs(transaction, await findReady(transaction, user));
}

/**
 * One end-user's logins change hands in one transaction at a time, to the end of which this lock lasts.
 *
 * Everywhere after a task's row and before a session's: two transactions that take both cannot wait for each other.
 */
async function lockLogins(transaction: StoreTransaction, { businessId, endUserId }: Owner): Promise<void> {
  const name = JSON.stringify(["logins", businessId, endUserId]);
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction);
}

/** The waiting tasks of an end-user that are first for all they wait for, none of which another task holds. */
async function findReady(transaction: StoreTransaction, { businessId, endUserId }: Owner): Promise<TaskId[]> {
  const { rows } = await sql<{ task_id: TaskId }>`
    WITH first AS (
      SELECT DISTINCT ON (platform) platform, task_id FROM login_waits
       WHERE business_id = ${businessId} AND end_user_id = ${endUserId}
       ORDER BY platform, turn, task_id
    ), free AS (
      SELECT first.* FROM first
       WHERE NOT EXISTS (SELECT FROM login_leases held
                          WHERE held.business_id = ${businessId} AND held.end_user_id = ${endUserId}
                            AND held.platform = first.platform AND held.task_id <> first.task_id)
    )
    SELECT task_id FROM free GROUP BY task_id
    HAVING count(*) = (SELECT count(*) FROM login_waits waits WHERE waits.task_id = free.task_id)`.execute(transaction);
  return rows.map((row) => row.task_id);
}
