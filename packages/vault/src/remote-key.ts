import { importKeyringKey, KeyringError, type KeyringKey } from "./keyring.ts";
import type { RemoteKeys } from "./kms/provider.ts";
import type { RemoteKey } from "./open.ts";
import { encapsulateToRsa, suiteOfRsaKey } from "./rsa.ts";

/**
 * A key of the keyring that stays in a KMS, once it has opened a secret that was made for it here.
 *
 * One call. Throws KeyringError when the KMS key is another than the public half says, or may not be used.
 */
export async function openRemoteKey(keys: RemoteKeys, kmsKey: string, key: KeyringKey): Promise<RemoteKey> {
  const recipient = importKeyringKey(key);
  const { sharedKey, ciphertext } = encapsulateToRsa(recipient);
  const opened = await keys.decrypt(kmsKey, ciphertext);
  if (!opened?.equals(sharedKey))
    throw new KeyringError(`${kmsKey} is not the key ${key.keyId.toString("hex")} of the keyring: restore the keyring`);
  return { suite: suiteOfRsaKey(recipient), decapsulate: (enc) => keys.decrypt(kmsKey, enc) };
}
