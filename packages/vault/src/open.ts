import { createDecipheriv, decapsulate, KeyObject } from "node:crypto";
import { endUserKeyBinding, type Owner, valueBinding, type WebhookOwner, webhookSecretBinding } from "./binding.ts";
import { parseEnvelope, type Suite } from "./envelope.ts";
import {
  aead,
  endUserKeyInfo,
  type HpkeInfo,
  keySchedule,
  messageNonce,
  valueInfo,
  webhookSecretInfo,
} from "./hpke.ts";
import { importPrivateKey } from "./x25519.ts";

export type { Owner, WebhookOwner } from "./binding.ts";

/** The one failure of opening. It never says which part was wrong, and carries no cause: both would help an attacker. */
export class OpenError extends Error {
  constructor() {
    super("a sealed value could not be opened");
    this.name = "OpenError";
  }
}

/** What a KMS made of one sealed thing: the shared secret, which opens that thing and no other. */
export interface Decapsulated {
  readonly suite: Suite;
  readonly sharedKey: Buffer;
}

/** The keyring's private halves by key id in hex; they live in a worker's memory only. */
export type OpeningKeys = ReadonlyMap<string, KeyObject | Decapsulated>;

/** A key of the keyring whose private half never leaves a KMS. */
export interface RemoteKey {
  readonly suite: Suite;
  /** One call to the KMS. Null when it was not made for this key. Rejects with KeyringError or KeyProviderUnavailableError. */
  decapsulate(enc: Buffer): Promise<Buffer | null>;
}

/** Asks a KMS for what opens one sealed thing; null when it is not of this key. Rejects as `RemoteKey.decapsulate`. */
export async function decapsulateRemotely(sealed: Buffer, key: RemoteKey): Promise<Decapsulated | null> {
  const envelope = parseEnvelope(sealed, key.suite);
  const sharedKey = envelope && (await key.decapsulate(envelope.enc));
  return sharedKey && { suite: key.suite, sharedKey };
}

/** An end-user's key, opened: what opens that end-user's values. */
export interface EndUserPrivateKey {
  readonly keyId: Buffer;
  readonly privateKey: KeyObject;
}

/** The stored row of an end-user's key, as far as opening needs it. */
export interface StoredEndUserKey {
  readonly keyId: Buffer;
  readonly sealedPrivateKey: Buffer;
  readonly keyringKeyId: Buffer;
}

const tagBytes = 16;

/** Null when the envelope is not addressed to `keyId`; throws OpenError when it is, and does not open. */
function open(
  sealed: Buffer,
  keyId: Buffer,
  key: KeyObject | Decapsulated,
  info: HpkeInfo,
  binding: Buffer,
): Buffer | null {
  const envelope = key instanceof KeyObject ? parseEnvelope(sealed) : parseEnvelope(sealed, key.suite);
  if (!envelope) throw new OpenError();
  if (!envelope.keyId.equals(keyId)) return null;
  try {
    const sharedKey = key instanceof KeyObject ? decapsulate(key, envelope.enc) : key.sharedKey;
    const context = keySchedule(sharedKey, info);
    const nonce = messageNonce(context, envelope.sequence);
    const decipher = createDecipheriv(aead, context.key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.concat([envelope.header, binding]));
    decipher.setAuthTag(envelope.ciphertext.subarray(-tagBytes));
    return Buffer.concat([decipher.update(envelope.ciphertext.subarray(0, -tagBytes)), decipher.final()]);
  } catch {
    throw new OpenError();
  }
}

/**
 * Opens the private half of an end-user's key, as raw bytes; the caller wipes them.
 *
 * Null when the keyring has no key of that id (rotated by another process, or retired): reload the keyring and ask again.
 * Throws OpenError when the row was altered or belongs to another end-user.
 */
export function openEndUserKeyBytes(owner: Owner, stored: StoredEndUserKey, keyring: OpeningKeys): Buffer | null {
  const key = keyring.get(stored.keyringKeyId.toString("hex"));
  if (!key) return null;
  const binding = endUserKeyBinding(owner, stored.keyId, stored.keyringKeyId);
  const raw = open(stored.sealedPrivateKey, stored.keyringKeyId, key, endUserKeyInfo, binding);
  if (!raw) throw new OpenError();
  return raw;
}

/** Opens an end-user's key for use. Null and errors as `openEndUserKeyBytes`. */
export function openEndUserKey(owner: Owner, stored: StoredEndUserKey, keyring: OpeningKeys): EndUserPrivateKey | null {
  const raw = openEndUserKeyBytes(owner, stored, keyring);
  if (!raw) return null;
  const privateKey = importPrivateKey(raw);
  raw.fill(0);
  return { keyId: stored.keyId, privateKey };
}

/**
 * Opens one credential value.
 *
 * Throws OpenError when it was altered, or sealed for another business, end-user, field or key.
 */
export function openValue(owner: Owner, field: string, key: EndUserPrivateKey, sealed: Buffer): string {
  const value = open(sealed, key.keyId, key.privateKey, valueInfo, valueBinding(owner, field, key.keyId));
  if (!value) throw new OpenError();
  return value.toString("utf8");
}

/** The stored secret of a webhook endpoint, as far as opening needs it. */
export interface StoredWebhookSecret {
  readonly sealedSecret: Buffer;
  readonly keyringKeyId: Buffer;
}

/**
 * Opens the secret of a webhook endpoint; the caller wipes it.
 *
 * Null and errors as `openEndUserKeyBytes`: OpenError when it was altered, or sealed for another endpoint or business.
 */
export function openWebhookSecret(
  owner: WebhookOwner,
  stored: StoredWebhookSecret,
  keyring: OpeningKeys,
): Buffer | null {
  const key = keyring.get(stored.keyringKeyId.toString("hex"));
  if (!key) return null;
  const binding = webhookSecretBinding(owner, stored.keyringKeyId);
  const secret = open(stored.sealedSecret, stored.keyringKeyId, key, webhookSecretInfo, binding);
  if (!secret) throw new OpenError();
  return secret;
}
