import { generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { KeyringError, type KeyringKey, type PublicKeyringFile, parseKeyringKey, readKeyringJson } from "./keyring.ts";
import { fileKeyProvider, newKeyFileText } from "./kms/file.ts";
import type { KeyProvider, WrappingKeyProvider } from "./kms/provider.ts";
import type { RemoteKey } from "./open.ts";
import { openRemoteKey } from "./remote-key.ts";
import { importPrivateKey, keyIdOf, publicHalfOf } from "./x25519.ts";

/** Where a vault's three files lie. The first two are the worker's (0600); the API reads only the third. */
export interface VaultFiles {
  readonly keyFile: string;
  readonly keyringFile: string;
  readonly publicKeyringFile: string;
}

/** Either the provider has wrapped the private half, or a KMS holds it under the name `kmsKey`. */
interface KeyringEntry {
  readonly keyId: string;
  readonly publicKey: string;
  readonly wrappedPrivateKey?: string;
  readonly kmsKey?: string;
  readonly createdAt: string;
}

/** `keyring.json`: every key pair, the private halves wrapped by the provider. */
interface KeyringFile {
  readonly version: 1;
  readonly provider: string;
  readonly current: string;
  readonly keys: readonly KeyringEntry[];
}

/**
 * Writes a file whole or not at all. `create` fails when it is there already, so that no key is ever overwritten;
 * `replace` keeps the owner of what it replaces.
 */
function writeWhole(how: "create" | "replace", path: string, text: string, mode: number): void {
  const aside = `${path}.${process.pid}.new`;
  // "wx" and the open file, not its name: as root this writes into a directory of the worker's, who may not be trusted.
  rmSync(aside, { force: true });
  const file = openSync(aside, "wx", mode);
  try {
    fchmodSync(file, mode); // whatever the umask is: the API reads the public file
    writeSync(file, text);
    if (process.getuid?.() === 0) {
      const owner = lstatSync(existsSync(path) ? path : dirname(path));
      fchownSync(file, owner.uid, owner.gid);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  if (how === "replace") renameSync(aside, path);
  else {
    try {
      linkSync(aside, path);
    } finally {
      unlinkSync(aside);
    }
  }
}

function jsonText(value: KeyringFile | PublicKeyringFile): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function publish(files: VaultFiles, keyring: KeyringFile): void {
  const keys = keyring.keys.map(({ keyId, publicKey, createdAt }) => ({ keyId, publicKey, createdAt }));
  writeWhole("replace", files.publicKeyringFile, jsonText({ version: 1, current: keyring.current, keys }), 0o644);
}

function readKeyring(path: string): KeyringFile {
  const file = readKeyringJson(path) as unknown as KeyringFile; // version checked; the rest is checked here
  if (!Array.isArray(file.keys) || !file.keys.some((key) => key.keyId === file.current))
    throw new KeyringError(`the keyring ${path} names no current key: restore it from your backup`);
  for (const entry of file.keys) parseKeyringKey(path, entry);
  return file;
}

async function newEntry(provider: WrappingKeyProvider): Promise<KeyringEntry> {
  const pair = generateKeyPairSync("x25519");
  const publicKey = pair.publicKey.export({ format: "raw-public" });
  const privateKey = pair.privateKey.export({ format: "raw-private" });
  const keyId = keyIdOf(publicKey);
  const wrappedPrivateKey = await wrapChecked(provider, privateKey, keyId);
  return { ...entryOf({ keyId, publicKey }), wrappedPrivateKey };
}

function entryOf({ keyId, publicKey }: KeyringKey): KeyringEntry {
  const createdAt = new Date().toISOString();
  return { keyId: keyId.toString("hex"), publicKey: publicKey.toString("base64url"), createdAt };
}

/** An entry for the KMS key that the provider's settings name; nothing is made, and nothing leaves the KMS. */
async function newRemoteEntry(provider: WrappingKeyProvider): Promise<KeyringEntry | null> {
  if (!provider.remote) return null;
  const { kmsKey, publicKey } = await provider.remote.current();
  const key = { keyId: keyIdOf(publicKey), publicKey };
  await openRemoteKey(provider.remote, kmsKey, key);
  return { ...entryOf(key), kmsKey };
}

/** Wraps, and wipes, a private key. What does not come back as it was is not kept: all that is sealed to it would be lost. */
async function wrapChecked(provider: WrappingKeyProvider, privateKey: Buffer, keyId: Buffer): Promise<string> {
  const wrapped = await provider.wrap(privateKey, keyId);
  const again = await provider.unwrap(wrapped, keyId);
  const isSame = again.equals(privateKey);
  for (const secret of [again, privateKey]) secret.fill(0);
  if (!isSame) throw new KeyringError(`the key provider "${provider.name}" gives back another key than it was given`);
  return wrapped.toString("base64url");
}

async function unwrapEntry(path: string, provider: KeyProvider, entry: KeyringEntry): Promise<Buffer> {
  const { keyId } = parseKeyringKey(path, entry);
  const raw = await provider.unwrap(Buffer.from(entry.wrappedPrivateKey ?? "", "base64url"), keyId);
  // The id is made of the public half, so this holds whether or not the provider binds what it wraps to the id.
  if (raw.length === 32 && keyIdOf(publicHalfOf(importPrivateKey(raw))).equals(keyId)) return raw;
  throw new KeyringError(`the keyring ${path} has a private key that is not that of ${entry.keyId}: restore it`);
}

function refuseOtherProvider(path: string, keyring: KeyringFile, provider: KeyProvider): void {
  if (keyring.provider !== provider.name)
    throw new KeyringError(
      `the keyring ${path} was wrapped by "${keyring.provider}", but KEY_PROVIDER is "${provider.name}": ` +
        "set KEY_PROVIDER to the first, or move the keyring with `stablehand vault wrap`",
    );
}

/**
 * Makes a keyring where there is none, for `file` with its key file, and brings the public file up to date with it.
 *
 * Safe to repeat, and after a kill at any line. Never replaces a key: with a keyring but no key file it throws
 * KeyringError, since a new key would make everything stored unreadable for good. `openProvider` is asked only to make
 * a keyring; without it the provider is the key file.
 */
export async function initVault(
  files: VaultFiles,
  openProvider?: () => Promise<WrappingKeyProvider>,
): Promise<"created" | "present"> {
  const present = existsSync(files.keyringFile);
  for (const path of Object.values(files)) mkdirSync(dirname(path), { recursive: true });
  const isFile = present ? readKeyring(files.keyringFile).provider === "file" : !openProvider;
  if (isFile && !existsSync(files.keyFile)) {
    if (present)
      throw new KeyringError(`the key file ${files.keyFile} is missing: restore it, nothing stored opens without it`);
    makeKeyFile(files.keyFile);
  }
  if (!present) {
    const provider = openProvider ? await openProvider() : fileKeyProvider(files.keyFile);
    const entry = (await newRemoteEntry(provider)) ?? (await newEntry(provider));
    const keyring: KeyringFile = { version: 1, provider: provider.name, current: entry.keyId, keys: [entry] };
    writeWhole("create", files.keyringFile, jsonText(keyring), 0o600);
  }
  publish(files, readKeyring(files.keyringFile));
  return present ? "present" : "created";
}

/** Makes a key file where there is none. */
export function makeKeyFile(path: string): void {
  writeWhole("create", path, newKeyFileText(), 0o600);
}

/**
 * Adds a key to the keyring and makes it the current one; the older ones still open.
 *
 * With a provider that has remote keys it is the KMS key of the settings, unless `local` asks for a pair of our own.
 * Returns the new key's id in hex. Not safe to run twice at once: the caller holds a lock. Running APIs follow the public file; workers follow the keyring when they meet the id.
 */
export async function rotateKeyring(
  files: VaultFiles,
  provider: WrappingKeyProvider = fileKeyProvider(files.keyFile),
  local = false,
): Promise<string> {
  const keyring = readKeyring(files.keyringFile);
  refuseOtherProvider(files.keyringFile, keyring, provider);
  const entry = (local ? null : await newRemoteEntry(provider)) ?? (await newEntry(provider));
  if (keyring.current === entry.keyId)
    throw new KeyringError(`${entry.kmsKey} is the current key already: make another in the KMS, and name it first`);
  const others = keyring.keys.filter((key) => key.keyId !== entry.keyId);
  const rotated = { ...keyring, current: entry.keyId, keys: [...others, entry] };
  writeWhole("replace", files.keyringFile, jsonText(rotated), 0o600);
  publish(files, rotated);
  return entry.keyId;
}

/**
 * Wraps every private key of the keyring anew, with another provider or another key of the same; the keys themselves stay
 * what they are, so that nothing is re-sealed.
 *
 * The file is replaced once all is wrapped and was seen to unwrap. Throws KeyringError, with nothing changed, when a
 * rotation has changed it meanwhile.
 */
export async function wrapKeyring(files: VaultFiles, from: KeyProvider, to: WrappingKeyProvider): Promise<void> {
  const path = files.keyringFile;
  const keyring = readKeyring(path);
  refuseOtherProvider(path, keyring, from);
  const keys: KeyringEntry[] = [];
  for (const entry of keyring.keys) {
    if (entry.kmsKey !== undefined && !to.remote)
      throw new KeyringError(
        `the key ${entry.keyId} of the keyring is ${entry.kmsKey}, which stays in its KMS: make a key of your own current ` +
          "with `stablehand vault rotate --local`, wait until nothing is sealed to the other, and retire it first",
      );
    const keyId = Buffer.from(entry.keyId, "hex");
    keys.push(
      entry.kmsKey === undefined
        ? { ...entry, wrappedPrivateKey: await wrapChecked(to, await unwrapEntry(path, from, entry), keyId) }
        : entry,
    );
  }
  if (jsonText(readKeyring(path)) !== jsonText(keyring))
    throw new KeyringError(`the keyring ${path} was changed meanwhile, and stays as it is: run this again`);
  writeWhole("replace", path, jsonText({ ...keyring, provider: to.name, keys }), 0o600);
}

/**
 * Removes a key from the keyring, after which nothing that is sealed to it opens.
 *
 * Whether something still is, the caller has found out. Safe to repeat. Not at the same time as a rotation. Throws
 * KeyringError for the current key. Returns whether it was there.
 */
export function retireFromKeyring(files: VaultFiles, keyId: string): boolean {
  const keyring = readKeyring(files.keyringFile);
  if (keyId === keyring.current)
    throw new KeyringError(`${keyId} is the current key: make another with \`stablehand vault rotate\` first`);
  const keys = keyring.keys.filter((key) => key.keyId !== keyId);
  if (keys.length < keyring.keys.length)
    writeWhole("replace", files.keyringFile, jsonText({ ...keyring, keys }), 0o600);
  publish(files, { ...keyring, keys });
  return keys.length < keyring.keys.length;
}

/**
 * Wraps the keyring with a new key file, and destroys the old one.
 *
 * The keyring's keys stay what they are. Safe to repeat after a kill at any line: until it is done, a worker that starts
 * says that key file and keyring do not fit. Not at the same time as a rotation.
 */
export async function replaceKeyFile(files: VaultFiles): Promise<void> {
  const wrapped = readKeyring(files.keyringFile);
  if (wrapped.provider !== "file")
    throw new KeyringError(`the keyring is wrapped by "${wrapped.provider}", not by a key file: rotate its key there`);
  const next = `${files.keyFile}.next`;
  if (!existsSync(next)) makeKeyFile(next);
  const nextProvider = fileKeyProvider(next);
  const isWrappedAnew = await openKeyring(files.keyringFile, nextProvider).then(
    () => true,
    () => false,
  );
  if (!isWrappedAnew) await wrapKeyring(files, fileKeyProvider(files.keyFile), nextProvider);
  renameSync(next, files.keyFile);
}

/** What is in a keyring, without its keys: for `stablehand vault status`. `kmsKey` is where a private half stays, if it does. */
export function describeKeyring(keyringFile: string): {
  provider: string;
  keys: { keyId: string; createdAt: string; current: boolean; kmsKey: string | null }[];
} {
  const keyring = readKeyring(keyringFile);
  const keys = keyring.keys.map(({ keyId, createdAt, kmsKey }) => ({
    keyId,
    createdAt,
    current: keyId === keyring.current,
    kmsKey: kmsKey ?? null,
  }));
  return { provider: keyring.provider, keys };
}

/** The keyring with its private halves, in memory, and the way to those that stay in a KMS. */
export interface OpenedKeyring {
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly remote: ReadonlyMap<string, RemoteKey>;
  readonly current: { readonly keyId: Buffer; readonly publicKey: Buffer };
}

/**
 * Unwraps every private key of the keyring, once; nothing of it is written anywhere.
 *
 * What `known` has is not asked for again, so that a running worker asks its provider for a new key only. Keys that stay
 * in a KMS are tried once, with a secret that only they open. Throws KeyringError when the file is wrong, the provider is
 * not the one that wrapped it, or refuses; KeyProviderUnavailableError when it does not answer.
 */
export async function openKeyring(
  keyringFile: string,
  provider: KeyProvider | WrappingKeyProvider,
  known?: OpenedKeyring,
): Promise<OpenedKeyring> {
  const keyring = readKeyring(keyringFile);
  refuseOtherProvider(keyringFile, keyring, provider);
  const keys = new Map<string, KeyObject>();
  const remote = new Map<string, RemoteKey>();
  let current: OpenedKeyring["current"] | undefined;
  for (const entry of keyring.keys) {
    const key = parseKeyringKey(keyringFile, entry);
    if (entry.keyId === keyring.current) current = key;
    if (entry.kmsKey !== undefined) {
      const keys = "remote" in provider ? provider.remote : undefined;
      if (!keys) throw new KeyringError(`"${provider.name}" cannot reach ${entry.kmsKey}, a key of ${keyringFile}`);
      remote.set(entry.keyId, known?.remote.get(entry.keyId) ?? (await openRemoteKey(keys, entry.kmsKey, key)));
      continue;
    }
    const ours = known?.keys.get(entry.keyId);
    if (ours) keys.set(entry.keyId, ours);
    else {
      const raw = await unwrapEntry(keyringFile, provider, entry);
      keys.set(entry.keyId, importPrivateKey(raw));
      raw.fill(0);
    }
  }
  if (!current) throw new KeyringError(`the keyring ${keyringFile} names no current key: restore it from your backup`);
  return { keys, remote, current };
}
