import { getCredentials } from "@stablehand/contract";
import { getCredentialStatus } from "@stablehand/core/store/credentials";
import { toCredentialStatus } from "../credential-status.ts";
import { handlerFor } from "../handler.ts";

/** Says which platforms are configured, and how fresh and healthy; no sealed value is even read. */
export const handleGetCredentials = handlerFor(getCredentials, async ({ caller, params }, context) =>
  toCredentialStatus(
    params.endUserId,
    await getCredentialStatus(context.database.pool, caller.businessId, params.endUserId),
  ),
);
