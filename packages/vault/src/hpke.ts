import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

// RFC 9180 §7: the ids of DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM.
const suiteId = Buffer.concat([Buffer.from("HPKE"), Buffer.from([0x00, 0x20, 0x00, 0x01, 0x00, 0x02])]);
const versionLabel = Buffer.from("HPKE-v1");
const empty = Buffer.alloc(0);
const modeBase = Buffer.of(0);

/** The AEAD of the suite, by Node's name. */
export const aead = "aes-256-gcm";

const keyBytes = 32;
const nonceBytes = 12;

/** The part of the key schedule that depends on `info` alone. */
export interface HpkeInfo {
  readonly keyLabel: Buffer;
  readonly nonceLabel: Buffer;
}

/** One use of HPKE: the AEAD key, and the nonce that each message's sequence number is mixed into. */
export interface HpkeContext {
  readonly key: KeyObject;
  readonly baseNonce: Buffer;
}

function labeledIkm(label: string, ikm: Buffer): Buffer {
  return Buffer.concat([versionLabel, suiteId, Buffer.from(label), ikm]);
}

function labeledInfo(label: string, info: Buffer, length: number): Buffer {
  return Buffer.concat([Buffer.of(length >> 8, length & 0xff), versionLabel, suiteId, Buffer.from(label), info]);
}

/** LabeledExtract with an empty salt: HKDF-Extract is one HMAC keyed with the salt. */
function extract(label: string, ikm: Buffer): Buffer {
  return createHmac("sha256", empty).update(labeledIkm(label, ikm)).digest();
}

/**
 * Prepares the key schedule for one application label; worth doing once, at load.
 *
 * Source: RFC 9180 §5.1, `key_schedule_context` of the base mode, which has no psk.
 */
export function prepareInfo(info: Buffer): HpkeInfo {
  const context = Buffer.concat([modeBase, extract("psk_id_hash", empty), extract("info_hash", info)]);
  return {
    keyLabel: labeledInfo("key", context, keyBytes),
    nonceLabel: labeledInfo("base_nonce", context, nonceBytes),
  };
}

// Key objects rather than bytes: Node then skips a conversion that costs more than the HKDF or the cipher itself.
const noPsk = createSecretKey(labeledIkm("secret", empty));

/**
 * Derives key and base nonce from the KEM's shared secret.
 *
 * Each is one HKDF: extracting `secret` with the shared secret as the salt and expanding it is what `hkdfSync` does, so
 * no step of HKDF is written here. Source: RFC 9180 §5.1; the exporter secret has no use here.
 */
export function keySchedule(sharedSecret: Buffer, info: HpkeInfo): HpkeContext {
  return {
    key: createSecretKey(Buffer.from(hkdfSync("sha256", noPsk, sharedSecret, info.keyLabel, keyBytes))),
    baseNonce: Buffer.from(hkdfSync("sha256", noPsk, sharedSecret, info.nonceLabel, nonceBytes)),
  };
}

/** The nonce of message `sequence`, a whole number below 2³². Source: RFC 9180 §5.2, ComputeNonce. */
export function messageNonce(context: HpkeContext, sequence: number): Buffer {
  const nonce = Buffer.from(context.baseNonce);
  const tail = nonceBytes - 4;
  nonce.writeUInt32BE((nonce.readUInt32BE(tail) ^ sequence) >>> 0, tail);
  return nonce;
}

/** What a credential value is sealed for. */
export const valueInfo = prepareInfo(Buffer.from("stablehand credential value v1"));

/** What an end-user's private key is sealed for. */
export const endUserKeyInfo = prepareInfo(Buffer.from("stablehand end-user key v1"));

/** What a webhook endpoint's secret is sealed for. */
export const webhookSecretInfo = prepareInfo(Buffer.from("stablehand webhook secret v1"));
