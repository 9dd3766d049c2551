import { sql } from "kysely";
import type { StoreTransaction } from "./database.ts";
import type { TaskId } from "./ids.ts";

/** The queue of the tasks that wait for a worker. */
export const taskQueue = "turns";

/** A parked job is handed out again after this long even if nobody woke it: a safety net that nothing leans on. */
const parkedMinutesMax = 15;

// pg-boss can retry a job only after a delay of its own choice, counted against the job's limit, and outside our transactions. So
// its table is written here, and by the statement that makes tasks; `queue.db.test.ts` runs all three under its real consumer.

/**
 * Puts the job of a task aside until `wakeTaskJobs`: it takes no slot, and its session's later turns go on waiting.
 *
 * In the state `retry`, since that is the one in which a job that does not run holds up those of its key. The hand-out is
 * not counted. Does nothing when hand-out number `attempt` is not the one under way any more.
 */
export async function parkTaskJob(
  transaction: StoreTransaction,
  { taskId, attempt }: { readonly taskId: TaskId; readonly attempt: number },
): Promise<void> {
  await sql`
    UPDATE pgboss.job
       SET state = 'retry', retry_limit = retry_limit + 1,
           start_after = pgboss.job_now() + make_interval(mins => ${parkedMinutesMax})
     WHERE name = ${taskQueue} AND id = ${taskId} AND state = 'active' AND retry_count = ${attempt - 1}`.execute(
    transaction,
  );
}

/** Lets parked jobs be handed out at once. Does nothing for those that are not parked. */
export async function wakeTaskJobs(transaction: StoreTransaction, taskIds: readonly TaskId[]): Promise<void> {
  if (taskIds.length === 0) return;
  await sql`
    WITH parked AS (
      SELECT id FROM pgboss.job
       WHERE name = ${taskQueue} AND id = ANY (${[...taskIds]}::uuid[]) AND state = 'retry'
       ORDER BY id FOR NO KEY UPDATE
    ), woken AS (
      UPDATE pgboss.job SET start_after = pgboss.job_now() FROM parked
       WHERE job.name = ${taskQueue} AND job.id = parked.id
      RETURNING job.id
    )
    SELECT pg_notify('pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24), ${taskQueue})
      FROM woken LIMIT 1`.execute(transaction);
}
