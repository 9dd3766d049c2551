import type { CredentialField } from "@stablehand/contract";
import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { BusinessId } from "../ids.ts";
import type { SealedCredentials } from "./credential-openings.ts";
import type { StoredEndUserKey } from "./end-user-keys.ts";

/** An end-user. */
export interface EndUser {
  readonly businessId: BusinessId;
  readonly endUserId: string;
}

/** Asks for a new key for one end-user; false when that end-user has no key. A worker does it. Safe to repeat. */
export async function askRotation(db: Db, { businessId, endUserId }: EndUser): Promise<boolean> {
  const result = await db
    .updateTable("end_user_keys")
    .set({ rotation_asked_at: sql`coalesce(rotation_asked_at, now())` })
    .where("business_id", "=", businessId)
    .where("end_user_id", "=", endUserId)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

interface AskedRow {
  readonly business_id: BusinessId;
  readonly end_user_id: string;
  readonly is_new: boolean;
}

/**
 * Asks for new keys for all end-users, or all of one business, in steps of `batchSize`; gives how many were asked for.
 *
 * Keys that are made meanwhile are left alone. Safe to repeat, and after a kill.
 */
export async function askAllRotations(db: Db, businessId: BusinessId | null, batchSize = 5_000): Promise<number> {
  let asked = 0;
  let after = { businessId: "", endUserId: "" };
  for (;;) {
    const { rows } = await sql<AskedRow>`
      WITH batch AS (
        SELECT business_id, end_user_id, rotation_asked_at IS NULL AS is_new FROM end_user_keys
         WHERE (${businessId}::text IS NULL OR business_id = ${businessId})
           AND (business_id, end_user_id) > (${after.businessId}, ${after.endUserId})
         ORDER BY business_id, end_user_id LIMIT ${batchSize}
      ), asked AS (
        UPDATE end_user_keys SET rotation_asked_at = now() FROM batch
         WHERE end_user_keys.business_id = batch.business_id AND end_user_keys.end_user_id = batch.end_user_id
           AND batch.is_new
      )
      SELECT * FROM batch ORDER BY business_id, end_user_id`.execute(db);
    asked += rows.filter((row) => row.is_new).length;
    const last = rows.at(-1);
    if (!last || rows.length < batchSize) return asked;
    after = { businessId: last.business_id, endUserId: last.end_user_id };
  }
}

/** How many end-users wait for a new key. */
export async function countAskedRotations(db: Db): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    SELECT count(*) FROM end_user_keys WHERE rotation_asked_at IS NOT NULL`.execute(db);
  return Number(rows[0]?.count);
}

/** Whether the end-user still waits for a new key. */
export async function isRotationAsked(db: Db, { businessId, endUserId }: EndUser): Promise<boolean> {
  const row = await db
    .selectFrom("end_user_keys")
    .select("key_id")
    .where("business_id", "=", businessId)
    .where("end_user_id", "=", endUserId)
    .where("rotation_asked_at", "is not", null)
    .executeTakeFirst();
  return row !== undefined;
}

/** An end-user who waits for a new key, and since when: PostgreSQL's own text, exact to the microsecond. */
export interface AskedRotation extends EndUser {
  readonly askedAt: string;
}

/** Some end-users who wait for a new key, the longest waiting first; `after` is the last one of the batch before. */
export async function listAskedRotations(db: Db, after: AskedRotation | null, limit: number): Promise<AskedRotation[]> {
  const { rows } = await sql<{ business_id: BusinessId; end_user_id: string; asked_at: string }>`
    SELECT business_id, end_user_id, rotation_asked_at::text AS asked_at FROM end_user_keys
     WHERE rotation_asked_at IS NOT NULL
       AND (rotation_asked_at, business_id, end_user_id)
         > (${after?.askedAt ?? "-infinity"}::timestamptz, ${after?.businessId ?? ""}, ${after?.endUserId ?? ""})
     ORDER BY rotation_asked_at, business_id, end_user_id LIMIT ${limit}`.execute(db);
  return rows.map((row) => ({ businessId: row.business_id, endUserId: row.end_user_id, askedAt: row.asked_at }));
}

interface RekeyRow {
  readonly key_id: Buffer;
  readonly sealed_private_key: Buffer;
  readonly keyring_key_id: Buffer;
  readonly field: CredentialField | null;
  readonly sealed: Buffer;
  readonly updated_at: string;
}

/**
 * Hands a worker all sealed values of an end-user for re-sealing, and writes down that it did, as `rekey`, in one statement.
 *
 * Null when the end-user has no key any more. Values that cannot be logged are not handed out.
 */
export async function takeForRekey(db: Db, endUser: EndUser, workerId: string): Promise<SealedCredentials | null> {
  const { businessId, endUserId } = endUser;
  const { rows } = await sql<RekeyRow>`
    WITH holding AS (
      SELECT key_id, sealed_private_key, keyring_key_id FROM end_user_keys
       WHERE business_id = ${businessId} AND end_user_id = ${endUserId}
         FOR KEY SHARE
    ), value AS (
      SELECT field, sealed, updated_at::text FROM credentials JOIN holding USING (key_id)
       WHERE business_id = ${businessId} AND end_user_id = ${endUserId}
    ), logged AS (
      INSERT INTO credential_access (business_id, end_user_id, action, fields, actor, key_id)
      SELECT ${businessId}, ${endUserId}, 'rekey',
             coalesce((SELECT array_agg(field ORDER BY field) FROM value), '{}'), ${`worker:${workerId}`}, key_id
        FROM holding
    )
    SELECT * FROM holding LEFT JOIN value ON true ORDER BY field`.execute(db);
  const [first] = rows;
  if (!first) return null;
  return {
    key: {
      keyId: first.key_id,
      sealedPrivateKey: first.sealed_private_key,
      keyringKeyId: first.keyring_key_id,
    },
    values: rows.flatMap(({ field, sealed, updated_at }) =>
      field === null ? [] : [{ field, sealed, updatedAt: updated_at }],
    ),
  };
}

/** A new key of an end-user, and the values as they are sealed to it. */
export interface Rekey {
  readonly key: Pick<StoredEndUserKey, "keyId" | "sealedPrivateKey" | "keyringKeyId"> & { readonly publicKey: Buffer };
  readonly values: readonly { readonly field: CredentialField; readonly sealed: Buffer }[];
}

/**
 * Puts a new key and the values that are sealed to it in the place of the old ones; the old key is destroyed for good.
 *
 * All or nothing: false, and nothing changed, when key or values are no longer those that `takeForRekey` gave. The key's row
 * is locked as by a DELETE: a PUT under way is waited for, one that comes later is sealed to the new key. The values'
 * `updatedAt` stays, since they are the same.
 */
export function storeRekey(db: Db, endUser: EndUser, read: SealedCredentials, rekey: Rekey): Promise<boolean> {
  const { businessId, endUserId } = endUser;
  return db.transaction().execute(async (transaction) => {
    const held = await transaction
      .selectFrom("end_user_keys")
      .select("key_id")
      .where("business_id", "=", businessId)
      .where("end_user_id", "=", endUserId)
      .where("key_id", "=", read.key.keyId)
      .forUpdate() // and not the weaker lock of an update: PUTs hold FOR KEY SHARE
      .executeTakeFirst();
    if (!held) return false;
    const { rows: stored } = await sql<{ field: CredentialField; updated_at: string }>`
      SELECT field, updated_at::text FROM credentials
       WHERE business_id = ${businessId} AND end_user_id = ${endUserId} ORDER BY field FOR UPDATE`.execute(transaction);
    const isAsRead =
      stored.length === read.values.length &&
      stored.every((row) =>
        read.values.some(({ field, updatedAt }) => field === row.field && updatedAt === row.updated_at),
      );
    if (!isAsRead) return false;
    const { keyId, publicKey, sealedPrivateKey, keyringKeyId } = rekey.key;
    await sql`
      WITH rekeyed AS (
        UPDATE end_user_keys
           SET key_id = ${keyId}, public_key = ${publicKey}, sealed_private_key = ${sealedPrivateKey},
               keyring_key_id = ${keyringKeyId}, created_at = now(), rotation_asked_at = NULL
         WHERE business_id = ${businessId} AND end_user_id = ${endUserId}
      )
      UPDATE credentials SET key_id = ${keyId}, sealed = value.sealed
        FROM unnest(${rekey.values.map(({ field }) => field)}::text[], ${rekey.values.map(({ sealed }) => sealed)}::bytea[])
          AS value (field, sealed)
       WHERE business_id = ${businessId} AND end_user_id = ${endUserId} AND credentials.field = value.field`.execute(
      transaction,
    );
    return true;
  });
}
