import { createHash, randomInt } from "node:crypto";
import { sql } from "kysely";
import type { Pool } from "pg";
import { type Db, type Prepared, runPrepared } from "../database.ts";
import type { BusinessId } from "../ids.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const marker = "sb_live_";
const secretShape = /^sb_live_[A-Za-z0-9]{8}_[A-Za-z0-9]{40}$/;

/** The characters of a secret that name its key: the marker and eight more. */
export const keyIdLength = 16;

/** What may be shown of a key at any time. */
export interface ApiKey {
  readonly keyId: string;
  readonly prefix: string;
  readonly label: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** A key just made. `secret` is shown once and stored nowhere. */
export interface CreatedApiKey extends ApiKey {
  readonly businessId: BusinessId;
  readonly secret: string;
}

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/** What is stored of a secret. Plain SHA-256 suffices for 40 random characters: decision 0004. */
export function hashSecret(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** True when a text has the form of a secret; the database need not be asked about any other. */
export function looksLikeSecret(text: string): boolean {
  return secretShape.test(text);
}

const shown = ["key_id", "label", "created_at", "last_used_at", "revoked_at"] as const;

function toApiKey(row: {
  key_id: string;
  label: string | null;
  created_at: Date;
  last_used_at: Date | null;
  revoked_at: Date | null;
}): ApiKey {
  return {
    keyId: row.key_id,
    prefix: row.key_id,
    label: row.label,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}

/** Makes a key for a business. */
export async function createApiKey(db: Db, businessId: BusinessId, label: string | null): Promise<CreatedApiKey> {
  const secret = `${marker}${randomText(8)}_${randomText(40)}`;
  const row = await db
    .insertInto("api_keys")
    .values({ key_id: secret.slice(0, keyIdLength), business_id: businessId, secret_hash: hashSecret(secret), label })
    .returning(shown)
    .executeTakeFirstOrThrow();
  return { ...toApiKey(row), businessId, secret };
}

/** A business's keys, newest first, revoked ones included. */
export async function listApiKeys(db: Db, businessId: BusinessId): Promise<ApiKey[]> {
  const rows = await db
    .selectFrom("api_keys")
    .select(shown)
    .where("business_id", "=", businessId)
    .orderBy("created_at", "desc")
    .orderBy("key_id")
    .execute();
  return rows.map(toApiKey);
}

/**
 * Revokes a key, for good; again gives the same answer. Null when the business has no such key.
 *
 * Holds for every request that arrives anywhere after this returned: `findApiKeys` is asked each time.
 */
export async function revokeApiKey(db: Db, businessId: BusinessId, keyId: string): Promise<ApiKey | null> {
  const row = await db
    .updateTable("api_keys")
    .set({ revoked_at: sql`coalesce(revoked_at, now())` })
    .where("business_id", "=", businessId)
    .where("key_id", "=", keyId)
    .returning(shown)
    .executeTakeFirst();
  return row ? toApiKey(row) : null;
}

const findByHash: Prepared = {
  name: "find-api-keys",
  text: `SELECT key_id, business_id, secret_hash, revoked_at IS NOT NULL AS revoked
           FROM api_keys WHERE secret_hash = ANY ($1::bytea[])`,
};

/** Who a secret belongs to, and whether it still counts. */
export interface KnownKey {
  readonly keyId: string;
  readonly businessId: BusinessId;
  readonly revoked: boolean;
}

/** Looks up secrets by hash, in one statement; null where a hash was never issued. Answers in the order asked. */
export async function findApiKeys(pool: Pool, hashes: readonly Buffer[]): Promise<(KnownKey | null)[]> {
  const wanted = new Map(hashes.map((hash) => [hash.toString("base64"), hash]));
  const rows = await runPrepared<{ key_id: string; business_id: BusinessId; secret_hash: Buffer; revoked: boolean }>(
    pool,
    findByHash,
    [[...wanted.values()]],
  );
  const found = new Map(
    rows.map((row) => [
      row.secret_hash.toString("base64"),
      { keyId: row.key_id, businessId: row.business_id, revoked: row.revoked },
    ]),
  );
  return hashes.map((hash) => found.get(hash.toString("base64")) ?? null);
}

/** Records when keys were last used; best effort, the newest time wins. */
export async function touchApiKeys(db: Db, lastUsed: ReadonlyMap<string, Date>): Promise<void> {
  if (lastUsed.size === 0) return;
  await sql`
    UPDATE api_keys SET last_used_at = greatest(api_keys.last_used_at, used.at)
      FROM unnest(${[...lastUsed.keys()]}::text[], ${[...lastUsed.values()]}::timestamptz[]) AS used (key_id, at)
     WHERE api_keys.key_id = used.key_id`.execute(db);
}
