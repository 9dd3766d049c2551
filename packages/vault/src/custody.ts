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
import { KeyringError, type PublicKeyringFile, parseKeyringKey, readKeyringJson } from "./keyring.ts";
import { fileKeyProvider, newKeyFileText } from "./kms/file.ts";
import type { KeyProvider, WrappingKeyProvider } from "./kms/provider.ts";
import { importPrivateKey, keyIdOf } from "./x25519.ts";

/** Where a vault's three files lie. The first two are the worker's (0600); the API reads only the third. */
export interface VaultFiles {
  readonly keyFile: string;
  readonly keyringFile: string;
  readonly publicKeyringFile: string;
}

interface KeyringEntry {
  readonly keyId: string;
  readonly publicKey: string;
  readonly wrappedPrivateKey: string;
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
  const wrapped = await provider.wrap(privateKey, keyId);
  privateKey.fill(0);
  return {
    keyId: keyId.toString("hex"),
    publicKey: publicKey.toString("base64url"),
    wrappedPrivateKey: wrapped.toString("base64url"),
    createdAt: new Date().toISOString(),
  };
}

/**
 * Makes key file and keyring where there are none, and brings the public file up to date with the keyring.
 *
 * Safe to repeat, and after a kill at any line. Never replaces a key: with a keyring but no key file it throws
 * KeyringError, since a new key would make everything stored unreadable for good.
 */
export async function initVault(files: VaultFiles): Promise<"created" | "present"> {
  const present = existsSync(files.keyringFile);
  for (const path of Object.values(files)) mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(files.keyFile)) {
    if (present)
      throw new KeyringError(`the key file ${files.keyFile} is missing: restore it, nothing stored opens without it`);
    writeWhole("create", files.keyFile, newKeyFileText(), 0o600);
  }
  if (!present) {
    const entry = await newEntry(fileKeyProvider(files.keyFile));
    const keyring: KeyringFile = { version: 1, provider: "file", current: entry.keyId, keys: [entry] };
    writeWhole("create", files.keyringFile, jsonText(keyring), 0o600);
  }
  publish(files, readKeyring(files.keyringFile));
  return present ? "present" : "created";
}

/**
 * Adds a key pair to the keyring and makes it the current one; the older ones still open.
 *
 * Returns the new key's id in hex. Not safe to run twice at once: the caller holds a lock. Running APIs follow the public file; workers follow the keyring when they meet the id.
 */
export async function rotateKeyring(files: VaultFiles): Promise<string> {
  const keyring = readKeyring(files.keyringFile);
  const entry = await newEntry(fileKeyProvider(files.keyFile));
  const rotated = { ...keyring, current: entry.keyId, keys: [...keyring.keys, entry] };
  writeWhole("replace", files.keyringFile, jsonText(rotated), 0o600);
  publish(files, rotated);
  return entry.keyId;
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
  if (!existsSync(next)) writeWhole("create", next, newKeyFileText(), 0o600);
  const nextProvider = fileKeyProvider(next);
  const isWrappedAnew = await openKeyring(files.keyringFile, nextProvider).then(
    () => true,
    () => false,
  );
  if (!isWrappedAnew) {
    const provider = fileKeyProvider(files.keyFile);
    const keys: KeyringEntry[] = [];
    for (const entry of wrapped.keys) {
      const { keyId } = parseKeyringKey(files.keyringFile, entry);
      const raw = await provider.unwrap(Buffer.from(entry.wrappedPrivateKey, "base64url"), keyId);
      const wrappedPrivateKey = (await nextProvider.wrap(raw, keyId)).toString("base64url");
      raw.fill(0);
      keys.push({ ...entry, wrappedPrivateKey });
    }
    writeWhole("replace", files.keyringFile, jsonText({ ...wrapped, keys }), 0o600);
  }
  renameSync(next, files.keyFile);
}

/** What is in a keyring, without its keys: for `stablehand vault status`. */
export function describeKeyring(keyringFile: string): {
  provider: string;
  keys: { keyId: string; createdAt: string; current: boolean }[];
} {
  const keyring = readKeyring(keyringFile);
  const keys = keyring.keys.map(({ keyId, createdAt }) => ({ keyId, createdAt, current: keyId === keyring.current }));
  return { provider: keyring.provider, keys };
}

/** The keyring with its private halves, in memory. */
export interface OpenedKeyring {
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly current: { readonly keyId: Buffer; readonly publicKey: Buffer };
}

/**
 * Unwraps every private key of the keyring, once; nothing of it is written anywhere.
 *
 * Throws KeyringError when the file is wrong or the provider is not the one that wrapped it.
 */
export async function openKeyring(keyringFile: string, provider: KeyProvider): Promise<OpenedKeyring> {
  const keyring = readKeyring(keyringFile);
  if (keyring.provider !== provider.name)
    throw new KeyringError(
      `the keyring ${keyringFile} was wrapped by "${keyring.provider}", but KEY_PROVIDER is "${provider.name}"`,
    );
  const keys = new Map<string, KeyObject>();
  let current: OpenedKeyring["current"] | undefined;
  for (const entry of keyring.keys) {
    const key = parseKeyringKey(keyringFile, entry);
    const raw = await provider.unwrap(Buffer.from(entry.wrappedPrivateKey, "base64url"), key.keyId);
    keys.set(entry.keyId, importPrivateKey(raw));
    raw.fill(0);
    if (entry.keyId === keyring.current) current = key;
  }
  if (!current) throw new KeyringError(`the keyring ${keyringFile} names no current key: restore it from your backup`);
  return { keys, current };
}
