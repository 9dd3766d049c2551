import { listWebhookEndpoints, type WebhookEndpointState } from "@stablehand/contract";
import {
  listWebhookEndpoints as listStoredEndpoints,
  type StoredWebhookEndpoint,
} from "@stablehand/core/store/webhook-endpoints";
import { handlerFor } from "../handler.ts";

/** Lists the caller's endpoints; no sealed secret is even read. */
export const handleListWebhookEndpoints = handlerFor(listWebhookEndpoints, async ({ caller }, context) => ({
  endpoints: (await listStoredEndpoints(context.database.db, caller.businessId)).map(toState),
}));

function toState(endpoint: StoredWebhookEndpoint): WebhookEndpointState {
  return {
    endpointId: endpoint.endpointId,
    url: endpoint.url,
    ...(endpoint.description !== null && { description: endpoint.description }),
    createdAt: endpoint.createdAt.toISOString(),
    ...(endpoint.lastDeliveryAt && { lastDeliveryAt: endpoint.lastDeliveryAt.toISOString() }),
    ...(endpoint.lastAttemptAt && { lastAttemptAt: endpoint.lastAttemptAt.toISOString() }),
    ...(endpoint.lastOutcome !== null && { lastOutcome: endpoint.lastOutcome }),
    ...(endpoint.failingSince && { failingSince: endpoint.failingSince.toISOString() }),
    ...(endpoint.disabledAt && { disabledAt: endpoint.disabledAt.toISOString() }),
    eventsLost: endpoint.eventsLost,
  };
}
