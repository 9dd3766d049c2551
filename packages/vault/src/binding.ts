/** Whose values these are; every sealed thing is bound to it. */
export interface Owner {
  readonly businessId: string;
  readonly endUserId: string;
}

/**
 * The canonical form of what a sealed thing is bound to, appended to the envelope's header as additional data.
 *
 * Shape: each part as a 4-byte big-endian length and its UTF-8 bytes, so that no two lists of parts look alike.
 */
function canonicalBinding(parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = typeof part === "string" ? Buffer.from(part, "utf8") : part;
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** What a credential value is bound to: its owner, its field, and the end-user's key that it is sealed to. */
export function valueBinding(owner: Owner, field: string, keyId: Uint8Array): Buffer {
  return canonicalBinding([owner.businessId, owner.endUserId, field, keyId]);
}

/** A webhook endpoint; its secret is bound to it. */
export interface WebhookOwner {
  readonly businessId: string;
  readonly endpointId: string;
}

/** What a webhook endpoint's secret is bound to: the endpoint, its business, and the keyring key that it is sealed to. */
export function webhookSecretBinding(owner: WebhookOwner, keyringKeyId: Uint8Array): Buffer {
  return canonicalBinding([owner.businessId, owner.endpointId, keyringKeyId]);
}

/** What an end-user's private key is bound to: its owner, its own id, and the keyring key that it is sealed to. */
export function endUserKeyBinding(owner: Owner, keyId: Uint8Array, keyringKeyId: Uint8Array): Buffer {
  return canonicalBinding([owner.businessId, owner.endUserId, keyId, keyringKeyId]);
}
