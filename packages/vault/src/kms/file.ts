import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { KeyringError } from "../keyring.ts";
import type { WrappingKeyProvider } from "./provider.ts";

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const label = Buffer.from("stablehand keyring key v1");

/** The text of a new key file: 32 random bytes in base64url and a line end. */
export function newKeyFileText(): string {
  return `${randomBytes(keyBytes).toString("base64url")}\n`;
}

function readKeyFile(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY);
  } catch (error) {
    throw new KeyringError(
      `cannot read the key file ${path} (${(error as NodeJS.ErrnoException).code}): it must belong to the worker's user; ` +
        "if it is lost, restore it from your backup: nothing stored opens without it",
    );
  }
  try {
    const stat = fstatSync(file);
    if ((stat.mode & 0o077) !== 0)
      throw new KeyringError(`the key file ${path} can be read by others: run \`chmod 600 ${path}\``);
    const key = Buffer.from(readFileSync(file, "utf8").trim(), "base64url");
    if (key.length !== keyBytes) throw new KeyringError(`the key file ${path} does not hold a 32-byte key: restore it`);
    return key;
  } finally {
    closeSync(file);
  }
}

/**
 * The provider whose key lies in a file of mode 0600.
 *
 * Throws KeyringError when the file is missing, readable by its group or others, or holds no key.
 * Shape of what it wraps: nonce (12 bytes) · AES-256-GCM ciphertext · tag (16), bound to the key id.
 */
export function fileKeyProvider(path: string): WrappingKeyProvider {
  const key = readKeyFile(path);
  return {
    name: "file",
    async wrap(privateKey, keyId) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(Buffer.concat([label, keyId]));
      return Buffer.concat([nonce, cipher.update(privateKey), cipher.final(), cipher.getAuthTag()]);
    },
    async unwrap(wrapped, keyId) {
      try {
        const nonce = wrapped.subarray(0, nonceBytes);
        const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
        decipher.setAAD(Buffer.concat([label, keyId]));
        decipher.setAuthTag(wrapped.subarray(-tagBytes));
        return Buffer.concat([decipher.update(wrapped.subarray(nonceBytes, -tagBytes)), decipher.final()]);
      } catch {
        throw new KeyringError(
          `the key file ${path} does not fit the keyring: key ${keyId.toString("hex")} was wrapped by another key`,
        );
      }
    },
  };
}
