import { type Bytes, concat, uint32, utf8 } from "./bytes.ts";

// RFC 9180 over WebCrypto: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. No primitive is written here.
const kemSuite = concat(utf8("KEM"), [0x00, 0x20]);
const hpkeSuite = concat(utf8("HPKE"), [0x00, 0x20, 0x00, 0x01, 0x00, 0x02]);
const versionLabel = utf8("HPKE-v1");
const nothing = new Uint8Array();
const modeBase = [0];

const keyBytes = 32;
const nonceBytes = 12;

function labeledIkm(suite: Bytes, label: string, ikm: Uint8Array): Bytes {
  return concat(versionLabel, suite, utf8(label), ikm);
}

function labeledInfo(suite: Bytes, label: string, info: Uint8Array, length: number): Bytes {
  return concat([length >> 8, length & 0xff], versionLabel, suite, utf8(label), info);
}

/** LabeledExtract with an empty salt, which is one HMAC; its key is padded with zeros anyway, and WebCrypto wants one. */
async function extract(label: string, ikm: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, labeledIkm(hpkeSuite, label, ikm)));
}

async function hkdf(salt: Bytes, ikm: Bytes, info: Bytes, length: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", ikm, "HKDF", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, length * 8));
}

/** A secret shared with the holder of a public key's other half, and what that holder needs to find it. */
export interface Encapsulated {
  readonly sharedSecret: Bytes;
  readonly enc: Bytes;
}

/** A fresh key pair for one encapsulation. */
export async function newEphemeral(): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey({ name: "X25519" }, true, ["deriveBits"])) as CryptoKeyPair; // a pair, of X25519
}

/** Encap of RFC 9180 §4.1. Throws when the public key is one of the few to which no secret can be shared. */
export async function encapsulate(recipient: Bytes, ephemeral: CryptoKeyPair): Promise<Encapsulated> {
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", ephemeral.publicKey));
  const theirs = await crypto.subtle.importKey("raw", recipient, { name: "X25519" }, false, []);
  const dh = new Uint8Array(
    await crypto.subtle.deriveBits({ name: "X25519", public: theirs }, ephemeral.privateKey, 256),
  );
  if (dh.every((byte) => byte === 0)) throw new Error("the public key is of small order"); // RFC 9180 §7.1.4
  const context = concat(enc, recipient);
  const info = labeledInfo(kemSuite, "shared_secret", context, keyBytes);
  return { enc, sharedSecret: await hkdf(nothing, labeledIkm(kemSuite, "eae_prk", dh), info, keyBytes) };
}

/** The key and the base nonce of RFC 9180 §5.1. */
export interface KeySchedule {
  readonly key: Bytes;
  readonly baseNonce: Bytes;
}

/** Derives them from the shared secret; extracting `secret` and expanding it is one HKDF. */
export async function keySchedule(sharedSecret: Bytes, info: Bytes): Promise<KeySchedule> {
  const context = concat(modeBase, await extract("psk_id_hash", nothing), await extract("info_hash", info));
  const noPsk = labeledIkm(hpkeSuite, "secret", nothing);
  return {
    key: await hkdf(sharedSecret, noPsk, labeledInfo(hpkeSuite, "key", context, keyBytes), keyBytes),
    baseNonce: await hkdf(sharedSecret, noPsk, labeledInfo(hpkeSuite, "base_nonce", context, nonceBytes), nonceBytes),
  };
}

/** Seals message `sequence`; ciphertext and tag. Source: RFC 9180 §5.2. */
export async function sealMessage(
  { key, baseNonce }: KeySchedule,
  sequence: number,
  additionalData: Bytes,
  plaintext: Bytes,
): Promise<Bytes> {
  const counter = concat(new Uint8Array(nonceBytes - 4), uint32(sequence));
  const iv = baseNonce.map((byte, index) => byte ^ (counter[index] ?? 0));
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, aes, plaintext));
}
