import { createApiKey } from "@stablehand/contract";
import { createApiKey as storeApiKey } from "@stablehand/core/store/api-keys";
import { handlerFor } from "../handler.ts";

/** Makes a key that may do everything for the caller's business. Its secret is in this answer, and in no other. */
export const handleCreateApiKey = handlerFor(createApiKey, async ({ body, caller }, context) => {
  const made = await storeApiKey(context.database.db, caller.businessId, body?.label ?? null);
  const { keyId, prefix, secret, label, createdAt } = made;
  return { keyId, prefix, secret, label, createdAt: createdAt.toISOString() };
});
