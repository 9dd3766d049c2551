import { randomUUID } from "node:crypto";
import type { WebhookEvent } from "@stablehand/contract";
import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { BusinessId, WebhookEndpointId } from "../ids.ts";
import { testEventPrefix } from "./webhooks.ts";

/** What became of the wish for a test: the id of its event, or why there is none. */
export type WebhookTestOutcome = { readonly eventId: string } | "unknown" | "disabled";

/**
 * Has an endpoint sent a test event, before whatever else waits for it and once. While one still waits there is no other.
 *
 * The endpoint's row is locked, so of several who ask at once one makes the event.
 */
export function enqueueWebhookTest(
  db: Db,
  businessId: BusinessId,
  endpointId: WebhookEndpointId,
): Promise<WebhookTestOutcome> {
  return db.transaction().execute(async (transaction) => {
    const endpoint = await transaction
      .selectFrom("webhook_endpoints")
      .select(["disabled_at", sql<Date>`now()`.as("now")])
      .where("business_id", "=", businessId)
      .where("endpoint_id", "=", endpointId)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (!endpoint) return "unknown";
    if (endpoint.disabled_at) return "disabled";
    const waiting = await transaction
      .selectFrom("webhook_deliveries")
      .select("event_id")
      .where("endpoint_id", "=", endpointId)
      .where("event_id", ">=", testEventPrefix)
      .orderBy("event_id")
      .limit(1)
      .executeTakeFirst();
    if (waiting?.event_id.startsWith(testEventPrefix)) return { eventId: waiting.event_id };
    const eventId = `${testEventPrefix}${randomUUID()}`;
    const event: WebhookEvent = {
      type: "endpoint.test",
      timestamp: endpoint.now.toISOString(),
      data: { endpointId },
    };
    await transaction
      .insertInto("webhook_deliveries")
      .values({
        endpoint_id: endpointId,
        event_id: eventId,
        body: JSON.stringify(event),
        next_attempt_at: sql`'-infinity'`,
      })
      .execute();
    return { eventId };
  });
}
