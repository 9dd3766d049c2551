import { generateKeyPairSync, randomBytes, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { credentialFieldNames } from "@stablehand/contract";
import { describe, expect, test } from "vitest";
import { valueBinding, webhookSecretBinding } from "./binding.ts";
import { encodeHeader, parseEnvelope } from "./envelope.ts";
import { OpenError, openEndUserKey, openEndUserKeyBytes, openValue, openWebhookSecret } from "./open.ts";
import { createEndUserKey, importEndUserKey, sealEndUserKey, sealValues, sealWebhookSecret } from "./seal.ts";
import { importPrivateKey, keyIdOf } from "./x25519.ts";

const owner = { businessId: "biz-1", endUserId: "alice" };
const value = "CANARY-twitterCt0-0123456789";

function newKeyring() {
  const pair = generateKeyPairSync("x25519");
  const publicKey = pair.publicKey.export({ format: "raw-public" });
  const key = { keyId: keyIdOf(publicKey), publicKey };
  return { key, opening: new Map([[key.keyId.toString("hex"), pair.privateKey]]) };
}

function setUp() {
  const keyring = newKeyring();
  const stored = createEndUserKey(owner, keyring.key);
  const opened = openEndUserKey(owner, stored, keyring.opening);
  if (!opened) throw new Error("the keyring has the key");
  const [first] = sealValues(owner, stored, [["twitterCt0", value]]);
  if (!first) throw new Error("one value in, one out");
  return { keyring, stored, opened, sealed: first.sealed };
}

describe("what is sealed", () => {
  test("opens again, all twelve fields of one PUT, each a message of one encapsulation", () => {
    const { stored, opened } = setUp();
    const values = credentialFieldNames.map((field) => [field, `CANARY-${field}-é🍪`] as const);
    const sealed = sealValues(owner, stored, values);
    expect(new Set(sealed.map((one) => parseEnvelope(one.sealed)?.enc.toString("hex"))).size).toBe(1);
    for (const [index, one] of sealed.entries()) {
      expect(parseEnvelope(one.sealed)?.sequence).toBe(index);
      expect(openValue(owner, one.field, opened, one.sealed)).toBe(`CANARY-${one.field}-é🍪`);
    }
  });

  test("never uses the same ephemeral key twice", () => {
    const { stored } = setUp();
    const encs = Array.from({ length: 200 }, () => {
      const [one] = sealValues(owner, stored, [["twitterCt0", value]]);
      return one && parseEnvelope(one.sealed)?.enc.toString("hex");
    });
    expect(new Set(encs).size).toBe(200);
  });
});

describe("what must not open", () => {
  test("a value with any one byte flipped", () => {
    const { opened, sealed } = setUp();
    for (let at = 0; at < sealed.length; at++) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ 0x01;
      expect(() => openValue(owner, "twitterCt0", opened, altered), `byte ${at}`).toThrow(OpenError);
    }
    expect(openValue(owner, "twitterCt0", opened, sealed)).toBe(value);
  });

  test("a value cut short or made longer", () => {
    const { opened, sealed } = setUp();
    for (let length = 0; length < sealed.length; length++)
      expect(() => openValue(owner, "twitterCt0", opened, sealed.subarray(0, length))).toThrow(OpenError);
    expect(() => openValue(owner, "twitterCt0", opened, Buffer.concat([sealed, Buffer.of(0)]))).toThrow(OpenError);
  });

  test("a value moved to another business, end-user or field", () => {
    const { opened, sealed } = setUp();
    const elsewhere = [
      [{ ...owner, businessId: "biz-2" }, "twitterCt0"],
      [{ ...owner, endUserId: "bob" }, "twitterCt0"],
      [{ ...owner, endUserId: "Alice" }, "twitterCt0"],
      [owner, "twitterAuthToken"],
      [{ businessId: "biz-1a", endUserId: "lice" }, "twitterCt0"],
    ] as const;
    for (const [moved, field] of elsewhere)
      expect(() => openValue(moved, field, opened, sealed), JSON.stringify(moved) + field).toThrow(OpenError);
  });

  test("a value under another end-user's key", () => {
    const { sealed } = setUp();
    const { opened: other } = setUp();
    expect(() => openValue(owner, "twitterCt0", other, sealed)).toThrow(OpenError);
  });

  test("an end-user's key moved to another owner, altered in any byte, or renamed", () => {
    const { keyring, stored } = setUp();
    const open = (who: typeof owner, row: typeof stored) => () => openEndUserKey(who, row, keyring.opening);
    expect(open({ ...owner, endUserId: "bob" }, stored)).toThrow(OpenError);
    expect(open({ ...owner, businessId: "biz-2" }, stored)).toThrow(OpenError);
    expect(open(owner, { ...stored, keyId: randomBytes(8) })).toThrow(OpenError);
    for (let at = 0; at < stored.sealedPrivateKey.length; at++) {
      const altered = Buffer.from(stored.sealedPrivateKey);
      altered[at] = (altered[at] ?? 0) ^ 0x80;
      expect(open(owner, { ...stored, sealedPrivateKey: altered }), `byte ${at}`).toThrow(OpenError);
    }
  });

  test("a value passed off as an end-user's key, and the reverse: each is sealed for one purpose", () => {
    const { keyring, stored, opened } = setUp();
    const [asValue] = sealValues(owner, importEndUserKey(keyring.key), [["twitterCt0", value]]);
    expect(() =>
      openEndUserKey(owner, { ...stored, sealedPrivateKey: asValue?.sealed ?? Buffer.alloc(0) }, keyring.opening),
    ).toThrow(OpenError);
    const asKey = sealEndUserKey(owner, opened.keyId, Buffer.from(value), {
      keyId: stored.keyId,
      publicKey: stored.publicKey,
    });
    expect(() => openValue(owner, "twitterCt0", opened, asKey)).toThrow(OpenError);
  });

  test("an all-zero public key is refused when sealing, not sealed to nobody", () => {
    expect(() =>
      sealValues(owner, importEndUserKey({ keyId: Buffer.alloc(8), publicKey: Buffer.alloc(32) }), [
        ["twitterCt0", value],
      ]),
    ).toThrow();
  });

  test("the error is one text and says nothing of value, key or cause", () => {
    const { opened, sealed } = setUp();
    try {
      openValue(owner, "twitterAuthToken", opened, sealed);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(OpenError);
      expect((error as OpenError).message).toBe("a sealed value could not be opened");
      expect((error as OpenError).cause).toBeUndefined();
    }
  });
});

test("a key that the keyring does not have is null, not an error: the caller reloads the keyring", () => {
  const { stored } = setUp();
  expect(openEndUserKey(owner, stored, newKeyring().opening)).toBeNull();
});

test("an end-user's key re-sealed to a new keyring key opens the old values", () => {
  const { keyring, stored, sealed } = setUp();
  const next = newKeyring();
  const raw = openEndUserKeyBytes(owner, stored, keyring.opening);
  if (!raw) throw new Error("the keyring has the key");
  const moved = {
    ...stored,
    keyringKeyId: next.key.keyId,
    sealedPrivateKey: sealEndUserKey(owner, stored.keyId, raw, next.key),
  };
  const opened = openEndUserKey(owner, moved, next.opening);
  if (!opened) throw new Error("the new keyring has the key");
  expect(openValue(owner, "twitterCt0", opened, sealed)).toBe(value);
  expect(openEndUserKey(owner, moved, keyring.opening)).toBeNull();
});

describe("interoperability with another implementation of RFC 9180, @hpke/core", () => {
  const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const info = new TextEncoder().encode("stablehand credential value v1");
  const contexts = 1_000;
  const messages = 10;
  const arrayBuffer = (bytes: Buffer) => new Uint8Array(bytes).buffer;
  const plain = () => randomBytes(randomInt(1, 400)).toString("base64url");

  test("10,000 random values that we seal, it opens", { timeout: 60_000 }, async () => {
    for (let round = 0; round < contexts; round++) {
      const pair = generateKeyPairSync("x25519");
      const publicKey = pair.publicKey.export({ format: "raw-public" });
      const key = { keyId: keyIdOf(publicKey), publicKey };
      const values = Array.from({ length: messages }, (_, index) => [`field${index}`, plain()] as const);
      const sealed = sealValues(owner, importEndUserKey(key), values);
      const parsed = sealed.map((one) => ({ ...parseEnvelope(one.sealed), field: one.field }));
      const recipientKey = await suite.kem.importKey(
        "raw",
        arrayBuffer(pair.privateKey.export({ format: "raw-private" })),
        false,
      );
      const recipient = await suite.createRecipientContext({
        recipientKey,
        enc: parsed[0]?.enc ?? Buffer.alloc(0),
        info,
      });
      for (const [index, { ciphertext, header, field }] of parsed.entries()) {
        const aad = Buffer.concat([header ?? Buffer.alloc(0), valueBinding(owner, field, key.keyId)]);
        const opened = await recipient.open(ciphertext ?? Buffer.alloc(0), aad);
        expect(Buffer.from(opened).toString()).toBe(values[index]?.[1]);
      }
    }
  });

  test("10,000 random values that it seals, we open", { timeout: 60_000 }, async () => {
    for (let round = 0; round < contexts; round++) {
      const pair = generateKeyPairSync("x25519");
      const publicKey = pair.publicKey.export({ format: "raw-public" });
      const key = { keyId: keyIdOf(publicKey), privateKey: pair.privateKey };
      const recipientPublicKey = await suite.kem.importKey("raw", arrayBuffer(publicKey));
      const sender = await suite.createSenderContext({ recipientPublicKey, info });
      for (let sequence = 0; sequence < messages; sequence++) {
        const text = plain();
        const header = encodeHeader(key.keyId, Buffer.from(sender.enc), sequence);
        const aad = Buffer.concat([header, valueBinding(owner, "twitterCt0", key.keyId)]);
        const sealed = Buffer.concat([header, Buffer.from(await sender.seal(Buffer.from(text), aad))]);
        expect(openValue(owner, "twitterCt0", key, sealed)).toBe(text);
      }
    }
  });
});

test("the committed vectors of our own envelope still open, and the ones that must fail still fail", () => {
  const file = JSON.parse(readFileSync(new URL("../vectors/envelope-v1.json", import.meta.url), "utf8")) as {
    privateKey: string;
    publicKey: string;
    open: { businessId: string; endUserId: string; field: string; value: string; sealed: string }[];
    mustFail: { why: string; businessId: string; endUserId: string; field: string; sealed: string }[];
  };
  const keyId = keyIdOf(Buffer.from(file.publicKey, "hex"));
  const key = { keyId, privateKey: importPrivateKey(Buffer.from(file.privateKey, "hex")) };
  expect(file.open.length).toBeGreaterThanOrEqual(4);
  expect(file.mustFail.length).toBeGreaterThanOrEqual(file.open.length);
  for (const one of file.open) expect(openValue(one, one.field, key, Buffer.from(one.sealed, "hex"))).toBe(one.value);
  for (const one of file.mustFail)
    expect(() => openValue(one, one.field, key, Buffer.from(one.sealed, "hex")), one.why).toThrow(OpenError);
});

describe("the secret of a webhook endpoint", () => {
  const endpoint = { businessId: "biz-1", endpointId: "endpoint-1" };

  function sealSecret() {
    const keyring = newKeyring();
    const secret = randomBytes(32);
    const stored = { sealedSecret: sealWebhookSecret(endpoint, secret, keyring.key), keyringKeyId: keyring.key.keyId };
    return { keyring, secret, stored };
  }

  test("opens with the keyring's key; without that key it is not ours to open", () => {
    const { keyring, secret, stored } = sealSecret();
    expect(openWebhookSecret(endpoint, stored, keyring.opening)).toEqual(secret);
    expect(openWebhookSecret(endpoint, stored, newKeyring().opening)).toBeNull();
  });

  test("does not open when it was moved to another endpoint or business, or altered in any byte", () => {
    const { keyring, stored } = sealSecret();
    const open = (owner: typeof endpoint, row: typeof stored) => () => openWebhookSecret(owner, row, keyring.opening);
    expect(open({ ...endpoint, endpointId: "endpoint-2" }, stored)).toThrow(OpenError);
    expect(open({ ...endpoint, businessId: "biz-2" }, stored)).toThrow(OpenError);
    for (let at = 0; at < stored.sealedSecret.length; at++) {
      const altered = Buffer.from(stored.sealedSecret);
      altered[at] = (altered[at] ?? 0) ^ 0x01;
      expect(open(endpoint, { ...stored, sealedSecret: altered }), `byte ${at}`).toThrow(OpenError);
    }
  });

  test("is sealed for that purpose alone: another implementation opens it with the purpose's name, and no other", async () => {
    const { keyring, secret, stored } = sealSecret();
    const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
    const envelope = parseEnvelope(stored.sealedSecret);
    const privateKey = keyring.opening.get(keyring.key.keyId.toString("hex"));
    if (!envelope || !privateKey) throw new Error("sealed to this keyring");
    const recipientKey = await suite.kem.importKey(
      "raw",
      new Uint8Array(privateKey.export({ format: "raw-private" })).buffer,
      false,
    );
    const open = async (purpose: string) => {
      const info = new TextEncoder().encode(purpose);
      const recipient = await suite.createRecipientContext({ recipientKey, enc: envelope.enc, info });
      const bound = Buffer.concat([envelope.header, webhookSecretBinding(endpoint, keyring.key.keyId)]);
      return Buffer.from(await recipient.open(envelope.ciphertext, bound));
    };
    expect(await open("stablehand webhook secret v1")).toEqual(secret);
    await expect(open("stablehand end-user key v1")).rejects.toThrow();
  });
});
