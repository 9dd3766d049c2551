import { AppError, type CredentialField, credentialFieldNames, sealedValueSuite } from "@stablehand/contract";
import { parseEnvelope } from "@stablehand/vault/envelope";

/** Values that their caller has sealed, as they are stored. */
export interface SealedUpload {
  /** Of the end-user's key that all of them are sealed to; whether it still counts, the storing statement decides. */
  readonly keyId: Buffer;
  readonly values: readonly { readonly field: CredentialField; readonly sealed: Buffer }[];
}

/**
 * Checks what can be seen of sealed values without opening them: their form, and that no two are the same message.
 *
 * Nothing here tells whether a value is bound to its field, or is one that a cookie can have; a worker finds out.
 * Throws `invalid_request`, and `sealing_key_changed` when they are sealed to different keys.
 */
export function readSealedUpload(sealed: { readonly [Field in CredentialField]?: string | undefined }): SealedUpload {
  const messages = new Set<string>();
  const keyIds = new Set<string>();
  const values = credentialFieldNames.flatMap((field) => {
    const text = sealed[field];
    if (text === undefined) return [];
    const bytes = Buffer.from(text, "base64url");
    const envelope = parseEnvelope(bytes);
    if (bytes[0] !== sealedValueSuite.version || bytes[1] !== sealedValueSuite.suite || !envelope)
      throw new AppError("invalid_request", `sealed.${field} is not of version 1 and suite 1: see the sealing key's.`);
    const message = `${envelope.enc.toString("hex")} ${envelope.sequence}`;
    if (messages.has(message))
      throw new AppError(
        "invalid_request",
        `sealed.${field} has the enc and sequence of another field: two values under one nonce are not secret. Number them from 0.`,
      );
    messages.add(message);
    keyIds.add(envelope.keyId.toString("hex"));
    return [{ field, sealed: bytes }];
  });
  const [keyId = "", ...otherKeys] = keyIds;
  if (otherKeys.length > 0) throw sealingKeyChanged();
  return { keyId: Buffer.from(keyId, "hex"), values };
}

/** The refusal of an upload that is not sealed to the key that counts. */
export function sealingKeyChanged(): AppError {
  return new AppError(
    "sealing_key_changed",
    "The values are not sealed to this end-user's current key. GET its sealing-key, seal them to that and repeat.",
  );
}
