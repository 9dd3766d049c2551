import { credentialFieldNames, deleteCredentials } from "@stablehand/contract";
import { deleteCredentials as deleteStored } from "@stablehand/core/store/credentials";
import { handlerFor } from "../handler.ts";

/** Deletes the named fields, or all twelve when none is named. */
export const handleDeleteCredentials = handlerFor(deleteCredentials, async ({ body, caller, params }, context) => {
  const fields = body?.fields?.length ? [...new Set(body.fields)] : credentialFieldNames;
  const owner = { businessId: caller.businessId, endUserId: params.endUserId, actor: caller.actor };
  await deleteStored(context.database.db, owner, fields);
  return { ok: true as const };
});
