import { listApiKeys } from "@stablehand/contract";
import { listApiKeys as listStoredApiKeys } from "@stablehand/core/store/api-keys";
import { toApiKeyRecord } from "../api-key-wire.ts";
import { handlerFor } from "../handler.ts";

/** Lists the keys of the caller's business, made here or by the command. */
export const handleListApiKeys = handlerFor(listApiKeys, async ({ caller }, context) => ({
  keys: (await listStoredApiKeys(context.database.db, caller.businessId)).map(toApiKeyRecord),
}));
