import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { BusinessId } from "../ids.ts";

/** An end-user's key as stored. */
export interface StoredEndUserKey {
  readonly businessId: BusinessId;
  readonly endUserId: string;
  readonly keyId: Buffer;
  readonly sealedPrivateKey: Buffer;
  readonly keyringKeyId: Buffer;
}

/**
 * Some end-user keys that are still sealed to the keyring key `keyringKeyId`, in the order of their owners.
 *
 * `after` is the last one of the batch before, so that a key which cannot be re-sealed is passed by, not met again.
 */
export async function listKeysSealedTo(
  db: Db,
  keyringKeyId: Buffer,
  after: StoredEndUserKey | null,
  limit: number,
): Promise<StoredEndUserKey[]> {
  const rows = await db
    .selectFrom("end_user_keys")
    .select(["business_id", "end_user_id", "key_id", "sealed_private_key", "keyring_key_id"])
    .where("keyring_key_id", "=", keyringKeyId)
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(business_id, end_user_id) > (${after?.businessId}, ${after?.endUserId})`),
    )
    .orderBy("business_id")
    .orderBy("end_user_id")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    businessId: row.business_id,
    endUserId: row.end_user_id,
    keyId: row.key_id,
    sealedPrivateKey: row.sealed_private_key,
    keyringKeyId: row.keyring_key_id,
  }));
}

/**
 * Puts a re-sealed private half in the place of the old one.
 *
 * Changes nothing when the row is no longer the one that was read: deleted, replaced, or re-sealed by another worker.
 */
export async function replaceSealedKey(
  db: Db,
  old: StoredEndUserKey,
  sealedPrivateKey: Buffer,
  keyringKeyId: Buffer,
): Promise<boolean> {
  const result = await db
    .updateTable("end_user_keys")
    .set({ sealed_private_key: sealedPrivateKey, keyring_key_id: keyringKeyId })
    .where("business_id", "=", old.businessId)
    .where("end_user_id", "=", old.endUserId)
    .where("key_id", "=", old.keyId)
    .where("keyring_key_id", "=", old.keyringKeyId)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** How many end-user keys are sealed to each key of the keyring, by key id in hex. */
export async function countByKeyringKey(db: Db): Promise<Map<string, number>> {
  const { rows } = await sql<{ key_id: string; count: string }>`
    SELECT encode(keyring_key_id, 'hex') AS key_id, count(*) FROM end_user_keys GROUP BY keyring_key_id`.execute(db);
  return new Map(rows.map((row) => [row.key_id, Number(row.count)]));
}
