import { getSealingKey, sealedValueSuite } from "@stablehand/contract";
import { handlerFor } from "../handler.ts";

/** Gives the end-user's public key, made when there is none. */
export const handleGetSealingKey = handlerFor(getSealingKey, async ({ caller, params, setHeader }, context) => {
  const owner = { businessId: caller.businessId, endUserId: params.endUserId };
  const { keyId, publicKey } = await context.credentials.sealingKey(owner);
  setHeader("cache-control", "no-store"); // a key that is gone would be sealed to
  return {
    ...owner,
    keyId: keyId.toString("hex"),
    publicKey: publicKey.toString("base64url"),
    ...sealedValueSuite,
  };
});
