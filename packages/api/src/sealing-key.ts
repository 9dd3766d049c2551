import { sealedValueSuite } from "@stablehand/contract";
import type { BusinessId } from "@stablehand/core/ids";
import type { StoredPublicKey } from "@stablehand/core/store/credential-writes";

/** Says on the wire to which key, and how, values of this end-user may be sealed. */
export function toSealingKey(
  { businessId, endUserId }: { readonly businessId: BusinessId; readonly endUserId: string },
  { keyId, publicKey }: StoredPublicKey,
) {
  return {
    businessId,
    endUserId,
    keyId: keyId.toString("hex"),
    publicKey: publicKey.toString("base64url"),
    ...sealedValueSuite,
  };
}
