import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  describeKeyring,
  initVault,
  openKeyring,
  replaceKeyFile,
  retireFromKeyring,
  rotateKeyring,
  type VaultFiles,
} from "./custody.ts";
import { openPublicKeyring, readKeyringIds } from "./keyring.ts";
import { fileKeyProvider } from "./kms/file.ts";
import { openEndUserKey } from "./open.ts";
import { createEndUserKey } from "./seal.ts";

let dir: string;
let files: VaultFiles;
const owner = { businessId: "biz-1", endUserId: "alice" };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "stablehand-vault-"));
  files = {
    keyFile: join(dir, "worker/vault.key"),
    keyringFile: join(dir, "worker/keyring.json"),
    publicKeyringFile: join(dir, "keyring.public.json"),
  };
});
afterEach(() => rmSync(dir, { recursive: true }));

const open = async () => openKeyring(files.keyringFile, fileKeyProvider(files.keyFile));

describe("init", () => {
  test("makes key and keyring of mode 0600, and a public file without private halves", async () => {
    expect(await initVault(files)).toBe("created");
    for (const path of [files.keyFile, files.keyringFile]) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(files.publicKeyringFile).mode & 0o777).toBe(0o644);
    expect(readFileSync(files.publicKeyringFile, "utf8")).not.toMatch(/private/i);
    const opened = await open();
    expect(openPublicKeyring(files.publicKeyringFile).current().keyId).toEqual(opened.current.keyId);
  });

  test("under a closed umask the API's user can still read the public file, and only that", async () => {
    const before = process.umask(0o077);
    try {
      await initVault(files);
      await rotateKeyring(files);
    } finally {
      process.umask(before);
    }
    expect(statSync(files.publicKeyringFile).mode & 0o777).toBe(0o644);
    for (const path of [files.keyFile, files.keyringFile]) expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("repeated, keeps every key", async () => {
    await initVault(files);
    const before = readFileSync(files.keyFile, "utf8");
    expect(await initVault(files)).toBe("present");
    expect(readFileSync(files.keyFile, "utf8")).toBe(before);
  });

  test("after a kill between its steps, goes on where it was", async () => {
    await initVault(files);
    const key = readFileSync(files.keyFile, "utf8");
    unlinkSync(files.keyringFile);
    unlinkSync(files.publicKeyringFile);
    await initVault(files);
    expect(readFileSync(files.keyFile, "utf8")).toBe(key);
    unlinkSync(files.publicKeyringFile);
    await initVault(files);
    expect(openPublicKeyring(files.publicKeyringFile).current().keyId).toEqual((await open()).current.keyId);
  });

  test("never makes a new key for an old keyring: what is stored would be lost", async () => {
    await initVault(files);
    unlinkSync(files.keyFile);
    await expect(initVault(files)).rejects.toThrow("is missing: restore it");
  });
});

describe("rotate", () => {
  test("makes a new key current, and the old one still opens", async () => {
    await initVault(files);
    const stored = createEndUserKey(owner, openPublicKeyring(files.publicKeyringFile).current());
    const keyId = await rotateKeyring(files);
    expect(describeKeyring(files.keyringFile).keys.map((key) => key.current)).toEqual([false, true]);
    const keyring = await open();
    expect(keyring.current.keyId.toString("hex")).toBe(keyId);
    expect(openEndUserKey(owner, stored, keyring.keys)).not.toBeNull();
    expect(statSync(files.keyringFile).mode & 0o777).toBe(0o600);
  });

  test("reaches an API that has the old public file open", async () => {
    await initVault(files);
    let now = 0;
    const ring = openPublicKeyring(files.publicKeyringFile, 2_000, () => now);
    const before = ring.current().keyId.toString("hex");
    const keyId = await rotateKeyring(files);
    utimesSync(files.publicKeyringFile, new Date(), new Date(Date.now() + 5_000));
    expect(ring.current().keyId.toString("hex")).toBe(before);
    now = 2_000;
    expect(ring.current().keyId.toString("hex")).toBe(keyId);
    writeFileSync(files.publicKeyringFile, "{ broken");
    now = 4_000;
    expect(ring.current().keyId.toString("hex")).toBe(keyId);
  });
});

describe("retire", () => {
  test("removes a key, which then opens nothing, from both files; the current one is refused", async () => {
    await initVault(files);
    const stored = createEndUserKey(owner, openPublicKeyring(files.publicKeyringFile).current());
    const old = stored.keyringKeyId.toString("hex");
    expect(() => retireFromKeyring(files, old)).toThrow("is the current key");
    const current = await rotateKeyring(files);
    expect(retireFromKeyring(files, old)).toBe(true);
    expect(retireFromKeyring(files, old)).toBe(false);
    expect(openEndUserKey(owner, stored, (await open()).keys)).toBeNull();
    expect([...readKeyringIds(files.publicKeyringFile)]).toEqual([current]);
    expect(statSync(files.keyringFile).mode & 0o777).toBe(0o600);
  });
});

describe("a new key file", () => {
  const keysOf = async () =>
    [...(await open()).keys].map(([keyId, key]) => [keyId, key.export({ format: "raw-private" }).toString("hex")]);

  test("opens the same keys, of mode 0600; the old one opens them no more", async () => {
    await initVault(files);
    await rotateKeyring(files);
    const [before, old] = [await keysOf(), readFileSync(files.keyFile, "utf8")];
    await replaceKeyFile(files);
    expect(await keysOf()).toEqual(before);
    expect(statSync(files.keyFile).mode & 0o777).toBe(0o600);
    writeFileSync(files.keyFile, old);
    await expect(open()).rejects.toThrow("does not fit the keyring");
  });

  test("after a kill between its steps, goes on where it was", async () => {
    await initVault(files);
    const before = await keysOf();
    // Killed once the new key was written.
    writeFileSync(`${files.keyFile}.next`, `${Buffer.alloc(32, 7).toString("base64url")}\n`, { mode: 0o600 });
    await replaceKeyFile(files);
    expect(await keysOf()).toEqual(before);
    // Killed once the keyring was wrapped with it.
    const next = readFileSync(files.keyFile, "utf8");
    writeFileSync(files.keyFile, `${Buffer.alloc(32, 8).toString("base64url")}\n`, { mode: 0o600 });
    writeFileSync(`${files.keyFile}.next`, next, { mode: 0o600 });
    await replaceKeyFile(files);
    expect(await keysOf()).toEqual(before);
  });
});

describe("what is refused", () => {
  test.each([0o640, 0o604, 0o644])("a key file of mode %o", async (mode) => {
    await initVault(files);
    chmodSync(files.keyFile, mode);
    expect(() => fileKeyProvider(files.keyFile)).toThrow("can be read by others: run `chmod 600");
  });

  test("another installation's key file", async () => {
    await initVault(files);
    writeFileSync(files.keyFile, `${Buffer.alloc(32, 7).toString("base64url")}\n`, { mode: 0o600 });
    await expect(open()).rejects.toThrow("does not fit the keyring");
  });

  test("a key file that holds no key", async () => {
    await initVault(files);
    writeFileSync(files.keyFile, "short\n");
    expect(() => fileKeyProvider(files.keyFile)).toThrow("does not hold a 32-byte key");
  });

  test("a wrapped key moved to another key's place", async () => {
    await initVault(files);
    await rotateKeyring(files);
    const keyring = JSON.parse(readFileSync(files.keyringFile, "utf8")) as { keys: { wrappedPrivateKey: string }[] };
    const [first, second] = keyring.keys;
    if (!first || !second) throw new Error("two keys");
    [first.wrappedPrivateKey, second.wrappedPrivateKey] = [second.wrappedPrivateKey, first.wrappedPrivateKey];
    writeFileSync(files.keyringFile, JSON.stringify(keyring));
    await expect(open()).rejects.toThrow("does not fit the keyring");
  });

  test("a public key swapped for another under the same id", async () => {
    await initVault(files);
    const ring = JSON.parse(readFileSync(files.publicKeyringFile, "utf8")) as { keys: { publicKey: string }[] };
    for (const key of ring.keys) key.publicKey = Buffer.alloc(32, 9).toString("base64url");
    writeFileSync(files.publicKeyringFile, JSON.stringify(ring));
    expect(() => openPublicKeyring(files.publicKeyringFile)).toThrow("does not match its id");
  });

  test.each([
    ["no file", null, "run `stablehand vault init`"],
    ["no JSON", "{", "is not JSON"],
    ["another version", '{"version":2}', "not of version 1"],
    ["no current key", '{"version":1,"current":"00","keys":[]}', "names no current key"],
  ])("a public keyring with %s", (_name, text, message) => {
    const path = join(dir, "ring.json");
    if (text !== null) writeFileSync(path, text);
    expect(() => openPublicKeyring(path)).toThrow(message);
  });
});
