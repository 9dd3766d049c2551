import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RsaKms, startRsaKms } from "../../../../tests/support/key-services/rsa-kms.ts";
import { describeKeyring, initVault, openKeyring, rotateKeyring, wrapKeyring } from "../custody.ts";
import { openPublicKeyring } from "../keyring.ts";
import { decapsulateRemotely, OpenError, openEndUserKey, openValue, openWebhookSecret } from "../open.ts";
import { createEndUserKey, importEndUserKey, sealValues, sealWebhookSecret } from "../seal.ts";
import { awsKmsRsaProvider } from "./aws-kms-rsa.ts";
import { fileKeyProvider } from "./file.ts";
import { KeyProviderUnavailableError } from "./provider.ts";

let kms: RsaKms;
let dir: string;
let files: { keyFile: string; keyringFile: string; publicKeyringFile: string };
const owner = { businessId: "biz-1", endUserId: "alice" };

beforeAll(async () => {
  kms = await startRsaKms();
});
beforeEach(() => {
  kms.refusal = null;
  dir = mkdtempSync(join(tmpdir(), "stablehand-rsa-"));
  files = {
    keyFile: join(dir, "worker/vault.key"),
    keyringFile: join(dir, "worker/keyring.json"),
    publicKeyringFile: join(dir, "keyring.public.json"),
  };
});
afterEach(() => rmSync(dir, { recursive: true }));
afterAll(() => kms.stop());

const provider = (key: string) =>
  awsKmsRsaProvider({
    name: "aws-kms-rsa",
    key,
    region: "eu-central-1",
    endpoint: kms.url,
    credentials: { accessKeyId: "A", secretAccessKey: "S" },
  });
const currentKey = () => openPublicKeyring(files.publicKeyringFile).current();
const init = (key: string) => initVault(files, async () => provider(key));

async function openWith(key: string, sealed: Buffer, keyringKeyId: Buffer) {
  const keyring = await openKeyring(files.keyringFile, provider(key));
  const hex = keyringKeyId.toString("hex");
  const remote = keyring.remote.get(hex);
  if (!remote) throw new Error("the keyring has that key in the KMS");
  const decapsulated = await decapsulateRemotely(sealed, remote);
  return decapsulated && new Map([[hex, decapsulated]]);
}

describe.each([2048, 3072, 4096] as const)("with an RSA key of %i bits", (bits) => {
  test("a value that was sealed without the KMS opens with it, and a webhook's secret too", {
    timeout: 30_000,
  }, async () => {
    const key = kms.createKey(bits);
    await init(key);
    const before = kms.decryptions;
    const stored = createEndUserKey(owner, currentKey());
    const [value] = sealValues(owner, importEndUserKey(stored), [["twitterCt0", "v"]]);
    const endpoint = { businessId: "biz-1", endpointId: "e" };
    const secret = randomBytes(32);
    const sealedSecret = sealWebhookSecret(endpoint, secret, currentKey());
    expect(kms.decryptions, "sealing asks nobody").toBe(before);

    const keys = await openWith(key, stored.sealedPrivateKey, stored.keyringKeyId);
    const opened = keys && openEndUserKey(owner, stored, keys);
    if (!opened || !value) throw new Error("it opens");
    expect(openValue(owner, "twitterCt0", opened, value.sealed)).toBe("v");
    const secretKeys = await openWith(key, sealedSecret, currentKey().keyId);
    const keyringKeyId = currentKey().keyId;
    expect(secretKeys && openWebhookSecret(endpoint, { sealedSecret, keyringKeyId }, secretKeys)).toEqual(secret);
  });
});

test("no file holds a private key: the keyring names the KMS key and its public half", async () => {
  const key = kms.createKey();
  await init(key);
  expect(describeKeyring(files.keyringFile)).toMatchObject({ provider: "aws-kms-rsa", keys: [{ kmsKey: key }] });
  expect(readFileSync(files.keyringFile, "utf8")).not.toMatch(/private/i);
});

test("moved to another owner, or altered in any byte, an end-user's key does not open", {
  timeout: 60_000,
}, async () => {
  const key = kms.createKey(2048);
  await init(key);
  const stored = createEndUserKey(owner, currentKey());
  const keys = await openWith(key, stored.sealedPrivateKey, stored.keyringKeyId);
  if (!keys) throw new Error("it is of this key");
  expect(() => openEndUserKey({ ...owner, endUserId: "bob" }, stored, keys)).toThrow(OpenError);
  expect(() => openEndUserKey({ ...owner, businessId: "biz-2" }, stored, keys)).toThrow(OpenError);
  const remote = (await openKeyring(files.keyringFile, provider(key))).remote.get(stored.keyringKeyId.toString("hex"));
  if (!remote) throw new Error("the keyring has that key");
  for (let at = 0; at < stored.sealedPrivateKey.length; at++) {
    const altered = Buffer.from(stored.sealedPrivateKey);
    altered[at] = (altered[at] ?? 0) ^ 0x80;
    const decapsulated = await decapsulateRemotely(altered, remote);
    if (!decapsulated) continue; // the KMS refuses it, or it is of another version or suite
    const map = new Map([[stored.keyringKeyId.toString("hex"), decapsulated]]);
    expect(() => openEndUserKey(owner, { ...stored, sealedPrivateKey: altered }, map), `byte ${at}`).toThrow(OpenError);
  }
});

describe("a worker's start is refused", () => {
  test.each([
    ["AccessDeniedException", "Allow it to this role"],
    ["DisabledException", "the key is disabled"],
    ["NotFoundException", "check AWS_KMS_KEY"],
  ])("when the KMS says %s", async (type, says) => {
    const key = kms.createKey(2048);
    await init(key);
    kms.refusal = { type, message: "as AWS says it" };
    await expect(openKeyring(files.keyringFile, provider(key))).rejects.toThrow(says);
  });

  test("when the KMS is busy, as one that may be tried again", async () => {
    const key = kms.createKey(2048);
    await init(key);
    kms.refusal = { type: "ThrottlingException", message: "Rate exceeded" };
    await expect(openKeyring(files.keyringFile, provider(key))).rejects.toThrow(KeyProviderUnavailableError);
  }, 20_000); // the SDK waits longer before each of its attempts
});

test("an installation moves from a key file to the KMS key, and back, and loses nothing", async () => {
  await initVault(files);
  const old = createEndUserKey(owner, currentKey());
  const key = kms.createKey(2048);
  const file = fileKeyProvider(files.keyFile);
  await wrapKeyring(files, file, provider(key));
  await rotateKeyring(files, provider(key));
  expect(describeKeyring(files.keyringFile).keys.map((one) => [one.kmsKey, one.current])).toEqual([
    [null, false],
    [key, true],
  ]);
  const moved = await openKeyring(files.keyringFile, provider(key));
  expect(openEndUserKey(owner, old, moved.keys), "what is not re-sealed yet still opens").not.toBeNull();
  await expect(wrapKeyring(files, provider(key), file)).rejects.toThrow("stablehand vault rotate --local");
  await rotateKeyring(files, provider(key), true);
  expect(describeKeyring(files.keyringFile).keys.at(-1)).toMatchObject({ kmsKey: null, current: true });
});

test("a rotation to the key that is current already is refused: RSA keys of a KMS are not renewed in place", async () => {
  const key = kms.createKey(2048);
  await init(key);
  await expect(rotateKeyring(files, provider(key))).rejects.toThrow("make another in the KMS");
  const next = kms.createKey(2048);
  await rotateKeyring(files, provider(next));
  const keyring = await openKeyring(files.keyringFile, provider(next));
  expect(keyring.remote.size, "what is sealed to the first still opens").toBe(2);
});
