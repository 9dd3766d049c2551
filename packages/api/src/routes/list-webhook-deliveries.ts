import { deliveriesPage, listWebhookDeliveries } from "@stablehand/contract";
import { listDeliveryAttempts } from "@stablehand/core/store/webhook-endpoints";
import { handlerFor } from "../handler.ts";
import { endpointNotFound, readEndpointId } from "../own-webhook-endpoint.ts";

/** Lists the attempts to deliver to one of the caller's endpoints, a page at a time. */
export const handleListWebhookDeliveries = handlerFor(listWebhookDeliveries, async (input, context) => {
  const { caller, params, query } = input;
  const limit = query.limit ?? deliveriesPage.default;
  const owned = { businessId: caller.businessId, endpointId: readEndpointId(params.endpointId) };
  const found = await listDeliveryAttempts(context.database.db, owned, { limit: limit + 1, before: query.cursor });
  if (!found) throw endpointNotFound();
  const deliveries = found.slice(0, limit).map((attempt) => ({ ...attempt, at: attempt.at.toISOString() }));
  const last = deliveries.at(-1);
  return { deliveries, ...(last && found.length > limit && { nextCursor: String(last.sequence) }) };
});
