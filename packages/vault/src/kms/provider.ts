/** Unwraps the keyring's private keys. It lives where opening is allowed: in workers, and in the operator's command. */
export interface KeyProvider {
  /** The name that the keyring file records, so that the wrong provider is noticed before it is asked. */
  readonly name: string;
  /**
   * Gives back what `wrap` was given for that key id.
   *
   * Rejects with KeyringError when it was not wrapped by this key or may not be unwrapped, with
   * KeyProviderUnavailableError when it could not be asked.
   */
  unwrap(wrapped: Buffer, keyId: Buffer): Promise<Buffer>;
}

/** A provider that can also wrap: what creating and rotating a keyring needs. */
export interface WrappingKeyProvider extends KeyProvider {
  wrap(privateKey: Buffer, keyId: Buffer): Promise<Buffer>;
  /** The keys that such a provider keeps to itself; only some have them. */
  readonly remote?: RemoteKeys;
}

/** RSA keys that can be keys of the keyring without leaving their KMS. */
export interface RemoteKeys {
  /** The KMS key that the settings name: how it is called from now on, and its public half in SPKI form. */
  current(): Promise<{ readonly kmsKey: string; readonly publicKey: Buffer }>;
  /** RSA-OAEP with SHA-256 under one of them; null when it is no ciphertext of that key. Rejects as `unwrap`. */
  decrypt(kmsKey: string, ciphertext: Buffer): Promise<Buffer | null>;
}

/** A key provider does not answer, or has too much to do: to try again later may help. Says what to do. */
export class KeyProviderUnavailableError extends Error {
  override readonly name = "KeyProviderUnavailableError";
}
