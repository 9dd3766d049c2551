import { createHash, randomInt } from "node:crypto";
import type { Scope } from "@stablehand/contract";
import { type Selectable, sql } from "kysely";
import type { Pool } from "pg";
import { type Db, type Prepared, runPrepared } from "../database.ts";
import type { BusinessId } from "../ids.ts";
import type { Schema } from "../schema.ts";

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
  /** The rest is there only of a key that it was given to. */
  readonly scopes?: readonly Scope[];
  readonly endUserPrefix?: string;
  readonly expiresAt?: Date;
  /** The key that was made to take its place. */
  readonly replacedBy?: string;
}

/** What makes a key narrower than its business. It never changes, but that a rotation brings the end nearer. */
export type Narrowing = Pick<ApiKey, "scopes" | "endUserPrefix" | "expiresAt">;

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

const shown = [
  "key_id",
  "label",
  "created_at",
  "last_used_at",
  "revoked_at",
  "scopes",
  "end_user_prefix",
  "expires_at",
  "replaced_by",
] as const;

function toApiKey(row: Pick<Selectable<Schema["api_keys"]>, (typeof shown)[number]>): ApiKey {
  return {
    keyId: row.key_id,
    prefix: row.key_id,
    label: row.label,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
    ...(row.scopes && { scopes: row.scopes }),
    ...(row.end_user_prefix !== null && { endUserPrefix: row.end_user_prefix }),
    ...(row.expires_at && { expiresAt: row.expires_at }),
    ...(row.replaced_by !== null && { replacedBy: row.replaced_by }),
  };
}

/** Makes a key for a business; it may do everything unless it is narrowed. */
export async function createApiKey(
  db: Db,
  businessId: BusinessId,
  label: string | null,
  { scopes, endUserPrefix, expiresAt }: Narrowing = {},
): Promise<CreatedApiKey> {
  const secret = `${marker}${randomText(8)}_${randomText(40)}`;
  const row = await db
    .insertInto("api_keys")
    .values({
      key_id: secret.slice(0, keyIdLength),
      business_id: businessId,
      secret_hash: hashSecret(secret),
      label,
      scopes: scopes ? [...scopes] : null,
      end_user_prefix: endUserPrefix ?? null,
      expires_at: expiresAt ?? null,
    })
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

/** What became of a rotation. `ended`: the key counts no more, or was replaced before. */
export type RotationOutcome =
  | { readonly outcome: "rotated"; readonly created: CreatedApiKey; readonly old: ApiKey }
  | { readonly outcome: "unknown" }
  | { readonly outcome: "ended" };

/**
 * Makes a key that may do what another may, and lets the other expire after `graceMs`, or when it would have anyway.
 *
 * The new one expires at `expiresAt`; when that is not given, when the old one would have.
 */
export function rotateApiKey(
  db: Db,
  businessId: BusinessId,
  keyId: string,
  { graceMs, expiresAt }: { readonly graceMs: number; readonly expiresAt?: Date | undefined },
): Promise<RotationOutcome> {
  return db.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom("api_keys")
      .select([...shown, sql<boolean>`coalesce(expires_at <= now(), false)`.as("expired")])
      .where("business_id", "=", businessId)
      .where("key_id", "=", keyId)
      .forUpdate()
      .executeTakeFirst();
    if (!row) return { outcome: "unknown" };
    if (row.revoked_at || row.expired || row.replaced_by) return { outcome: "ended" };
    const before = toApiKey(row);
    const narrowing = { ...before, ...(expiresAt && { expiresAt }) };
    const created = await createApiKey(transaction, businessId, row.label, narrowing);
    const old = await transaction
      .updateTable("api_keys")
      .set({
        replaced_by: created.keyId,
        expires_at: sql`least(expires_at, now() + ${graceMs}::double precision * interval '1 millisecond')`,
      })
      .where("key_id", "=", keyId)
      .returning(shown)
      .executeTakeFirstOrThrow();
    return { outcome: "rotated", created, old: toApiKey(old) };
  });
}

const findByHash: Prepared = {
  name: "find-api-keys",
  text: `SELECT key_id, business_id, secret_hash, revoked_at IS NOT NULL AS revoked,
                coalesce(expires_at <= now(), false) AS expired, scopes, end_user_prefix
           FROM api_keys WHERE secret_hash = ANY ($1::bytea[])`,
};

/** Who a secret belongs to, and whether it still counts. */
export interface KnownKey {
  readonly keyId: string;
  readonly businessId: BusinessId;
  readonly revoked: boolean;
  /** By the database's clock. */
  readonly expired: boolean;
  readonly scopes: readonly Scope[] | null;
  readonly endUserPrefix: string | null;
}

interface KnownKeyRow {
  readonly key_id: string;
  readonly business_id: BusinessId;
  readonly secret_hash: Buffer;
  readonly revoked: boolean;
  readonly expired: boolean;
  readonly scopes: Scope[] | null;
  readonly end_user_prefix: string | null;
}

/** Looks up secrets by hash, in one statement; null where a hash was never issued. Answers in the order asked. */
export async function findApiKeys(pool: Pool, hashes: readonly Buffer[]): Promise<(KnownKey | null)[]> {
  const wanted = new Map(hashes.map((hash) => [hash.toString("base64"), hash]));
  const rows = await runPrepared<KnownKeyRow>(pool, findByHash, [[...wanted.values()]]);
  const found = new Map(
    rows.map(({ key_id: keyId, business_id: businessId, end_user_prefix: endUserPrefix, ...row }) => [
      row.secret_hash.toString("base64"),
      { keyId, businessId, endUserPrefix, revoked: row.revoked, expired: row.expired, scopes: row.scopes },
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
