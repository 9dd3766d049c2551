import { z } from "zod";
import { endUserId } from "./end-user-id.ts";
import { defineRoute } from "./route.ts";

/** The version and the suite of every sealed value: its first two bytes. Source: packages/vault/src/envelope.ts. */
export const sealedValueSuite = { version: 1, suite: 1 } as const;

/** Bytes of a sealed value beside those of the value itself: 43 of header, 16 of tag. */
export const sealedOverheadBytes = 59;

const valueBytesMax = 4 * 4_096; // characters of a value, each of four bytes at most
const sealedBytesMax = sealedOverheadBytes + valueBytesMax;

/** One sealed value as text; `name` is the field's. */
export function sealedValue(name: string) {
  const notSealed = `sealed.${name} is no sealed value: version 1, suite 1, in base64url without padding`;
  return z
    .string(notSealed)
    .min(Math.ceil(((sealedOverheadBytes + 1) * 4) / 3), `sealed.${name} is cut short, or an empty value was sealed`)
    .max(Math.ceil((sealedBytesMax * 4) / 3), `sealed.${name} is longer than a sealed credential value can be`)
    .regex(/^(?:[\w-]{4})*[\w-]{2,4}$/, notSealed)
    .meta({ description: `\`${name}\`, sealed by the caller to the end-user's sealing key.`, format: "base64url" });
}

/**
 * Gives the public key to which the caller may seal this end-user's values itself, and what else that takes.
 *
 * Made when there is none. It is good until it is answered otherwise: a DELETE of everything or a rotation ends it, and an
 * upload that was sealed to it is then refused with `sealing_key_changed`.
 */
export const getSealingKey = defineRoute({
  id: "get-sealing-key",
  method: "GET",
  path: "/v1/end-users/{endUserId}/sealing-key",
  auth: "business",
  scope: "credentials:write",
  endUser: "path",
  summary: "Get the key to seal an end-user's values to",
  params: z.object({ endUserId }),
  reply: {
    status: 200,
    body: z
      .object({
        businessId: z.string().meta({ description: "A sealed value is bound to it." }),
        endUserId,
        keyId: z
          .string()
          .regex(/^[0-9a-f]{16}$/)
          .meta({ description: "The first 8 bytes of the SHA-256 of `publicKey`, in hex." }),
        publicKey: z
          .string()
          .regex(/^[\w-]{43}$/)
          .meta({ description: "X25519, 32 bytes, in base64url." }),
        version: z.literal(sealedValueSuite.version),
        suite: z.literal(sealedValueSuite.suite).meta({
          description: "HPKE (RFC 9180), base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.",
        }),
      })
      .meta({ id: "SealingKey" }),
  },
  errors: [],
  audit: null,
});
