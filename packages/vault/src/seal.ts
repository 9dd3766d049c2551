import { createCipheriv, encapsulate, generateKeyPairSync, type KeyObject } from "node:crypto";
import { endUserKeyBinding, type Owner, valueBinding, type WebhookOwner, webhookSecretBinding } from "./binding.ts";
import { encodeHeader } from "./envelope.ts";
import {
  aead,
  endUserKeyInfo,
  type HpkeInfo,
  keySchedule,
  messageNonce,
  valueInfo,
  webhookSecretInfo,
} from "./hpke.ts";
import { importKeyringKey, type KeyringKey } from "./keyring.ts";
import { encapsulateToRsa } from "./rsa.ts";
import { importPublicKey, keyIdOf } from "./x25519.ts";

export type { Owner } from "./binding.ts";

/** Seals message after message to one recipient; `seal` may be called at most 256 times. */
interface Sealer {
  seal(plaintext: Buffer, binding: Buffer): Buffer;
}

/** Starts a context to a recipient with a fresh ephemeral key, which nothing keeps. */
function sealerTo(recipient: KeyObject, keyId: Buffer, info: HpkeInfo): Sealer {
  const { sharedKey, ciphertext: enc } =
    recipient.asymmetricKeyType === "rsa" ? encapsulateToRsa(recipient) : encapsulate(recipient);
  const context = keySchedule(sharedKey, info);
  let sequence = 0;
  return {
    seal(plaintext, binding) {
      const header = encodeHeader(keyId, enc, sequence);
      const cipher = createCipheriv(aead, context.key, messageNonce(context, sequence));
      cipher.setAAD(Buffer.concat([header, binding]));
      sequence += 1;
      return Buffer.concat([header, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    },
  };
}

/** The public side of an end-user's key, ready for use: all that sealing needs. */
export interface EndUserPublicKey {
  readonly keyId: Buffer;
  readonly recipient: KeyObject;
}

/** Reads the public side of a stored end-user key; throws when it is not 32 bytes. Worth keeping: it costs a third of a sealing. */
export function importEndUserKey(stored: { readonly keyId: Buffer; readonly publicKey: Buffer }): EndUserPublicKey {
  return { keyId: stored.keyId, recipient: importPublicKey(stored.publicKey) };
}

/** A new end-user key as it is stored: its private half only in sealed form. */
export interface SealedEndUserKey extends EndUserPublicKey {
  readonly publicKey: Buffer;
  readonly sealedPrivateKey: Buffer;
  readonly keyringKeyId: Buffer;
}

/**
 * Makes the key pair of one end-user and seals its private half to the keyring.
 *
 * The private half exists in this process only while this function runs.
 */
export function createEndUserKey(owner: Owner, keyring: KeyringKey): SealedEndUserKey {
  const pair = generateKeyPairSync("x25519");
  const publicKey = pair.publicKey.export({ format: "raw-public" });
  const privateKey = pair.privateKey.export({ format: "raw-private" });
  const keyId = keyIdOf(publicKey);
  const sealedPrivateKey = sealEndUserKey(owner, keyId, privateKey, keyring);
  privateKey.fill(0);
  return { keyId, recipient: pair.publicKey, publicKey, sealedPrivateKey, keyringKeyId: keyring.keyId };
}

/** Seals the private half of an end-user's key to a key of the keyring; also what re-sealing after a rotation uses. */
export function sealEndUserKey(owner: Owner, keyId: Buffer, privateKey: Buffer, keyring: KeyringKey): Buffer {
  const sealer = sealerTo(importKeyringKey(keyring), keyring.keyId, endUserKeyInfo);
  return sealer.seal(privateKey, endUserKeyBinding(owner, keyId, keyring.keyId));
}

/** Seals the secret of a webhook endpoint to a key of the keyring: workers sign with it, and the API cannot open it again. */
export function sealWebhookSecret(owner: WebhookOwner, secret: Buffer, keyring: KeyringKey): Buffer {
  const sealer = sealerTo(importKeyringKey(keyring), keyring.keyId, webhookSecretInfo);
  return sealer.seal(secret, webhookSecretBinding(owner, keyring.keyId));
}

/**
 * Seals values to an end-user's key, each bound to its owner and field.
 *
 * One encapsulation for all of them: value *i* is message *i* of that context. At most 256 values.
 */
export function sealValues<Field extends string>(
  owner: Owner,
  key: EndUserPublicKey,
  values: readonly (readonly [field: Field, value: string])[],
): { field: Field; sealed: Buffer }[] {
  const sealer = sealerTo(key.recipient, key.keyId, valueInfo);
  return values.map(([field, value]) => ({
    field,
    sealed: sealer.seal(Buffer.from(value, "utf8"), valueBinding(owner, field, key.keyId)),
  }));
}
