import { AppError, revokeApiKey } from "@stablehand/contract";
import { keyIdLength, revokeApiKey as revokeStoredApiKey } from "@stablehand/core/store/api-keys";
import { toApiKeyRecord } from "../api-key-wire.ts";
import { handlerFor } from "../handler.ts";

/** Revokes one of the keys of the caller's business; another business's is as unknown as one that never was. */
export const handleRevokeApiKey = handlerFor(revokeApiKey, async ({ caller, params: { prefix } }, context) => {
  const isName = prefix.length === keyIdLength && !prefix.includes("\0");
  const key = isName && (await revokeStoredApiKey(context.database.db, caller.businessId, prefix));
  if (!key) throw new AppError("api_key_not_found", "There is no API key with this prefix.");
  return toApiKeyRecord(key);
});
