/** The only envelope version there is. */
const envelopeVersion = 1;

/** Suite 1: HPKE base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
const suiteX25519 = 1;

/** Bytes of a key id: the head of the SHA-256 of the public key it names. */
export const keyIdBytes = 8;

/** Bytes of an X25519 public key, and of HPKE's `enc`, which is one. */
export const publicKeyBytes = 32;

const offsets = { suite: 1, keyId: 2, enc: 2 + keyIdBytes, sequence: 2 + keyIdBytes + publicKeyBytes };
const headerBytes = offsets.sequence + 1;
const tagBytes = 16;

/** The parts of a sealed value. `header` is everything before the ciphertext and is authenticated with it. */
export interface Envelope {
  readonly header: Buffer;
  readonly keyId: Buffer;
  readonly enc: Buffer;
  readonly sequence: number;
  readonly ciphertext: Buffer;
}

/**
 * Lays out the header of a sealed value.
 *
 * Shape: version (1 byte) · suite (1) · key id (8) · enc (32) · sequence (1). The ciphertext with its tag follows.
 */
export function encodeHeader(keyId: Buffer, enc: Buffer, sequence: number): Buffer {
  return Buffer.concat([Buffer.of(envelopeVersion, suiteX25519), keyId, enc, Buffer.of(sequence)], headerBytes);
}

/** Splits a sealed value into its parts; null when it is too short or of a version or suite that does not exist. */
export function parseEnvelope(sealed: Uint8Array): Envelope | null {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < headerBytes + tagBytes) return null;
  if (bytes[0] !== envelopeVersion || bytes[offsets.suite] !== suiteX25519) return null;
  return {
    header: bytes.subarray(0, headerBytes),
    keyId: bytes.subarray(offsets.keyId, offsets.enc),
    enc: bytes.subarray(offsets.enc, offsets.sequence),
    sequence: bytes.readUInt8(offsets.sequence),
    ciphertext: bytes.subarray(headerBytes),
  };
}
