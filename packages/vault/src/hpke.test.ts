import { createCipheriv, decapsulate } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { aead, keySchedule, messageNonce, prepareInfo } from "./hpke.ts";
import { importPrivateKey, importPublicKey } from "./x25519.ts";

const vectors = JSON.parse(
  readFileSync(new URL("../vectors/rfc9180-x25519-sha256-aes256gcm.json", import.meta.url), "utf8"),
) as Record<"info" | "skRm" | "enc" | "shared_secret" | "key" | "base_nonce", string> & {
  encryptions: Record<"aad" | "ct" | "nonce" | "pt", string>[];
};
const hex = (text: string) => Buffer.from(text, "hex");

describe("the RFC's test vectors", () => {
  const sharedSecret = decapsulate(importPrivateKey(hex(vectors.skRm)), hex(vectors.enc));
  const context = keySchedule(sharedSecret, prepareInfo(hex(vectors.info)));

  test("decapsulation and the key schedule give the RFC's secret, key and base nonce", () => {
    expect(sharedSecret.toString("hex")).toBe(vectors.shared_secret);
    expect(context.key.export().toString("hex")).toBe(vectors.key);
    expect(context.baseNonce.toString("hex")).toBe(vectors.base_nonce);
  });

  test("all 257 messages, over the carry into the second nonce byte, encrypt to the RFC's ciphertexts", () => {
    expect(vectors.encryptions).toHaveLength(257);
    for (const [sequence, message] of vectors.encryptions.entries()) {
      const nonce = messageNonce(context, sequence);
      expect(nonce.toString("hex")).toBe(message.nonce);
      const cipher = createCipheriv(aead, context.key, nonce);
      cipher.setAAD(hex(message.aad));
      const sealed = Buffer.concat([cipher.update(hex(message.pt)), cipher.final(), cipher.getAuthTag()]);
      expect(sealed.toString("hex")).toBe(message.ct);
    }
  });
});

test("a key of the wrong length is refused", () => {
  for (const length of [0, 31, 33]) {
    expect(() => importPublicKey(Buffer.alloc(length, 1))).toThrow();
    expect(() => importPrivateKey(Buffer.alloc(length, 1))).toThrow();
  }
});
