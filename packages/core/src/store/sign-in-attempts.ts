import { sql } from "kysely";
import type { Db } from "../database.ts";

/** How often something may be tried: `max` times within `windowSeconds`, from the first time on. */
export interface AttemptRule {
  readonly max: number;
  readonly windowSeconds: number;
}

/**
 * Counts one attempt; null when it may be made, else the seconds to wait, 1 at least.
 *
 * Counted in the database, by its clock, so that it holds over all API processes; attempts at once are each counted.
 */
export async function countAttempt(db: Db, key: string, { max, windowSeconds }: AttemptRule): Promise<number | null> {
  const { rows } = await sql<{ allowed: boolean; wait: number }>`
    INSERT INTO sign_in_attempts AS known (key, count, ends_at)
    VALUES (${key}, 1, now() + ${windowSeconds}::integer * interval '1 second')
    ON CONFLICT (key) DO UPDATE
      SET count = CASE WHEN known.ends_at <= now() THEN 1 ELSE least(known.count, ${max}::integer) + 1 END,
          ends_at = CASE WHEN known.ends_at <= now() THEN excluded.ends_at ELSE known.ends_at END
    RETURNING count <= ${max}::integer AS allowed,
              greatest(1, ceil(extract(epoch FROM ends_at - now())))::integer AS wait`.execute(db);
  const [counted] = rows;
  return counted?.allowed ? null : (counted?.wait ?? windowSeconds);
}

/** Forgets the attempts under a key: it was the right one. */
export async function forgetAttempts(db: Db, key: string): Promise<void> {
  await db.deleteFrom("sign_in_attempts").where("key", "=", key).execute();
}
