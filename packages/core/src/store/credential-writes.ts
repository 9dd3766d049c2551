import type { CredentialField } from "@stablehand/contract";
import type { Pool } from "pg";
import { type Prepared, runPrepared } from "../database.ts";
import type { BusinessId } from "../ids.ts";

/** One PUT, sealed: values for one end-user's key, and that key's row when this PUT made it. */
export interface CredentialWrite {
  readonly businessId: BusinessId;
  readonly endUserId: string;
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

// Rows are locked and inserted in one order everywhere, so that two such statements cannot wait for each other.
// FOR KEY SHARE holds off a DELETE of the end-user's key until the values are in, and sees one that came first.
const writeAll: Prepared = {
  name: "write-credentials",
  text: `
    WITH put AS (
      SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::text[])
        WITH ORDINALITY
        AS put (business_id, end_user_id, key_id, public_key, sealed_private_key, keyring_key_id, actor, n)
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
    ), logged AS (
      INSERT INTO credential_access (business_id, end_user_id, action, fields, actor)
      SELECT business_id, end_user_id, 'set', array_agg(field ORDER BY field), actor
        FROM value GROUP BY n, business_id, end_user_id, actor ORDER BY n
    )
    SELECT n FROM current`,
};

/**
 * Stores any number of PUTs in one statement, each with its access-log row.
 *
 * A PUT is stored whole or not at all. Answers in the order given: false when the end-user's key is no longer the one
 * that the values were sealed to (or another was made first), and then nothing of that PUT is stored.
 * An end-user may appear once in a call. Fields not written keep their value; of two writers of a field the last wins.
 */
export async function writeCredentials(pool: Pool, writes: readonly CredentialWrite[]): Promise<boolean[]> {
  const values = writes.flatMap((write, index) => write.values.map((value) => ({ n: index + 1, ...value })));
  const rows = await runPrepared<{ n: string }>(pool, writeAll, [
    writes.map((write) => write.businessId),
    writes.map((write) => write.endUserId),
    writes.map((write) => write.keyId),
    writes.map((write) => write.newKey?.publicKey ?? null),
    writes.map((write) => write.newKey?.sealedPrivateKey ?? null),
    writes.map((write) => write.newKey?.keyringKeyId ?? null),
    writes.map((write) => write.actor),
    values.map((value) => value.n),
    values.map((value) => value.field),
    values.map((value) => value.sealed),
  ]);
  const stored = new Set(rows.map((row) => Number(row.n)));
  return writes.map((_, index) => stored.has(index + 1));
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
