import type {
  CreateWebhookEndpoint,
  WebhookDeliveryList,
  WebhookEndpoint,
  WebhookEndpointList,
  WebhookTest,
} from "../contract/records.ts";
import type { CallOptions, Transport } from "../transport.ts";

/** Which part of an endpoint's deliveries. */
export interface DeliveriesOptions {
  /** 50 by default, 100 at most. */
  readonly limit?: number | undefined;
  /** The page before's `nextCursor`. */
  readonly cursor?: string | undefined;
}

/** `client.webhooks`: the endpoints to which your business is told of what happened. */
export interface Webhooks {
  /** Adds an endpoint. Its `secret` is shown this once. */
  create(endpoint: CreateWebhookEndpoint, options?: CallOptions): Promise<WebhookEndpoint>;
  /** All endpoints, the oldest first, with how deliveries to them went. */
  list(options?: CallOptions): Promise<WebhookEndpointList>;
  delete(endpointId: string, options?: CallOptions): Promise<void>;
  /** Has the endpoint sent an event of the type `endpoint.test`, once; `deliveries` tells how it went. */
  test(endpointId: string, options?: CallOptions): Promise<WebhookTest>;
  /** The latest attempts to deliver to the endpoint, the newest first. */
  deliveries(endpointId: string, which?: DeliveriesOptions, options?: CallOptions): Promise<WebhookDeliveryList>;
}

/** Makes `client.webhooks`. */
export function webhooksOf(transport: Transport): Webhooks {
  return {
    create: (endpoint, options) => transport.send("create-webhook-endpoint", { body: endpoint }, options),
    list: (options) => transport.send("list-webhook-endpoints", {}, options),
    async delete(endpointId, options) {
      await transport.send("delete-webhook-endpoint", { params: { endpointId } }, options);
    },
    test: (endpointId, options) => transport.send("test-webhook-endpoint", { params: { endpointId } }, options),
    deliveries(endpointId, { limit, cursor } = {}, options) {
      const query = { limit: limit?.toString(), cursor };
      return transport.send("list-webhook-deliveries", { params: { endpointId }, query }, options);
    },
  };
}
