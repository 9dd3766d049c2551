/** Unwraps the keyring's private keys. It lives where opening is allowed: in workers, and in the operator's command. */
export interface KeyProvider {
  /** The name that the keyring file records, so that the wrong provider is noticed before it is asked. */
  readonly name: string;
  /** Gives back what `wrap` was given for that key id; rejects with KeyringError when it was not wrapped by this key. */
  unwrap(wrapped: Buffer, keyId: Buffer): Promise<Buffer>;
}

/** A provider that can also wrap: what creating and rotating a keyring needs. */
export interface WrappingKeyProvider extends KeyProvider {
  wrap(privateKey: Buffer, keyId: Buffer): Promise<Buffer>;
}
