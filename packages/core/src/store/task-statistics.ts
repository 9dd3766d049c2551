import { runTimesOf, statisticsDays, type TaskErrorCode, type TaskStatus } from "@stablehand/contract";
import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { BusinessId } from "../ids.ts";

/** How many tasks of one kind ended on one day. */
export interface EndedTasks {
  /** `YYYY-MM-DD`, in UTC. */
  readonly day: string;
  /** Null: none ended that day. */
  readonly status: TaskStatus | null;
  readonly errorCode: TaskErrorCode | null;
  readonly count: number;
}

const since = sql`(date_trunc('day', now() AT TIME ZONE 'UTC') - make_interval(days => ${statisticsDays - 1})) AT TIME ZONE 'UTC'`;

/**
 * Counts a business's tasks and extractions that ended within 30 days, today included, by day, state and error: the oldest day first.
 *
 * Every day is there. Reads the index `tasks_ended` alone, one entry for each of those tasks.
 */
export async function countEndedTasks(db: Db, businessId: BusinessId): Promise<EndedTasks[]> {
  const { rows } = await sql<Omit<EndedTasks, "count"> & { count: string }>`
    SELECT to_char(day, 'YYYY-MM-DD') AS day, status, error_code AS "errorCode", coalesce(count, 0) AS count
      FROM generate_series(${since} AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', interval '1 day') AS day
      LEFT JOIN (
        SELECT date_trunc('day', completed_at AT TIME ZONE 'UTC') AS day, status, error_code, count(*)
          FROM tasks WHERE business_id = ${businessId} AND completed_at >= ${since} AND kind <> 'check'
         GROUP BY 1, 2, 3
      ) AS ended USING (day)
     ORDER BY day`.execute(db);
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

/** How long tasks ran that completed or failed within 30 days, of the 10,000 last; null when there are none. */
export async function getRunTimes(
  db: Db,
  businessId: BusinessId,
): Promise<{ readonly p50: number; readonly p95: number } | null> {
  const { rows } = await sql<{ ms: number[] | null }>`
    SELECT percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY ms) AS ms
      FROM (
        SELECT round(extract(epoch FROM completed_at - started_at) * 1000)::double precision AS ms
          FROM tasks
         WHERE business_id = ${businessId} AND completed_at >= ${since} AND kind <> 'check'
           AND status IN ('completed', 'failed') AND started_at IS NOT NULL
         ORDER BY completed_at DESC LIMIT ${runTimesOf}
      ) AS last`.execute(db);
  const [p50, p95] = rows[0]?.ms ?? [];
  return p50 === undefined || p95 === undefined ? null : { p50, p95 };
}
