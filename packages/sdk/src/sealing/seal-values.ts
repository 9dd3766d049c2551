import type { SealingKey } from "../contract/records.ts";
import { SealingError } from "../errors.ts";
import { type Bytes, concat, fromBase64url, toBase64url, toHex, uint32, utf8 } from "./bytes.ts";
import { encapsulate, keySchedule, newEphemeral, sealMessage } from "./hpke.ts";

const purpose = utf8("stablehand credential value v1");

/**
 * Seals values to an end-user's key, each bound to business, end-user, field and key: only a worker opens them, and only there.
 *
 * One encapsulation for all of them: value *i* is message *i*. At most 256. Throws SealingError when the key is none, or of
 * a suite that this release does not know, or when this runtime has no X25519. Source: docs/client-side-sealing.md.
 */
export async function sealValues<Field extends string>(
  key: SealingKey,
  values: readonly (readonly [field: Field, value: string])[],
  ephemeral?: CryptoKeyPair,
): Promise<Record<Field, string>> {
  const { publicKey, keyId } = await readKey(key);
  const pair = ephemeral ?? (await ephemeralOrExplain());
  const { enc, sharedSecret } = await encapsulate(publicKey, pair).catch((cause: unknown) => {
    throw new SealingError("nothing can be sealed to the server's key", { cause });
  });
  const schedule = await keySchedule(sharedSecret, purpose);
  const sealed = values.map(async ([field, value], sequence) => {
    const header = concat([key.version, key.suite], keyId, enc, [sequence]);
    const binding = [utf8(key.businessId), utf8(key.endUserId), utf8(field), keyId];
    const additionalData = concat(header, ...binding.flatMap((part) => [uint32(part.length), part]));
    const ciphertext = await sealMessage(schedule, sequence, additionalData, utf8(value));
    return [field, toBase64url(concat(header, ciphertext))] as const;
  });
  return Object.fromEntries(await Promise.all(sealed)) as Record<Field, string>; // one entry a value
}

async function readKey(key: SealingKey): Promise<{ publicKey: Bytes; keyId: Bytes }> {
  const { version, suite }: { version: number; suite: number } = key; // whatever a later server says
  if (version !== 1 || suite !== 1)
    throw new SealingError(`the server wants version ${version}, suite ${suite}: update @stablehand/sdk`);
  const publicKey = fromBase64url(key.publicKey);
  const keyId = new Uint8Array(await crypto.subtle.digest("SHA-256", publicKey)).slice(0, 8);
  if (publicKey.length !== 32 || toHex(keyId) !== key.keyId)
    throw new SealingError("the server's public key is not that of its key id");
  return { publicKey, keyId };
}

async function ephemeralOrExplain(): Promise<CryptoKeyPair> {
  try {
    return await newEphemeral();
  } catch (cause) {
    throw new SealingError('this runtime has no X25519 in WebCrypto: update it, or choose sealing: "server"', {
      cause,
    });
  }
}
