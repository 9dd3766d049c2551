import { randomUUID } from "node:crypto";
import type { CredentialField, Health, Platform, WebhookEvent } from "@stablehand/contract";
import { sql } from "kysely";
import type { Db, StoreTransaction } from "../database.ts";
import type { BusinessId, TaskId } from "../ids.ts";

/** The sealed values of an end-user, with the row of the key that they are sealed to. */
export interface SealedCredentials {
  readonly key: { readonly keyId: Buffer; readonly sealedPrivateKey: Buffer; readonly keyringKeyId: Buffer };
  readonly values: readonly { readonly field: CredentialField; readonly sealed: Buffer; readonly updatedAt: string }[];
}

interface OpeningRow {
  readonly field: CredentialField;
  readonly sealed: Buffer;
  readonly updated_at: string;
  readonly key_id: Buffer;
  readonly sealed_private_key: Buffer;
  readonly keyring_key_id: Buffer;
}

/**
 * Hands a worker the sealed values it asks for, and writes down that it did, in one statement.
 *
 * An opening that cannot be logged hands out nothing. The key's row is held first, so that key and values fit each other
 * also while the key is being replaced. Fields that are not stored are left out; null when none is.
 * `updatedAt` is PostgreSQL's own text, exact to the microsecond: hand it back to `recordHealth` unchanged.
 */
export async function takeCredentials(
  db: Db,
  request: {
    readonly businessId: BusinessId;
    readonly endUserId: string;
    readonly fields: readonly CredentialField[];
    readonly taskId: TaskId;
    readonly workerId: string;
    /** How the log names it: as the opening for a sign-in check, or for any other task. */
    readonly action: "check" | "open";
  },
): Promise<SealedCredentials | null> {
  const { rows } = await sql<OpeningRow>`
    WITH holding AS (
      SELECT business_id, end_user_id, key_id, sealed_private_key, keyring_key_id FROM end_user_keys
       WHERE business_id = ${request.businessId} AND end_user_id = ${request.endUserId}
         FOR KEY SHARE
    ), wanted AS (
      SELECT credentials.business_id, credentials.end_user_id, field
        FROM credentials JOIN holding USING (business_id, end_user_id)
       WHERE field = ANY (${[...request.fields]}::text[])
       ORDER BY field FOR UPDATE OF credentials
    ), used AS (
      UPDATE credentials SET last_used_at = now() FROM wanted
       WHERE credentials.business_id = wanted.business_id AND credentials.end_user_id = wanted.end_user_id
         AND credentials.field = wanted.field
      RETURNING credentials.*
    ), opened AS (
      SELECT used.field, used.sealed, used.updated_at::text, key_id, sealed_private_key, keyring_key_id
        FROM used JOIN holding USING (business_id, end_user_id, key_id)
    ), logged AS (
      INSERT INTO credential_access (business_id, end_user_id, action, fields, actor, task_id, key_id)
      SELECT ${request.businessId}, ${request.endUserId}, ${request.action}, array_agg(field ORDER BY field),
             ${`worker:${request.workerId}`}, ${request.taskId}, key_id
        FROM opened GROUP BY key_id
    )
    SELECT * FROM opened ORDER BY field`.execute(db);
  const [first] = rows;
  if (!first) return null;
  return {
    key: {
      keyId: first.key_id,
      sealedPrivateKey: first.sealed_private_key,
      keyringKeyId: first.keyring_key_id,
    },
    values: rows.map((row) => ({ field: row.field, sealed: row.sealed, updatedAt: row.updated_at })),
  };
}

/** What a check found for one platform, and the state of the values that it was made with. */
export interface HealthRecord {
  readonly platform: Platform;
  readonly health: Health;
  readonly checkedAt: Date;
  /** `updatedAt` of every value of the platform, as `takeCredentials` gave them. */
  readonly credentialsUpdatedAt: readonly string[];
}

interface HealthRow {
  readonly health: Health;
  readonly credentials_updated_at: string;
}

/**
 * Stores what a check found; the newest check wins. Does nothing when the end-user's credentials are gone by now.
 *
 * Each time that a platform has come to refuse what is stored, the business's webhooks are told, in the same transaction:
 * not again while it stays so, and anew for values that were uploaded since.
 */
export async function recordHealth(
  transaction: StoreTransaction,
  owner: { readonly businessId: BusinessId; readonly endUserId: string },
  records: readonly HealthRecord[],
): Promise<void> {
  for (const record of records) {
    const before = await sql<HealthRow>`
      SELECT health, credentials_updated_at::text FROM platform_health
       WHERE business_id = ${owner.businessId} AND end_user_id = ${owner.endUserId} AND platform = ${record.platform}
         FOR UPDATE`.execute(transaction);
    const after = await sql<HealthRow>`
      INSERT INTO platform_health (business_id, end_user_id, platform, health, checked_at, credentials_updated_at)
      SELECT business_id, end_user_id, ${record.platform}, ${record.health}, ${record.checkedAt}::timestamptz,
             (SELECT max(at) FROM unnest(${[...record.credentialsUpdatedAt]}::timestamptz[]) AS at)
        FROM end_user_keys
       WHERE business_id = ${owner.businessId} AND end_user_id = ${owner.endUserId}
         FOR KEY SHARE
      ON CONFLICT (business_id, end_user_id, platform) DO UPDATE
        SET health = excluded.health, checked_at = excluded.checked_at,
            credentials_updated_at = excluded.credentials_updated_at
      WHERE platform_health.checked_at <= excluded.checked_at
      RETURNING health, credentials_updated_at::text`.execute(transaction);
    const isNews = after.rows.length > 0 && JSON.stringify(after.rows) !== JSON.stringify(before.rows);
    const { health } = record;
    if (isNews && (health === "expired" || health === "challenged"))
      await enqueueCredentialEvent(transaction, owner, { ...record, health });
  }
}

async function enqueueCredentialEvent(
  transaction: StoreTransaction,
  { businessId, endUserId }: { readonly businessId: BusinessId; readonly endUserId: string },
  { health, platform, checkedAt }: HealthRecord & { readonly health: "expired" | "challenged" },
): Promise<void> {
  const event: WebhookEvent = {
    type: `credentials.${health}`,
    timestamp: checkedAt.toISOString(),
    data: { endUserId, platform },
  };
  await sql`
    INSERT INTO webhook_deliveries (endpoint_id, event_id, body)
    SELECT endpoint_id, ${`evt_${randomUUID()}`}, ${JSON.stringify(event)} FROM webhook_endpoints
     WHERE business_id = ${businessId} AND disabled_at IS NULL`.execute(transaction);
}
