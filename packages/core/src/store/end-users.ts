import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { BusinessId } from "../ids.ts";

/** Which end-users are looked for. */
export interface EndUserSearch {
  /** What their ids begin with. */
  readonly prefix: string;
  /** What their ids contain, whatever the case of ASCII letters. */
  readonly text: string;
  /** Only those that come after this one; null: from the first. */
  readonly after: string | null;
  readonly limit: number;
  /** How many are looked through at most. */
  readonly lookedThroughMax: number;
}

/**
 * The ids of end-users that have a key, in the order of their bytes. `next` is that after which the list goes on, null at
 * its end: there can be more though fewer than `limit` were found.
 *
 * Reads `lookedThroughMax` entries of an index at most, however many there are and whatever is looked for.
 */
export async function findEndUsers(
  db: Db,
  businessId: BusinessId,
  { prefix, text, after, limit, lookedThroughMax }: EndUserSearch,
): Promise<{ readonly endUserIds: readonly string[]; readonly next: string | null }> {
  const { rows } = await sql<{ end_user_id: string; is_found: boolean }>`
    WITH looked AS MATERIALIZED (
      SELECT end_user_id, row_number() OVER (ORDER BY end_user_id) AS n
        FROM end_user_keys
       WHERE business_id = ${businessId} AND end_user_id >= ${prefix} AND end_user_id > ${after ?? ""}
       ORDER BY end_user_id LIMIT ${lookedThroughMax}
    ), begins AS MATERIALIZED (
      SELECT * FROM looked WHERE starts_with(end_user_id, ${prefix})
    ), found AS (
      SELECT end_user_id, n, true AS is_found FROM begins
       WHERE strpos(lower(end_user_id), lower(${text} COLLATE "C")) > 0 ORDER BY n LIMIT ${limit + 1}
    )
    SELECT * FROM found
    UNION ALL
    SELECT end_user_id, n, false FROM begins WHERE n = ${lookedThroughMax}
    ORDER BY is_found DESC, n`.execute(db);
  const found = rows.filter((row) => row.is_found).map((row) => row.end_user_id);
  const endUserIds = found.slice(0, limit);
  const lastLookedAt = rows.find((row) => !row.is_found)?.end_user_id ?? null;
  return { endUserIds, next: found.length > limit ? (endUserIds.at(-1) ?? null) : lastLookedAt };
}
