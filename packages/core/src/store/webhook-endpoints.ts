import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { BusinessId, WebhookEndpointId } from "../ids.ts";
import type { WebhookTables } from "./webhooks.ts";

/** An endpoint as its owner may see it: without its secret. */
export interface StoredWebhookEndpoint {
  readonly endpointId: WebhookEndpointId;
  readonly url: string;
  readonly description: string | null;
  readonly createdAt: Date;
  readonly lastDeliveryAt: Date | null;
  readonly lastAttemptAt: Date | null;
  /** In words. */
  readonly lastOutcome: string | null;
  readonly failingSince: Date | null;
  readonly disabledAt: Date | null;
  readonly eventsLost: number;
}

const columns = [
  "endpoint_id",
  "url",
  "description",
  "created_at",
  "last_delivery_at",
  "last_attempt_at",
  "last_outcome",
  "failing_since",
  "disabled_at",
  "events_lost",
] as const;

type Row = { created_at: Date; events_lost: number } & Pick<
  WebhookTables["webhook_endpoints"],
  Exclude<(typeof columns)[number], "created_at" | "events_lost">
>;

function toEndpoint(row: Row): StoredWebhookEndpoint {
  return {
    endpointId: row.endpoint_id,
    url: row.url,
    description: row.description,
    createdAt: row.created_at,
    lastDeliveryAt: row.last_delivery_at,
    lastAttemptAt: row.last_attempt_at,
    lastOutcome: row.last_outcome,
    failingSince: row.failing_since,
    disabledAt: row.disabled_at,
    eventsLost: row.events_lost,
  };
}

/** An endpoint to be stored, its secret sealed to the keyring. */
export interface NewWebhookEndpoint {
  readonly endpointId: WebhookEndpointId;
  readonly url: string;
  readonly description: string | null;
  readonly sealedSecret: Buffer;
  readonly keyringKeyId: Buffer;
}

/** Stores an endpoint; null when the business has `endpointsMax` already, however many ask at once. */
export function createWebhookEndpoint(
  db: Db,
  businessId: BusinessId,
  endpoint: NewWebhookEndpoint,
  endpointsMax: number,
): Promise<StoredWebhookEndpoint | null> {
  return db.transaction().execute(async (transaction) => {
    // One at a time for a business; tasks and keys, which only refer to its row, are not held up.
    await transaction
      .selectFrom("businesses")
      .select("business_id")
      .where("business_id", "=", businessId)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    const { count } = await transaction
      .selectFrom("webhook_endpoints")
      .select(({ fn }) => fn.countAll<string>().as("count"))
      .where("business_id", "=", businessId)
      .executeTakeFirstOrThrow();
    if (Number(count) >= endpointsMax) return null;
    const row = await transaction
      .insertInto("webhook_endpoints")
      .values({
        endpoint_id: endpoint.endpointId,
        business_id: businessId,
        url: endpoint.url,
        description: endpoint.description,
        sealed_secret: endpoint.sealedSecret,
        keyring_key_id: endpoint.keyringKeyId,
      })
      .returning(columns)
      .executeTakeFirstOrThrow();
    return toEndpoint(row);
  });
}

/** One attempt to deliver an event to an endpoint. */
export interface DeliveryAttempt {
  readonly sequence: number;
  readonly at: Date;
  readonly eventId: string;
  readonly eventType: string;
  readonly attempt: number;
  readonly delivered: boolean;
  /** In words. */
  readonly outcome: string;
}

/** The attempts to deliver to an endpoint of a business, the newest first; `before` is the last of the page before. Null when it has no such endpoint. */
export async function listDeliveryAttempts(
  db: Db,
  { businessId, endpointId }: { readonly businessId: BusinessId; readonly endpointId: WebhookEndpointId },
  page: { readonly limit: number; readonly before: number | undefined },
): Promise<DeliveryAttempt[] | null> {
  const endpoint = await db
    .selectFrom("webhook_endpoints")
    .select("endpoint_id")
    .where("business_id", "=", businessId)
    .where("endpoint_id", "=", endpointId)
    .executeTakeFirst();
  if (!endpoint) return null;
  const rows = await db
    .selectFrom("webhook_attempts")
    .select(["n", "at", "event_id", "event_type", "attempt", "delivered", "outcome"])
    .where("endpoint_id", "=", endpointId)
    .$if(page.before !== undefined, (query) => query.where("n", "<", String(page.before)))
    .orderBy("n", "desc")
    .limit(page.limit)
    .execute();
  return rows.map(({ n, event_id: eventId, event_type: eventType, ...row }) => ({
    ...row,
    sequence: Number(n),
    eventId,
    eventType,
  }));
}

/** The endpoints of a business, the oldest first. */
export async function listWebhookEndpoints(db: Db, businessId: BusinessId): Promise<StoredWebhookEndpoint[]> {
  const rows = await db
    .selectFrom("webhook_endpoints")
    .select(columns)
    .where("business_id", "=", businessId)
    .orderBy("created_at")
    .orderBy("endpoint_id")
    .execute();
  return rows.map(toEndpoint);
}

/** Deletes an endpoint with all that waits for it. False when this business has none of that id. */
export async function deleteWebhookEndpoint(
  db: Db,
  businessId: BusinessId,
  endpointId: WebhookEndpointId,
): Promise<boolean> {
  const result = await db
    .deleteFrom("webhook_endpoints")
    .where("business_id", "=", businessId)
    .where("endpoint_id", "=", endpointId)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** The secret of an endpoint, sealed. */
export interface SealedWebhookSecret {
  readonly businessId: BusinessId;
  readonly endpointId: WebhookEndpointId;
  readonly sealedSecret: Buffer;
  readonly keyringKeyId: Buffer;
}

/**
 * Some secrets that are sealed to another keyring key than `keyringKeyId`, in the order of their endpoints' ids.
 *
 * `after` is the last id of the batch before, so that a secret which cannot be re-sealed is passed by, not met again.
 */
export async function listSecretsNotSealedTo(
  db: Db,
  keyringKeyId: Buffer,
  after: WebhookEndpointId | null,
  limit: number,
): Promise<SealedWebhookSecret[]> {
  const rows = await db
    .selectFrom("webhook_endpoints")
    .select(["business_id", "endpoint_id", "sealed_secret", "keyring_key_id"])
    .where("keyring_key_id", "!=", keyringKeyId)
    .$if(after !== null, (query) => query.where(sql<boolean>`endpoint_id > ${after}`))
    .orderBy("endpoint_id")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    businessId: row.business_id,
    endpointId: row.endpoint_id,
    sealedSecret: row.sealed_secret,
    keyringKeyId: row.keyring_key_id,
  }));
}

/** Puts a re-sealed secret in the place of the old one. Changes nothing when the row is gone or was re-sealed by another worker. */
export async function replaceSealedSecret(
  db: Db,
  old: SealedWebhookSecret,
  sealedSecret: Buffer,
  keyringKeyId: Buffer,
): Promise<boolean> {
  const result = await db
    .updateTable("webhook_endpoints")
    .set({ sealed_secret: sealedSecret, keyring_key_id: keyringKeyId })
    .where("endpoint_id", "=", old.endpointId)
    .where("keyring_key_id", "=", old.keyringKeyId)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** How many endpoints' secrets are sealed to each key of the keyring, by key id in hex. */
export async function countSecretsByKeyringKey(db: Db): Promise<Map<string, number>> {
  const { rows } = await sql<{ key_id: string; count: string }>`
    SELECT encode(keyring_key_id, 'hex') AS key_id, count(*) FROM webhook_endpoints GROUP BY keyring_key_id`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.key_id, Number(row.count)]));
}
