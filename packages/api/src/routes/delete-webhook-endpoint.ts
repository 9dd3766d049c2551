import { deleteWebhookEndpoint } from "@stablehand/contract";
import { deleteWebhookEndpoint as deleteStoredEndpoint } from "@stablehand/core/store/webhook-endpoints";
import { handlerFor } from "../handler.ts";
import { endpointNotFound, readEndpointId } from "../own-webhook-endpoint.ts";

/** Deletes one of the caller's endpoints; another business's is as unknown as one that never was. */
export const handleDeleteWebhookEndpoint = handlerFor(deleteWebhookEndpoint, async ({ caller, params }, context) => {
  const endpointId = readEndpointId(params.endpointId);
  if (!(await deleteStoredEndpoint(context.database.db, caller.businessId, endpointId))) throw endpointNotFound();
  return { ok: true as const };
});
