import { type Selectable, sql } from "kysely";
import type { AccessRow } from "../access-entry.ts";
import type { Db } from "../database.ts";
import type { BusinessId } from "../ids.ts";
import type { Schema } from "../schema.ts";

/** The end of a business's chain: whoever keeps it elsewhere can tell later whether the log up to there was changed. */
export interface AccessHead {
  readonly businessId: BusinessId;
  readonly business: string | null;
  readonly sequence: number;
  readonly hash: string;
}

type StoredRow = Omit<Selectable<Schema["credential_access"]>, "at"> & { readonly at: string };

function rows(db: Db) {
  return db
    .selectFrom("credential_access")
    .select([
      "business_id",
      "sequence",
      "end_user_id",
      "action",
      "fields",
      "actor",
      "task_id",
      "key_id",
      "previous",
      "hash",
      sql<string>`to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`.as("at"),
    ]);
}

function toAccessRow(row: StoredRow): AccessRow {
  return {
    businessId: row.business_id,
    sequence: Number(row.sequence),
    at: row.at,
    action: row.action,
    endUserId: row.end_user_id,
    fields: row.fields,
    actor: row.actor,
    taskId: row.task_id,
    keyId: row.key_id?.toString("hex") ?? null,
    previous: row.previous.toString("hex"),
    hash: row.hash.toString("hex"),
  };
}

/** The log of a business, the newest first; `before` is the sequence of the last row of the page before. */
export async function listCredentialAccess(
  db: Db,
  businessId: BusinessId,
  page: { readonly limit: number; readonly endUserId?: string; readonly before?: number },
): Promise<AccessRow[]> {
  const found = await rows(db)
    .where("business_id", "=", businessId)
    .$if(page.endUserId !== undefined, (query) => query.where("end_user_id", "=", page.endUserId ?? ""))
    .$if(page.before !== undefined, (query) => query.where("sequence", "<", String(page.before)))
    .orderBy("sequence", "desc")
    .limit(page.limit)
    .execute();
  return found.map(toAccessRow);
}

/** Some rows of all businesses, or of one, in the order of their chains; `after` is the last row of the part before. */
export async function readAccessLog(
  db: Db,
  part: { readonly businessId: BusinessId | null; readonly after: AccessRow | null; readonly limit: number },
): Promise<AccessRow[]> {
  const { businessId, after } = part;
  const found = await rows(db)
    .$if(businessId !== null, (query) => query.where("business_id", "=", businessId ?? ("" as BusinessId)))
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(business_id, sequence) > (${after?.businessId}, ${after?.sequence}::bigint)`),
    )
    .orderBy("business_id")
    .orderBy("sequence")
    .limit(part.limit)
    .execute();
  return found.map(toAccessRow);
}

/** The ends of the chains of all businesses that have one, or of one business. */
export async function readAccessHeads(db: Db, businessId: BusinessId | null): Promise<AccessHead[]> {
  const { rows: found } = await sql<{ business_id: BusinessId; name: string | null; sequence: string; hash: Buffer }>`
    WITH RECURSIVE chain AS (
      (SELECT business_id FROM credential_access ORDER BY business_id LIMIT 1)
      UNION ALL
      SELECT (SELECT business_id FROM credential_access AS further
               WHERE further.business_id > chain.business_id ORDER BY business_id LIMIT 1)
        FROM chain WHERE chain.business_id IS NOT NULL
    )
    SELECT chain.business_id, businesses.name, head.sequence, head.hash
      FROM chain
      CROSS JOIN LATERAL (SELECT sequence, hash FROM credential_access AS log
                           WHERE log.business_id = chain.business_id ORDER BY sequence DESC LIMIT 1) AS head
      LEFT JOIN businesses USING (business_id)
     WHERE ${businessId}::text IS NULL OR chain.business_id = ${businessId}
     ORDER BY chain.business_id`.execute(db);
  return found.map((row) => ({
    businessId: row.business_id,
    business: row.name,
    sequence: Number(row.sequence),
    hash: row.hash.toString("hex"),
  }));
}
