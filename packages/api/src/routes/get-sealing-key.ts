import { getSealingKey } from "@stablehand/contract";
import { handlerFor } from "../handler.ts";
import { toSealingKey } from "../sealing-key.ts";

/** Gives the end-user's public key, made when there is none. */
export const handleGetSealingKey = handlerFor(getSealingKey, async ({ caller, params, setHeader }, context) => {
  const owner = { businessId: caller.businessId, endUserId: params.endUserId };
  setHeader("cache-control", "no-store"); // a key that is gone would be sealed to
  return toSealingKey(owner, await context.credentials.sealingKey(owner));
});
