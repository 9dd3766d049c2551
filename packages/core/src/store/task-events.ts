import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { TaskId } from "../ids.ts";

/** One event of a task, as its followers get it. */
export interface TaskEvent {
  /** From 1, without gaps. */
  readonly n: number;
  readonly type: "status" | "step";
  /** JSON. */
  readonly data: string;
  readonly at: Date;
}

/** Whoever follows a task and has seen its events up to `after`. */
export interface Follower {
  readonly taskId: TaskId;
  readonly after: number;
}

const eventsMax = 100;

/**
 * What is new for each of `followers`, in one statement; the oldest 100 each, beside the first.
 *
 * The first event says that the task was made, which its own row says too: none is stored.
 */
export async function readEvents(
  db: Db,
  followers: readonly Follower[],
): Promise<readonly (TaskEvent & { readonly follower: number })[]> {
  const { rows } = await sql<TaskEvent & { follower: number }>`
    SELECT (asking.ordinal - 1)::integer AS follower, event.n, event.type, event.data, event.at
      FROM unnest(${followers.map((one) => one.taskId)}::uuid[], ${followers.map((one) => one.after)}::integer[])
           WITH ORDINALITY AS asking (task_id, after, ordinal)
      CROSS JOIN LATERAL (
        SELECT 1 AS n, 'status' AS type, '{"status":"pending"}' AS data, created_at AS at FROM tasks
         WHERE tasks.task_id = asking.task_id AND asking.after < 1
         UNION ALL
        (SELECT n, type, data, at FROM task_events
          WHERE task_events.task_id = asking.task_id AND n > greatest(asking.after, 1) ORDER BY n LIMIT ${eventsMax})
      ) AS event
     ORDER BY asking.ordinal, event.n`.execute(db);
  return rows;
}
