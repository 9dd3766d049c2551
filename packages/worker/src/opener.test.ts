import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initVault, openKeyring } from "@stablehand/vault/custody";
import { KeyringError, openPublicKeyring } from "@stablehand/vault/keyring";
import { openKeyProvider } from "@stablehand/vault/kms/open-provider";
import { OpenError } from "@stablehand/vault/open";
import { createEndUserKey, importEndUserKey, sealValues, sealWebhookSecret } from "@stablehand/vault/seal";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type RsaKms, startRsaKms } from "../../../tests/support/key-services/rsa-kms.ts";
import { createOpener, type HeldKeys, type Opener } from "./opener.ts";
import { toTaskFailure } from "./task-failure.ts";

let kms: RsaKms;
let dir: string;
let opener: Opener;
let publicKeyringFile: string;

beforeAll(async () => {
  kms = await startRsaKms();
});
afterAll(() => kms.stop());
beforeEach(async () => {
  kms.refusal = null;
  dir = mkdtempSync(join(tmpdir(), "stablehand-opener-"));
  publicKeyringFile = join(dir, "keyring.public.json");
  const files = { keyFile: join(dir, "vault.key"), keyringFile: join(dir, "keyring.json"), publicKeyringFile };
  const setting = {
    name: "aws-kms-rsa",
    key: kms.createKey(2048),
    region: "eu-central-1",
    endpoint: kms.url,
    credentials: { accessKeyId: "A", secretAccessKey: "S" },
  } as const;
  await initVault(files, () => openKeyProvider(setting));
  opener = await createOpener(async (known) => openKeyring(files.keyringFile, await openKeyProvider(setting), known));
});
afterEach(() => rmSync(dir, { recursive: true }));

const keyring = () => openPublicKeyring(publicKeyringFile).current();

function sealFor(endUserId: string) {
  const owner = { businessId: "biz-1", endUserId };
  const key = createEndUserKey(owner, keyring());
  const sealed = sealValues(owner, importEndUserKey(key), [["twitterCt0", `value of ${endUserId}`]]);
  const values = sealed.map((one) => ({ ...one, updatedAt: "2026-01-01" }));
  return { owner, sealed: { key, values } };
}

test("a KMS is asked once for an end-user and a task, however often the task opens something", async () => {
  const { owner, sealed } = sealFor("alice");
  const before = kms.decryptions;
  const held: HeldKeys = new Map();
  for (let times = 0; times < 3; times++)
    expect(await opener.openCredentials(owner, sealed, held)).toEqual({ twitterCt0: "value of alice" });
  expect(kms.decryptions - before).toBe(1);
  await opener.openCredentials(owner, sealed, new Map());
  expect(kms.decryptions - before, "another task asks again").toBe(2);
});

test("a worker whose permission is taken away opens nothing more, and each error says what to allow", async () => {
  const stored = Array.from({ length: 50 }, (_, n) => sealFor(`user-${n}`));
  kms.refusal = { type: "AccessDeniedException", message: "User: worker is not authorized to perform: kms:Decrypt" };
  let opened = 0;
  for (const { owner, sealed } of stored)
    try {
      await opener.openCredentials(owner, sealed);
      opened += 1;
    } catch (error) {
      expect(error).toBeInstanceOf(KeyringError);
      expect((error as Error).message).toMatch(
        /refuses kms:Decrypt with arn:.* is not authorized.*Allow it to this role/,
      );
      expect(toTaskFailure(error)).toMatchObject({ errorCode: "vault_unavailable" });
    }
  expect(opened).toBe(0);
  kms.refusal = null;
  const [first] = stored;
  expect(first && (await opener.openCredentials(first.owner, first.sealed)), "given back, it opens again").toEqual({
    twitterCt0: "value of user-0",
  });
});

test("what does not open is an OpenError, not a fault of the KMS", async () => {
  const { owner, sealed } = sealFor("alice");
  await expect(opener.openCredentials({ ...owner, endUserId: "bob" }, sealed)).rejects.toThrow(OpenError);
  const sealedPrivateKey = Buffer.from(sealed.key.sealedPrivateKey);
  sealedPrivateKey[100] = (sealedPrivateKey[100] ?? 0) ^ 1;
  const altered = { ...sealed, key: { ...sealed.key, sealedPrivateKey } };
  await expect(opener.openCredentials(owner, altered)).rejects.toThrow(OpenError);
});

test("a webhook's secret is asked for once in a while, and never found under another endpoint", async () => {
  const endpoint = { businessId: "biz-1", endpointId: "e-1" };
  const secret = randomBytes(32);
  const stored = { sealedSecret: sealWebhookSecret(endpoint, secret, keyring()), keyringKeyId: keyring().keyId };
  const before = kms.decryptions;
  const first = await opener.openWebhookSecret(endpoint, stored);
  expect(first).toEqual(secret);
  first.fill(0);
  expect(await opener.openWebhookSecret(endpoint, stored), "the caller's wiping wipes a copy").toEqual(secret);
  expect(kms.decryptions - before).toBe(1);
  await expect(opener.openWebhookSecret({ ...endpoint, endpointId: "e-2" }, stored)).rejects.toThrow(OpenError);
});
