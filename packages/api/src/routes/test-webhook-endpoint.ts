import { AppError, testWebhookEndpoint } from "@stablehand/contract";
import { enqueueWebhookTest } from "@stablehand/core/store/webhook-tests";
import { handlerFor } from "../handler.ts";
import { endpointNotFound, readEndpointId } from "../own-webhook-endpoint.ts";

/** Has a worker send one of the caller's endpoints a test event. */
export const handleTestWebhookEndpoint = handlerFor(testWebhookEndpoint, async ({ caller, params }, context) => {
  const outcome = await enqueueWebhookTest(context.database.db, caller.businessId, readEndpointId(params.endpointId));
  if (outcome === "unknown") throw endpointNotFound();
  if (outcome === "disabled")
    throw new AppError(
      "webhook_endpoint_disabled",
      "This endpoint answered 410 and gets nothing more: delete it, and create it anew.",
    );
  return outcome;
});
