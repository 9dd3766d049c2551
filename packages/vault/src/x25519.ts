import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { keyIdBytes } from "./envelope.ts";

const x25519 = { asymmetricKeyType: "x25519" } as const;

/** Reads a public key of 32 raw bytes; throws when there are more or fewer. */
export function importPublicKey(raw: Buffer): KeyObject {
  return createPublicKey({ key: raw, format: "raw-public", ...x25519 });
}

/** Reads a private key of 32 raw bytes; throws when there are more or fewer. */
export function importPrivateKey(raw: Buffer): KeyObject {
  return createPrivateKey({ key: raw, format: "raw-private", ...x25519 });
}

/** The public half of a private key, as 32 raw bytes. */
export function publicHalfOf(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: "raw-public" });
}

/** The id of a key: the first 8 bytes of the SHA-256 of its public half, so that an id names one key only. */
export function keyIdOf(publicKey: Buffer): Buffer {
  return createHash("sha256").update(publicKey).digest().subarray(0, keyIdBytes);
}
