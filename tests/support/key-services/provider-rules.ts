import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  describeKeyring,
  initVault,
  openKeyring,
  rotateKeyring,
  wrapKeyring,
} from "../../../packages/vault/src/custody.ts";
import { KeyringError, openPublicKeyring } from "../../../packages/vault/src/keyring.ts";
import { fileKeyProvider } from "../../../packages/vault/src/kms/file.ts";
import { KeyProviderUnavailableError, type WrappingKeyProvider } from "../../../packages/vault/src/kms/provider.ts";
import { openEndUserKey } from "../../../packages/vault/src/open.ts";
import { createEndUserKey } from "../../../packages/vault/src/seal.ts";
import type { Fault, FaultyProxy } from "./faulty-proxy.ts";

/** A provider on a service that really answers, and the ways to break it. */
export interface ProviderUnderTest {
  /** Through the door that can fail; with less patience than in production where a test waits for it. */
  open(patienceMs?: number): WrappingKeyProvider;
  /** Like `open`, with another key of the same service. */
  openOtherKey(): WrappingKeyProvider;
  readonly otherKeySays: RegExp;
  /** Like `open`, as somebody without permission. */
  openDenied(): Promise<WrappingKeyProvider>;
  disableKey(): Promise<void>;
  enableKey(): Promise<void>;
  readonly proxy: FaultyProxy;
  /** What the service says when it has too much to do. */
  readonly busy: Fault;
}

/** Registers the tests that hold for every key provider of a service. `setUp` is called once they run. */
export function testProvider(setUp: () => ProviderUnderTest): void {
  const owner = { businessId: "biz-1", endUserId: "alice" };
  let dir: string;
  let files: { keyFile: string; keyringFile: string; publicKeyringFile: string };
  let under: ProviderUnderTest;

  beforeEach(() => {
    under = setUp();
    dir = mkdtempSync(join(tmpdir(), "stablehand-kms-"));
    files = {
      keyFile: join(dir, "worker/vault.key"),
      keyringFile: join(dir, "worker/keyring.json"),
      publicKeyringFile: join(dir, "keyring.public.json"),
    };
  });
  afterEach(() => {
    under.proxy.fail("drop", 0);
    rmSync(dir, { recursive: true });
  });

  const init = () => initVault(files, async () => under.open());
  const load = (patienceMs?: number) => openKeyring(files.keyringFile, under.open(patienceMs));

  test("a new keyring opens what was sealed to it, and no file holds a private key or a key file", async () => {
    expect(await init()).toBe("created");
    const stored = createEndUserKey(owner, openPublicKeyring(files.publicKeyringFile).current());
    const opened = await load();
    expect(openEndUserKey(owner, stored, opened.keys)).not.toBeNull();
    const texts = readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    expect(texts.length).toBe(2);
    for (const key of opened.keys.values()) {
      const raw = key.export({ format: "raw-private" });
      for (const text of texts)
        for (const form of [
          raw,
          ...(["base64", "base64url", "hex"] as const).map((one) => Buffer.from(raw.toString(one))),
        ])
          expect(text.includes(form.subarray(0, -2))).toBe(false);
    }
  });

  test("each key is asked for once: a running worker that reloads asks for a new one only", async () => {
    await init();
    await rotateKeyring(files, under.open());
    const before = under.proxy.requests;
    const opened = await load();
    expect(under.proxy.requests - before).toBe(2);
    await openKeyring(files.keyringFile, under.open(), opened);
    expect(under.proxy.requests - before).toBe(2);
    await rotateKeyring(files, under.open());
    const rotated = under.proxy.requests;
    expect((await openKeyring(files.keyringFile, under.open(), opened)).keys.size).toBe(3);
    expect(under.proxy.requests - rotated).toBe(1);
  });

  test("a keyring moves from a key file to it and back, and stays the same keyring", async () => {
    await initVault(files);
    const stored = createEndUserKey(owner, openPublicKeyring(files.publicKeyringFile).current());
    const file = fileKeyProvider(files.keyFile);
    await wrapKeyring(files, file, under.open());
    await expect(openKeyring(files.keyringFile, file)).rejects.toThrow("set KEY_PROVIDER to the first, or move");
    expect(openEndUserKey(owner, stored, (await load()).keys)).not.toBeNull();
    await wrapKeyring(files, under.open(), file);
    expect(describeKeyring(files.keyringFile).provider).toBe("file");
    expect(openEndUserKey(owner, stored, (await openKeyring(files.keyringFile, file)).keys)).not.toBeNull();
  });

  test("a move that fails halfway leaves the keyring as it was", async () => {
    await initVault(files);
    await rotateKeyring(files);
    const before = readFileSync(files.keyringFile, "utf8");
    const provider = under.open();
    let wrapped = 0;
    const failing: WrappingKeyProvider = {
      ...provider,
      async wrap(privateKey, keyId) {
        wrapped += 1;
        if (wrapped === 2) throw new KeyProviderUnavailableError("gone");
        return provider.wrap(privateKey, keyId);
      },
    };
    await expect(wrapKeyring(files, fileKeyProvider(files.keyFile), failing)).rejects.toThrow("gone");
    expect(readFileSync(files.keyringFile, "utf8")).toBe(before);
  });

  test("a move that meets a rotation changes nothing", async () => {
    await initVault(files);
    const provider = under.open();
    const slow: WrappingKeyProvider = {
      ...provider,
      async wrap(privateKey, keyId) {
        await rotateKeyring(files);
        return provider.wrap(privateKey, keyId);
      },
    };
    await expect(wrapKeyring(files, fileKeyProvider(files.keyFile), slow)).rejects.toThrow("run this again");
    expect(describeKeyring(files.keyringFile)).toMatchObject({ provider: "file", keys: [{}, {}] });
  });

  test("a wrapped key in another key's place is refused", async () => {
    await init();
    await rotateKeyring(files, under.open());
    const keyring = JSON.parse(readFileSync(files.keyringFile, "utf8")) as { keys: { wrappedPrivateKey: string }[] };
    const [first, second] = keyring.keys;
    if (!first || !second) throw new Error("two keys");
    [first.wrappedPrivateKey, second.wrappedPrivateKey] = [second.wrappedPrivateKey, first.wrappedPrivateKey];
    writeFileSync(files.keyringFile, JSON.stringify(keyring));
    await expect(load()).rejects.toThrow(KeyringError);
  });

  test("another key of the same service is refused, and the words say to name the right one", async () => {
    await init();
    const opening = openKeyring(files.keyringFile, under.openOtherKey());
    await expect(opening).rejects.toThrow(KeyringError);
    await expect(opening).rejects.toThrow(under.otherKeySays);
  });

  test("without permission nothing opens, and the words say who has to allow what", async () => {
    await init();
    const opening = openKeyring(files.keyringFile, await under.openDenied());
    await expect(opening).rejects.toThrow(KeyringError);
    await expect(opening).rejects.toThrow(/refuses .*(decrypt|Decrypt)/);
  });

  test("with the key disabled nothing opens; enabled again, it does", async () => {
    await init();
    await under.disableKey();
    await expect(load()).rejects.toThrow(KeyringError);
    await under.enableKey();
    expect((await load()).keys.size).toBe(1);
  });

  test("a busy service is asked again; one that stays busy is told from one that refuses", {
    timeout: 30_000,
  }, async () => {
    await init();
    under.proxy.fail(under.busy, 2);
    expect((await load()).keys.size).toBe(1);
    under.proxy.fail(under.busy, Number.POSITIVE_INFINITY);
    await expect(load()).rejects.toThrow(KeyProviderUnavailableError);
  });

  test("a connection that is cut is tried again; a network that stays down is an error within the deadline", {
    timeout: 30_000,
  }, async () => {
    await init();
    under.proxy.fail("drop", 1);
    expect((await load()).keys.size).toBe(1);
    under.proxy.fail("drop", Number.POSITIVE_INFINITY);
    await expect(load()).rejects.toThrow(KeyProviderUnavailableError);
  });

  test("a service that never answers is an error within the deadline", async () => {
    await init();
    under.proxy.fail("hang", Number.POSITIVE_INFINITY);
    await expect(load(300)).rejects.toThrow(KeyProviderUnavailableError);
  });
}
