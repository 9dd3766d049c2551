import { deliveriesKept, type TaskErrorCode, type TaskStatus, type WebhookEvent } from "@stablehand/contract";
import { type ColumnType, type Generated, sql, type Transaction } from "kysely";
import type { Db } from "../database.ts";
import type { BusinessId, SessionId, TaskId, WebhookEndpointId } from "../ids.ts";
import type { Schema } from "../schema.ts";

/** The tables of webhooks, as migrations/0003 makes them. */
export interface WebhookTables {
  webhook_endpoints: {
    endpoint_id: WebhookEndpointId;
    business_id: BusinessId;
    url: string;
    description: string | null;
    sealed_secret: Buffer;
    keyring_key_id: Buffer;
    created_at: ColumnType<Date, never, never>;
    last_attempt_at: Date | null;
    last_delivery_at: Date | null;
    last_outcome: string | null;
    failing_since: Date | null;
    paused_until: Date | null;
    disabled_at: Date | null;
    events_lost: Generated<number>;
    attempts: Generated<string>;
  };
  webhook_deliveries: {
    endpoint_id: WebhookEndpointId;
    event_id: string;
    body: string;
    attempt: Generated<number>;
    created_at: Generated<Date>;
    next_attempt_at: Generated<Date>;
  };
  /** Written by `finishDelivery` alone. */
  webhook_attempts: {
    endpoint_id: WebhookEndpointId;
    n: ColumnType<string, never, never>;
    event_id: string;
    event_type: string;
    attempt: number;
    delivered: boolean;
    outcome: string;
    at: ColumnType<Date, never, never>;
  };
}

/** What the id of a test event begins with. */
export const testEventPrefix = "evt_test_";

/** How long an event is tried, from the end of its task on; the last attempt is made when this is over. */
export const deliveryHoursMax = 24;

/** A task that has ended, as far as its event tells of it. */
export interface EndedTask {
  readonly taskId: TaskId;
  readonly businessId: BusinessId;
  readonly sessionId: SessionId;
  readonly endUserId: string;
  readonly status: TaskStatus;
  readonly errorCode: TaskErrorCode | null;
  readonly completedAt: Date | null;
}

/**
 * Writes down that each endpoint of the business is to be told of the end of a task, in the transaction that ends it.
 *
 * One statement, an index look-up where there are no endpoints. The event's id comes from the task's, so that it is the
 * same for every endpoint and attempt, and a repetition adds nothing.
 */
export async function enqueueDeliveries(transaction: Transaction<Schema>, task: EndedTask): Promise<void> {
  await sql`
    INSERT INTO webhook_deliveries (endpoint_id, event_id, body)
    SELECT endpoint_id, ${`evt_${task.taskId}`}, ${JSON.stringify(eventOf(task))} FROM webhook_endpoints
     WHERE business_id = ${task.businessId} AND disabled_at IS NULL
    ON CONFLICT DO NOTHING`.execute(transaction);
}

function eventOf(task: EndedTask): WebhookEvent {
  const { taskId, sessionId, endUserId, status, errorCode, completedAt } = task;
  if (status === "pending" || status === "running" || !completedAt)
    throw new Error(`the task ${taskId} has not ended: there is nothing to tell yet`);
  return {
    type: `task.${status}`,
    timestamp: completedAt.toISOString(),
    data: { taskId, sessionId, endUserId, status, ...(errorCode && { errorCode }) },
  };
}

/** One attempt to deliver an event, leased: what is to be sent, where, and what signs it. */
export interface ClaimedDelivery {
  readonly endpointId: WebhookEndpointId;
  readonly eventId: string;
  /** From 1; it fences, so that an attempt whose lease ran out changes nothing any more. */
  readonly attempt: number;
  readonly businessId: BusinessId;
  readonly url: string;
  readonly body: string;
  readonly sealedSecret: Buffer;
  readonly keyringKeyId: Buffer;
}

/**
 * Leases deliveries that are due, one for each endpoint at most: first for the endpoint whose last attempt is longest ago.
 *
 * Endpoints that fail and those that do not are claimed apart, so that the first never stand in the way of the others.
 * Without an answer by `finishDelivery` within `leaseSeconds`, by the database's clock, a delivery is due again. Safe to
 * call from many workers. Looks at each endpoint that something waits for, by index, not at each delivery.
 */
export async function claimDeliveries(
  db: Db,
  claim: {
    readonly failing: boolean;
    readonly limit: number;
    readonly exceptEndpoints: readonly WebhookEndpointId[];
    readonly leaseSeconds: number;
  },
): Promise<ClaimedDelivery[]> {
  const { rows } = await sql<ClaimedDelivery>`
    WITH RECURSIVE awaited AS (
      (SELECT endpoint_id FROM webhook_deliveries ORDER BY endpoint_id LIMIT 1)
      UNION ALL
      SELECT (SELECT later.endpoint_id FROM webhook_deliveries later
               WHERE later.endpoint_id > awaited.endpoint_id ORDER BY later.endpoint_id LIMIT 1)
        FROM awaited WHERE awaited.endpoint_id IS NOT NULL
    ), chosen AS MATERIALIZED (
      SELECT endpoint.* FROM awaited JOIN webhook_endpoints endpoint USING (endpoint_id)
       WHERE (failing_since IS NOT NULL) = ${claim.failing}
         AND (paused_until IS NULL OR paused_until <= now())
         AND endpoint_id <> ALL (${[...claim.exceptEndpoints]}::uuid[])
         AND EXISTS (SELECT FROM webhook_deliveries due
                      WHERE due.endpoint_id = endpoint.endpoint_id AND due.next_attempt_at <= now())
       ORDER BY last_attempt_at NULLS FIRST LIMIT ${claim.limit}
    ), due AS MATERIALIZED (
      SELECT first.endpoint_id, first.event_id FROM chosen
       CROSS JOIN LATERAL (
         SELECT endpoint_id, event_id FROM webhook_deliveries
          WHERE webhook_deliveries.endpoint_id = chosen.endpoint_id AND next_attempt_at <= now()
          ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
       ) AS first
    )
    UPDATE webhook_deliveries delivery
       SET attempt = attempt + 1, next_attempt_at = now() + make_interval(secs => ${claim.leaseSeconds})
      FROM due JOIN chosen USING (endpoint_id)
     WHERE delivery.endpoint_id = due.endpoint_id AND delivery.event_id = due.event_id
    RETURNING delivery.endpoint_id AS "endpointId", delivery.event_id AS "eventId", attempt, body,
              chosen.business_id AS "businessId", url, sealed_secret AS "sealedSecret", keyring_key_id AS "keyringKeyId"`.execute(
    db,
  );
  return rows;
}

/** How an attempt ended. `words` are for the endpoint's owner. */
export type DeliveryOutcome = { readonly words: string } & (
  | { readonly kind: "delivered" }
  /** `pauseSeconds`: the endpoint asked to be left alone so long; null when it did not. */
  | { readonly kind: "failed"; readonly retryInSeconds: number; readonly pauseSeconds: number | null }
  /** The endpoint wants nothing more, ever. */
  | { readonly kind: "gone" }
);

type Attempt = Pick<ClaimedDelivery, "endpointId" | "eventId" | "attempt" | "body">;

/** Parts of a statement that add an attempt to an endpoint's list, and take the oldest from it; `endpoint` is its updated row. */
function listed({ eventId, attempt, body }: Attempt, outcome: DeliveryOutcome) {
  const { type } = JSON.parse(body) as WebhookEvent; // as it was enqueued
  return sql`
    dropped AS (
      DELETE FROM webhook_attempts USING endpoint
       WHERE webhook_attempts.endpoint_id = endpoint.endpoint_id AND n <= endpoint.attempts - ${deliveriesKept}
    ), listed AS (
      INSERT INTO webhook_attempts (endpoint_id, n, event_id, event_type, attempt, delivered, outcome)
      SELECT endpoint_id, attempts, ${eventId}, ${type}, ${attempt}, ${outcome.kind === "delivered"}, ${outcome.words}
        FROM endpoint
    )`;
}

/**
 * Writes down how an attempt ended, on the endpoint and on the delivery, and locks them in that order, as deleting does.
 *
 * Delivered and given-up deliveries go, and tests, which are made once. Given up are those that still fail after 24 hours and, where an endpoint has taken
 * nothing for 24 hours, all that are as old: what waits for it stays bounded. An attempt that lost its lease leaves the
 * delivery alone.
 */
export async function finishDelivery(db: Db, attempt: Attempt, outcome: DeliveryOutcome): Promise<void> {
  if (outcome.kind === "failed")
    await db.transaction().execute((transaction) => recordFailure(transaction, attempt, outcome));
  else if (outcome.kind === "gone")
    await sql`
      WITH unwanted AS (DELETE FROM webhook_deliveries WHERE endpoint_id = ${attempt.endpointId}), endpoint AS (
        UPDATE webhook_endpoints
           SET last_attempt_at = now(), last_outcome = ${outcome.words}, attempts = attempts + 1,
               failing_since = coalesce(failing_since, now()), disabled_at = coalesce(disabled_at, now())
         WHERE endpoint_id = ${attempt.endpointId} RETURNING endpoint_id, attempts
      ), ${listed(attempt, outcome)} SELECT`.execute(db);
  else
    await sql`
      WITH delivered AS (
        DELETE FROM webhook_deliveries
         WHERE endpoint_id = ${attempt.endpointId} AND event_id = ${attempt.eventId} AND attempt = ${attempt.attempt}
      ), endpoint AS (
        UPDATE webhook_endpoints
           SET last_attempt_at = now(), last_delivery_at = now(), last_outcome = ${outcome.words}, attempts = attempts + 1,
               failing_since = NULL, paused_until = NULL
         WHERE endpoint_id = ${attempt.endpointId} RETURNING endpoint_id, attempts
      ), ${listed(attempt, outcome)} SELECT`.execute(db);
}

async function recordFailure(
  transaction: Transaction<Schema>,
  tried: Attempt,
  outcome: Extract<DeliveryOutcome, { kind: "failed" }>,
): Promise<void> {
  const { endpointId, eventId, attempt } = tried;
  const { rows } = await sql<{ is_dead: boolean }>`
    WITH endpoint AS (
      UPDATE webhook_endpoints
         SET last_attempt_at = now(), last_outcome = ${outcome.words}, failing_since = coalesce(failing_since, now()),
             paused_until = now() + make_interval(secs => ${outcome.pauseSeconds}), attempts = attempts + 1
       WHERE endpoint_id = ${endpointId} RETURNING endpoint_id, attempts, failing_since
    ), ${listed(tried, outcome)}
    SELECT failing_since <= now() - make_interval(hours => ${deliveryHoursMax}) AS is_dead FROM endpoint`.execute(
    transaction,
  );
  if (eventId.startsWith(testEventPrefix)) {
    await transaction
      .deleteFrom("webhook_deliveries")
      .where("endpoint_id", "=", endpointId)
      .where("event_id", "=", eventId)
      .where("attempt", "=", attempt)
      .execute();
    return;
  }
  await sql`
    UPDATE webhook_deliveries
       SET next_attempt_at = least(now() + make_interval(secs => ${outcome.retryInSeconds}),
                                   created_at + make_interval(hours => ${deliveryHoursMax}))
     WHERE endpoint_id = ${endpointId} AND event_id = ${eventId} AND attempt = ${attempt}
       AND created_at > now() - make_interval(hours => ${deliveryHoursMax})`.execute(transaction);
  const lost = await sql`
    DELETE FROM webhook_deliveries
     WHERE endpoint_id = ${endpointId} AND created_at <= now() - make_interval(hours => ${deliveryHoursMax})
       AND (event_id = ${eventId} AND attempt = ${attempt} OR next_attempt_at <= now() AND ${rows[0]?.is_dead ?? false})`.execute(
    transaction,
  );
  if (lost.numAffectedRows)
    await sql`
      UPDATE webhook_endpoints SET events_lost = events_lost + ${Number(lost.numAffectedRows)}
       WHERE endpoint_id = ${endpointId}`.execute(transaction);
}
