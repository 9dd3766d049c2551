import type { KeyObject } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { keyIdBytes, publicKeyBytes } from "./envelope.ts";
import { importRsaPublicKey } from "./rsa.ts";
import { importPublicKey, keyIdOf } from "./x25519.ts";

/** The public half of one key of the keyring: 32 raw bytes of X25519, or the SPKI of an RSA key that a KMS holds. */
export interface KeyringKey {
  readonly keyId: Buffer;
  readonly publicKey: Buffer;
}

/** Reads a keyring key's public half for use; throws when it is neither. */
export function importKeyringKey({ publicKey }: KeyringKey): KeyObject {
  return publicKey.length === publicKeyBytes ? importPublicKey(publicKey) : importRsaPublicKey(publicKey);
}

/** Says what is wrong with a key file or a keyring file, and what to do; never holds key material. */
export class KeyringError extends Error {
  override readonly name = "KeyringError";
}

/** `keyring.public.json`: what the API seals new end-user keys with. */
export interface PublicKeyringFile {
  readonly version: 1;
  readonly current: string;
  readonly keys: readonly { readonly keyId: string; readonly publicKey: string; readonly createdAt: string }[];
}

/** Reads a JSON object from a file of ours; throws KeyringError in plain words. */
export function readKeyringJson(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code; // what readFileSync throws
    const remedy = code === "ENOENT" ? "run `stablehand vault init`" : "check its owner and mode";
    throw new KeyringError(`cannot read the keyring ${path} (${code}): ${remedy}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new KeyringError(`the keyring ${path} is not JSON: restore it from your backup`);
  }
  if (typeof value !== "object" || value === null || (value as { version?: unknown }).version !== 1)
    throw new KeyringError(`the keyring ${path} is not of version 1: it belongs to another release of Stablehand`);
  return value as Record<string, unknown>; // an object, as just checked
}

/** Checks one entry of a keyring file: the id must be that of the public key, so that neither can be swapped alone. */
export function parseKeyringKey(path: string, entry: { keyId: unknown; publicKey: unknown }): KeyringKey {
  const keyId = Buffer.from(String(entry.keyId), "hex");
  const publicKey = Buffer.from(String(entry.publicKey), "base64url");
  const fits = keyId.length === keyIdBytes && isPublicKey({ keyId, publicKey }) && keyIdOf(publicKey).equals(keyId);
  if (!fits) throw new KeyringError(`the keyring ${path} has a key that does not match its id: restore it`);
  return { keyId, publicKey };
}

function isPublicKey(key: KeyringKey): boolean {
  try {
    importKeyringKey(key);
    return true;
  } catch {
    return false;
  }
}

function readCurrentKey(path: string): KeyringKey {
  const file = readKeyringJson(path) as unknown as PublicKeyringFile; // version checked; entries are checked below
  const entry = Array.isArray(file.keys) ? file.keys.find((key) => key.keyId === file.current) : undefined;
  if (!entry) throw new KeyringError(`the keyring ${path} names no current key: run \`stablehand vault status\``);
  return parseKeyringKey(path, entry);
}

/** The ids, in hex, of all keys that a public keyring has; throws KeyringError when the file is wrong. */
export function readKeyringIds(path: string): ReadonlySet<string> {
  const file = readKeyringJson(path) as unknown as PublicKeyringFile; // version checked; entries are checked below
  return new Set((file.keys ?? []).map((entry) => parseKeyringKey(path, entry).keyId.toString("hex")));
}

/** The current public key of the keyring, following the file. */
export interface PublicKeyring {
  current(): KeyringKey;
}

/**
 * Opens `keyring.public.json`.
 *
 * Throws KeyringError when it is missing or wrong. After that the file is looked at again at most every `recheckMs`, so
 * that a rotation reaches a running API; a file that is broken later is ignored, and the last good key stays.
 */
export function openPublicKeyring(path: string, recheckMs = 2_000, now: () => number = Date.now): PublicKeyring {
  let key = readCurrentKey(path);
  let checkedAt = now();
  let modified = statSync(path).mtimeMs;
  return {
    current() {
      if (now() - checkedAt < recheckMs) return key;
      checkedAt = now();
      try {
        const changed = statSync(path).mtimeMs;
        if (changed !== modified) key = readCurrentKey(path);
        modified = changed;
      } catch {
        return key;
      }
      return key;
    },
  };
}
