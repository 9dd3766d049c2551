import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { credentialFieldNames } from "@stablehand/contract";
import { OpenError, openValue } from "@stablehand/vault/open";
import { describe, expect, test } from "vitest";
import { checkout } from "../../../../tests/support/checkout.ts";
import { importPrivateKey, keyIdOf } from "../../../vault/src/x25519.ts";
import type { SealingKey } from "../contract/records.ts";
import { SealingError } from "../errors.ts";
import { fromBase64url, toHex, utf8 } from "./bytes.ts";
import { encapsulate, keySchedule, sealMessage } from "./hpke.ts";
import { sealValues } from "./seal-values.ts";

const owner = { businessId: "biz-1", endUserId: "alice/é🍪" };

/** The key of an end-user: what the server gives of it, and what a worker has of it. */
function newKey(): { key: SealingKey; opening: { keyId: Buffer; privateKey: KeyObject } } {
  const pair = generateKeyPairSync("x25519");
  const publicKey = pair.publicKey.export({ format: "raw-public" });
  const keyId = keyIdOf(publicKey);
  const key = { ...owner, keyId: keyId.toString("hex"), publicKey: publicKey.toString("base64url") };
  return { key: { ...key, version: 1, suite: 1 }, opening: { keyId, privateKey: pair.privateKey } };
}

const bytesOf = (sealed: string | undefined) => Buffer.from(sealed ?? "", "base64url");

describe("what is sealed here", () => {
  test("a worker opens, all twelve fields of one upload, 50 times over", async () => {
    for (let round = 0; round < 50; round++) {
      const { key, opening } = newKey();
      const values = credentialFieldNames.map(
        (field) => [field, `é🍪${randomBytes(round * 4).toString("hex")}.`] as const,
      );
      const sealed = await sealValues(key, values);
      for (const [field, value] of values) expect(openValue(owner, field, opening, bytesOf(sealed[field]))).toBe(value);
    }
  });

  test("opens under no other business, end-user, field or key, and not when a byte of it is changed", async () => {
    const { key, opening } = newKey();
    const sealed = bytesOf((await sealValues(key, [["twitterCt0", "CANARY"]])).twitterCt0);
    const elsewhere = [
      [{ ...owner, businessId: "biz-2" }, "twitterCt0", opening],
      [{ ...owner, endUserId: "alice" }, "twitterCt0", opening],
      [owner, "twitterAuthToken", opening],
      [owner, "twitterCt0", newKey().opening],
      [owner, "twitterCt0", { ...newKey().opening, keyId: opening.keyId }],
    ] as const;
    for (const [who, field, by] of elsewhere) expect(() => openValue(who, field, by, sealed)).toThrow(OpenError);
    for (let at = 0; at < sealed.length; at++) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ 0x01;
      expect(() => openValue(owner, "twitterCt0", opening, altered), `byte ${at}`).toThrow(OpenError);
    }
    expect(openValue(owner, "twitterCt0", opening, sealed)).toBe("CANARY");
  });

  test("never has the same ephemeral key twice", async () => {
    const { key } = newKey();
    const encs = await Promise.all(
      Array.from({ length: 100 }, async () =>
        bytesOf((await sealValues(key, [["twitterCt0", "CANARY"]])).twitterCt0).toString("hex", 10, 42),
      ),
    );
    expect(new Set(encs).size).toBe(100);
  });
});

describe("a key of the server's that is not sealed to", () => {
  const { key } = newKey();
  test.each([
    ["of a later suite", { ...key, suite: 2 as 1 }],
    ["of a later version", { ...key, version: 2 as 1 }],
    ["whose id is another's", { ...key, keyId: newKey().key.keyId }],
    ["cut short", { ...key, publicKey: key.publicKey.slice(0, 40) }],
    [
      "to which no secret can be shared",
      { ...key, publicKey: Buffer.alloc(32).toString("base64url"), keyId: keyIdOf(Buffer.alloc(32)).toString("hex") },
    ],
  ])("%s", async (_what, refused) => {
    await expect(sealValues(refused, [["twitterCt0", "CANARY"]])).rejects.toThrow(SealingError);
  });
});

/** `packages/vault/vectors/client-sealing-v1.json`, which docs/client-side-sealing.md works through. */
const vector = JSON.parse(readFileSync(`${checkout}/packages/vault/vectors/client-sealing-v1.json`, "utf8")) as {
  sealingKey: SealingKey;
  privateKey: string;
  ephemeralPrivateKey: string;
  info: string;
  enc: string;
  sharedSecret: string;
  key: string;
  baseNonce: string;
  values: { field: string; value: string; header: string; binding: string; sealed: string }[];
};
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

async function vectorsEphemeral(): Promise<CryptoKeyPair> {
  const jwk = { kty: "OKP", crv: "X25519", x: Buffer.from(vector.enc, "hex").toString("base64url") };
  const d = Buffer.from(vector.ephemeralPrivateKey, "hex").toString("base64url");
  return {
    publicKey: await crypto.subtle.importKey("jwk", jwk, { name: "X25519" }, true, []),
    privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d }, { name: "X25519" }, true, ["deriveBits"]),
  };
}

describe("the vector that is published", () => {
  test("is what is sealed here with its ephemeral key, every step of it", async () => {
    const ephemeral = await vectorsEphemeral();
    const { enc, sharedSecret } = await encapsulate(fromBase64url(vector.sealingKey.publicKey), ephemeral);
    expect([toHex(enc), toHex(sharedSecret)]).toEqual([vector.enc, vector.sharedSecret]);
    const schedule = await keySchedule(sharedSecret, bytes(vector.info));
    expect([toHex(schedule.key), toHex(schedule.baseNonce)]).toEqual([vector.key, vector.baseNonce]);
    const values = vector.values.map(({ field, value }) => [field, value] as const);
    const expected = Object.fromEntries(vector.values.map(({ field, sealed }) => [field, sealed]));
    expect(await sealValues(vector.sealingKey, values, ephemeral)).toEqual(expected);
  });

  test("is opened by a worker", () => {
    const opening = {
      keyId: Buffer.from(vector.sealingKey.keyId, "hex"),
      privateKey: importPrivateKey(Buffer.from(vector.privateKey, "hex")),
    };
    for (const { field, value, sealed } of vector.values)
      expect(openValue(vector.sealingKey, field, opening, bytesOf(sealed))).toBe(value);
  });

  test("stands in docs/client-side-sealing.md as it is", () => {
    const document = readFileSync(`${checkout}/docs/client-side-sealing.md`, "utf8");
    for (const text of [vector.privateKey, vector.ephemeralPrivateKey, vector.enc, vector.sharedSecret, vector.key])
      expect(document).toContain(text);
    for (const one of vector.values) for (const text of Object.values(one)) expect(document).toContain(text);
    for (const text of Object.values(vector.sealingKey)) expect(document).toContain(String(text));
  });
});

test("key schedule and messages are those of RFC 9180's own vector", async () => {
  const rfc = JSON.parse(
    readFileSync(`${checkout}/packages/vault/vectors/rfc9180-x25519-sha256-aes256gcm.json`, "utf8"),
  ) as {
    info: string;
    shared_secret: string;
    key: string;
    base_nonce: string;
    encryptions: { aad: string; ct: string; pt: string }[];
  };
  const schedule = await keySchedule(bytes(rfc.shared_secret), bytes(rfc.info));
  expect([toHex(schedule.key), toHex(schedule.baseNonce)]).toEqual([rfc.key, rfc.base_nonce]);
  expect(rfc.encryptions.length).toBeGreaterThan(200);
  for (const [sequence, { aad, ct, pt }] of rfc.encryptions.entries())
    expect(toHex(await sealMessage(schedule, sequence, bytes(aad), bytes(pt)))).toBe(ct);
});

test("text is UTF-8", () => {
  expect(toHex(utf8("é🍪"))).toBe("c3a9f09f8daa");
});
