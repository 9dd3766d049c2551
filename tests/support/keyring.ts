import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { KeyringKey } from "../../packages/vault/src/keyring.ts";
import { keyIdOf } from "../../packages/vault/src/x25519.ts";

/** A keyring of one key, in memory only. */
export function makeKeyring(): { current: KeyringKey; keys: ReadonlyMap<string, KeyObject> } {
  const pair = generateKeyPairSync("x25519");
  const publicKey = pair.publicKey.export({ format: "raw-public" });
  const keyId = keyIdOf(publicKey);
  return { current: { keyId, publicKey }, keys: new Map([[keyId.toString("hex"), pair.privateKey]]) };
}
