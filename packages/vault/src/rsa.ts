import { constants, createPublicKey, type KeyObject, publicEncrypt, randomBytes } from "node:crypto";
import { type Suite, suiteOfEnc } from "./envelope.ts";

const sharedKeyBytes = 32;

/** Reads an RSA public key in SPKI form; throws when it is another kind of key, or of a size that no suite has. */
export function importRsaPublicKey(spki: Buffer): KeyObject {
  const key = createPublicKey({ key: spki, format: "der", type: "spki" });
  suiteOfRsaKey(key);
  return key;
}

/** The suite of what is sealed to an RSA key. */
export function suiteOfRsaKey(key: KeyObject): Suite {
  if (key.asymmetricKeyType !== "rsa") throw new Error(`the key is of type ${key.asymmetricKeyType}, not rsa`);
  return suiteOfEnc((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}

/** RSA-OAEP with SHA-256 and no label: what a KMS calls RSAES_OAEP_SHA_256. */
export function encryptOaep(recipient: KeyObject, plaintext: Buffer): Buffer {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return publicEncrypt({ key: recipient, padding, oaepHash: "sha256" }, plaintext);
}

/** A fresh shared secret for the holder of an RSA key, in the shape of `crypto.encapsulate`. */
export function encapsulateToRsa(recipient: KeyObject): { readonly sharedKey: Buffer; readonly ciphertext: Buffer } {
  const sharedKey = randomBytes(sharedKeyBytes);
  return { sharedKey, ciphertext: encryptOaep(recipient, sharedKey) };
}
