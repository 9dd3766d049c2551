import { AppError, deleteWebhookEndpoint } from "@stablehand/contract";
import { parseId, type WebhookEndpointId } from "@stablehand/core/ids";
import { deleteWebhookEndpoint as deleteStoredEndpoint } from "@stablehand/core/store/webhook-endpoints";
import { handlerFor } from "../handler.ts";

/** Deletes one of the caller's endpoints; another business's is as unknown as one that never was. */
export const handleDeleteWebhookEndpoint = handlerFor(deleteWebhookEndpoint, async ({ caller, params }, context) => {
  const endpointId = parseId<WebhookEndpointId>(params.endpointId);
  const isDeleted = endpointId && (await deleteStoredEndpoint(context.database.db, caller.businessId, endpointId));
  if (!isDeleted) throw new AppError("webhook_endpoint_not_found", "There is no webhook endpoint with this id.");
  return { ok: true as const };
});
