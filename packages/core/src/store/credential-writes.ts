import type { CredentialField } from "@stablehand/contract";
import type { Pool, PoolClient } from "pg";
import { type Prepared, runPrepared } from "../database.ts";
import type { BusinessId } from "../ids.ts";

/** One PUT, sealed: values for one end-user's key, and that key's row when this PUT made it. */
export interface CredentialWrite {
  readonly businessId: BusinessId;
  readonly endUserId: string;
  /** The API key that asks for it, which the statement confirms; null of an account, which was looked up before. */
  readonly apiKeyId: string | null;
  /** Who it is in the access log. */
  readonly actor: string;
  readonly keyId: Buffer;
  readonly newKey: { publicKey: Buffer; sealedPrivateKey: Buffer; keyringKeyId: Buffer } | null;
  readonly values: readonly { readonly field: CredentialField; readonly sealed: Buffer }[];
}

/** The public side of an end-user's stored key. */
export interface StoredPublicKey {
  readonly keyId: Buffer;
  readonly publicKey: Buffer;
}

/**
 * What became of a PUT. `key_changed`: the end-user's key is not the one that its values were sealed to (deleted, or another
 * was made first). `refused`: its API key does not allow it, or not any more. Of either nothing is stored.
 */
export type WriteOutcome = "stored" | "key_changed" | "refused";

// Rows are locked and inserted in one order everywhere, so that two such statements cannot wait for each other.
// The log comes last, out of what was written: its chains are locked after all rows, in the order of the businesses.
// FOR KEY SHARE holds off a DELETE of the end-user's key until the values are in, and sees one that came first.
const writeAll: Prepared = {
  name: "write-credentials",
  text: `
    WITH asked AS (
      SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::text[], $11::text[])
        WITH ORDINALITY
        AS asked (business_id, end_user_id, key_id, public_key, sealed_private_key, keyring_key_id, api_key_id, actor, n)
    ), put AS (
      SELECT asked.* FROM asked
       WHERE api_key_id IS NULL OR EXISTS (
         SELECT FROM api_keys WHERE api_keys.key_id = asked.api_key_id AND api_keys.business_id = asked.business_id
            AND api_key_allows(api_keys, 'credentials:write', asked.end_user_id))
    ), created AS (
      INSERT INTO end_user_keys (business_id, end_user_id, key_id, public_key, sealed_private_key, keyring_key_id)
      SELECT business_id, end_user_id, key_id, public_key, sealed_private_key, keyring_key_id
        FROM put WHERE sealed_private_key IS NOT NULL ORDER BY business_id, end_user_id
      ON CONFLICT (business_id, end_user_id) DO NOTHING
      RETURNING business_id, end_user_id, key_id
    ), present AS (
      SELECT put.n FROM put JOIN end_user_keys stored USING (business_id, end_user_id, key_id)
       ORDER BY put.business_id, put.end_user_id
         FOR KEY SHARE OF stored
    ), current AS (
      SELECT put.* FROM put JOIN present USING (n)
      UNION ALL
      SELECT put.* FROM put JOIN created USING (business_id, end_user_id, key_id)
    ), value AS (
      SELECT current.*, value.field, value.sealed
        FROM unnest($8::bigint[], $9::text[], $10::bytea[]) AS value (n, field, sealed) JOIN current USING (n)
    ), written AS (
      INSERT INTO credentials (business_id, end_user_id, field, key_id, sealed)
      SELECT business_id, end_user_id, field, key_id, sealed FROM value ORDER BY business_id, end_user_id, field
      ON CONFLICT (business_id, end_user_id, field)
        DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed, updated_at = excluded.updated_at
      RETURNING business_id, end_user_id, field
    ), logged AS (
      INSERT INTO credential_access (business_id, end_user_id, action, fields, actor, key_id)
      SELECT business_id, end_user_id, 'set', array_agg(field ORDER BY field), actor, key_id
        FROM written JOIN current USING (business_id, end_user_id)
       GROUP BY n, business_id, end_user_id, actor, key_id ORDER BY business_id, n
    )
    SELECT put.n, current.n IS NOT NULL AS stored FROM put LEFT JOIN current ON current.n = put.n`,
};

/**
 * Stores any number of PUTs in one statement, each with its access-log row.
 *
 * A PUT is stored whole or not at all. Answers in the order given. An end-user may appear once in a call. Fields not written keep their value; of two writers of a field the last wins.
 */
export async function writeCredentials(
  pool: Pool | PoolClient,
  writes: readonly CredentialWrite[],
): Promise<WriteOutcome[]> {
  const values = writes.flatMap((write, index) => write.values.map((value) => ({ n: index + 1, ...value })));
  const rows = await runPrepared<{ n: string; stored: boolean }>(pool, writeAll, [
    writes.map((write) => write.businessId),
    writes.map((write) => write.endUserId),
    writes.map((write) => write.keyId),
    writes.map((write) => write.newKey?.publicKey ?? null),
    writes.map((write) => write.newKey?.sealedPrivateKey ?? null),
    writes.map((write) => write.newKey?.keyringKeyId ?? null),
    writes.map((write) => write.apiKeyId),
    values.map((value) => value.n),
    values.map((value) => value.field),
    values.map((value) => value.sealed),
    writes.map((write) => write.actor),
  ]);
  const outcomes = new Map(rows.map((row) => [Number(row.n), row.stored ? "stored" : "key_changed"] as const));
  return writes.map((_, index) => outcomes.get(index + 1) ?? "refused");
}

const findKeys: Prepared = {
  name: "find-end-user-keys",
  text: `SELECT wanted.n, stored.key_id, stored.public_key
           FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (business_id, end_user_id, n)
           JOIN end_user_keys stored USING (business_id, end_user_id)`,
};

/** Looks up the keys of any number of end-users, in one statement; null where there is none. In the order asked. */
export async function findEndUserKeys(
  pool: Pool,
  owners: readonly { readonly businessId: BusinessId; readonly endUserId: string }[],
): Promise<(StoredPublicKey | null)[]> {
  const rows = await runPrepared<{ n: string; key_id: Buffer; public_key: Buffer }>(pool, findKeys, [
    owners.map((owner) => owner.businessId),
    owners.map((owner) => owner.endUserId),
  ]);
  const found = new Map(rows.map((row) => [Number(row.n), { keyId: row.key_id, publicKey: row.public_key }]));
  return owners.map((_, index) => found.get(index + 1) ?? null);
}

const createKey: Prepared = {
  name: "create-end-user-key",
  text: `INSERT INTO end_user_keys (business_id, end_user_id, key_id, public_key, sealed_private_key, keyring_key_id)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (business_id, end_user_id) DO NOTHING`,
};

/** Stores an end-user's key ahead of any value. Does nothing when that end-user has one by now. */
export async function createEndUserKeyRow(
  pool: Pool,
  owner: { readonly businessId: BusinessId; readonly endUserId: string },
  key: StoredPublicKey & { readonly sealedPrivateKey: Buffer; readonly keyringKeyId: Buffer },
): Promise<void> {
  const { keyId, publicKey, sealedPrivateKey, keyringKeyId } = key;
  await runPrepared(pool, createKey, [
    owner.businessId,
    owner.endUserId,
    keyId,
    publicKey,
    sealedPrivateKey,
    keyringKeyId,
  ]);
}
