/** The only envelope version there is. */
const envelopeVersion = 1;

/** Suite 1: HPKE base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
const suiteX25519 = 1;

/**
 * How the shared secret of an envelope was made; all else is alike. Suites 2, 3 and 4: 32 random bytes under RSA-OAEP with
 * SHA-256, for keys of 2048, 3072 and 4096 bits.
 */
export type Suite = 1 | 2 | 3 | 4;

/** Bytes of a key id: the head of the SHA-256 of the public key it names. */
export const keyIdBytes = 8;

/** Bytes of an X25519 public key, and of HPKE's `enc`, which is one. */
export const publicKeyBytes = 32;

const encBytes: Readonly<Record<Suite, number>> = { 1: publicKeyBytes, 2: 256, 3: 384, 4: 512 };
const suites: readonly Suite[] = [1, 2, 3, 4];
const offsets = { suite: 1, keyId: 2, enc: 2 + keyIdBytes };
const tagBytes = 16;

/** The suite whose `enc` has so many bytes, which for RSA is the bytes of the modulus; throws when there is none. */
export function suiteOfEnc(bytes: number): Suite {
  const suite = suites.find((one) => encBytes[one] === bytes);
  if (!suite) throw new Error(`no suite has an encapsulation of ${bytes} bytes: RSA keys have 2048, 3072 or 4096 bits`);
  return suite;
}

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
 * Shape: version (1 byte) · suite (1) · key id (8) · enc (32; RSA: 256, 384 or 512) · sequence (1). The ciphertext with
 * its tag follows.
 */
export function encodeHeader(keyId: Buffer, enc: Buffer, sequence: number): Buffer {
  return Buffer.concat([Buffer.of(envelopeVersion, suiteOfEnc(enc.length)), keyId, enc, Buffer.of(sequence)]);
}

/** Splits a sealed value into its parts; null when it is too short or of another version or suite. */
export function parseEnvelope(sealed: Uint8Array, suite: Suite = suiteX25519): Envelope | null {
  const sequenceAt = offsets.enc + encBytes[suite];
  const headerBytes = sequenceAt + 1;
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < headerBytes + tagBytes) return null;
  if (bytes[0] !== envelopeVersion || bytes[offsets.suite] !== suite) return null;
  return {
    header: bytes.subarray(0, headerBytes),
    keyId: bytes.subarray(offsets.keyId, offsets.enc),
    enc: bytes.subarray(offsets.enc, sequenceAt),
    sequence: bytes.readUInt8(sequenceAt),
    ciphertext: bytes.subarray(headerBytes),
  };
}
