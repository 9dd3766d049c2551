import { type Needle, needleBytesMin } from "./needles.ts";

/** Finds which needles stand in some bytes, in whatever case; calls `onFound` once for each place. */
export type ByteSearch = (bytes: Uint8Array, onFound: (needle: Needle, at: number) => void) => void;

const factor = 0x01000193;
const bits = 22;

const lowerCase = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

/**
 * Prepares to look for any number of needles at once, in time that grows with the bytes alone (Rabin and Karp's way: a
 * hash of the last ten bytes rolls along).
 */
export function createByteSearch(needles: readonly Needle[]): ByteSearch {
  const byHash = new Map<number, Needle[]>();
  const present = new Uint8Array(1 << bits);
  for (const needle of needles) {
    let hash = 0;
    for (const byte of needle.bytes.subarray(0, needleBytesMin)) hash = (Math.imul(hash, factor) + byte) | 0;
    byHash.set(hash, [...(byHash.get(hash) ?? []), needle]);
    present[slotOf(hash)] = 1;
  }
  let leaving = 1; // what the oldest byte has been multiplied with by the time it leaves
  for (let power = 1; power < needleBytesMin; power++) leaving = Math.imul(leaving, factor);

  return (bytes, onFound) => {
    let hash = 0;
    for (let at = 0; at < bytes.length; at++) {
      if (at >= needleBytesMin) hash = (hash - Math.imul(leaving, lowerCase[bytes[at - needleBytesMin] ?? 0] ?? 0)) | 0;
      hash = (Math.imul(hash, factor) + (lowerCase[bytes[at] ?? 0] ?? 0)) | 0;
      if (at < needleBytesMin - 1 || present[slotOf(hash)] === 0) continue;
      const begin = at - needleBytesMin + 1;
      for (const needle of byHash.get(hash) ?? []) if (standsAt(bytes, begin, needle.bytes)) onFound(needle, begin);
    }
  };
}

function slotOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> (32 - bits);
}

function standsAt(bytes: Uint8Array, begin: number, needle: Uint8Array): boolean {
  if (begin + needle.length > bytes.length) return false;
  for (let at = 0; at < needle.length; at++) if (lowerCase[bytes[begin + at] ?? 0] !== needle[at]) return false;
  return true;
}
