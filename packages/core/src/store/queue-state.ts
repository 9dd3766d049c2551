import { sql } from "kysely";
import type { Db } from "../database.ts";
import { taskQueue } from "../task-jobs.ts";

/** How much waits for workers, of all businesses together. */
export interface QueueState {
  /** Also those that wait for a login that another task uses. */
  readonly waiting: number;
  readonly running: number;
  /** Since the one that has waited longest was submitted, by the database's clock; 0 when none waits. */
  readonly oldestSeconds: number;
}

/** Counts what waits and what runs. Costs as much as the queue is long: some 10 ms for 100,000 tasks. */
export async function readQueueState(db: Db): Promise<QueueState> {
  const { rows } = await sql<{ waiting: number; running: number; oldest: number }>`
    SELECT count(*) FILTER (WHERE state < 'active')::integer AS waiting,
           count(*) FILTER (WHERE state = 'active')::integer AS running,
           coalesce(extract(epoch FROM clock_timestamp() - min(created_on) FILTER (WHERE state < 'active')), 0)::float8
             AS oldest
      FROM pgboss.job WHERE name = ${taskQueue} AND state <= 'active'`.execute(db);
  const [row] = rows;
  return { waiting: row?.waiting ?? 0, running: row?.running ?? 0, oldestSeconds: Math.max(0, row?.oldest ?? 0) };
}
