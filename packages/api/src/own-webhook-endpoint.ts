import { AppError } from "@stablehand/contract";
import { parseId, type WebhookEndpointId } from "@stablehand/core/ids";

/** The id of a webhook endpoint as it stands in a path. Throws `webhook_endpoint_not_found` when it is none. */
export function readEndpointId(text: string): WebhookEndpointId {
  const endpointId = parseId<WebhookEndpointId>(text);
  if (!endpointId) throw endpointNotFound();
  return endpointId;
}

/** The answer to an endpoint that is not there, or is another business's. */
export function endpointNotFound(): AppError {
  return new AppError("webhook_endpoint_not_found", "There is no webhook endpoint with this id.");
}
