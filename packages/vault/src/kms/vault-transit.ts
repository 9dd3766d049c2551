import { readFileSync } from "node:fs";
import { KeyringError } from "../keyring.ts";
import { postJson } from "./post-json.ts";
import type { WrappingKeyProvider } from "./provider.ts";
import type { TransitSetting } from "./setting.ts";

const label = "stablehand keyring key v1";

/**
 * The provider whose key is in a Transit engine, of HashiCorp Vault or OpenBao.
 *
 * What it wraps is bound to the key id as associated data, which takes a key of type aes256-gcm96 or chacha20-poly1305.
 * The token is read for every call, so that an agent may renew it.
 */
export function vaultTransitProvider(setting: TransitSetting, patienceMs?: number): WrappingKeyProvider {
  const { address, mount, key } = setting;

  async function ask(operation: "encrypt" | "decrypt", keyId: Buffer, body: Record<string, string>): Promise<string> {
    const answer = await postJson({
      service: "Transit",
      url: `${address}/v1/${mount}/${operation}/${encodeURIComponent(key)}`,
      headers: {
        "x-vault-token": readToken(setting.tokenFile),
        "x-vault-request": "true",
        ...(setting.namespace && { "x-vault-namespace": setting.namespace }),
      },
      body: { ...body, associated_data: Buffer.concat([Buffer.from(label), keyId]).toString("base64") },
      refusal: (status, words) => inWords(status, words, `${mount}/${operation}/${key}`),
      patienceMs,
    });
    const field = operation === "encrypt" ? "ciphertext" : "plaintext";
    const value = (answer as { data?: Record<string, unknown> } | null)?.data?.[field]; // looked at before it is used
    if (typeof value !== "string") throw new KeyringError(`Transit answered ${operation} without a ${field}`);
    return value;
  }

  return {
    name: setting.name,
    wrap: async (privateKey, keyId) =>
      Buffer.from(await ask("encrypt", keyId, { plaintext: privateKey.toString("base64") })),
    unwrap: async (wrapped, keyId) =>
      Buffer.from(await ask("decrypt", keyId, { ciphertext: wrapped.toString() }), "base64"),
  };
}

function readToken(path: string): string {
  try {
    const token = readFileSync(path, "utf8").trim();
    if (token) return token;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // what readFileSync throws
    throw new KeyringError(
      `cannot read the token in ${path} (${code}), which TRANSIT_TOKEN_FILE names: does the agent run?`,
    );
  }
  throw new KeyringError(`${path}, which TRANSIT_TOKEN_FILE names, holds no token`);
}

function inWords(status: number, words: string, path: string): KeyringError | null {
  const said = words.slice(0, 300).trim();
  if (status === 403)
    return new KeyringError(
      `Transit refuses ${path} (${said}): the token is not good any more, or its policy does not have "update" on that path`,
    );
  if (status === 404)
    return new KeyringError(`Transit has no ${path} (${said}): check TRANSIT_MOUNT and TRANSIT_NAMESPACE`);
  if (status === 400 && /encryption key not found/.test(words))
    return new KeyringError(`Transit has no key for ${path}: check TRANSIT_KEY`);
  if (status === 400 && /too old|disallowed by policy/.test(words))
    return new KeyringError(
      `Transit refuses ${path} (${said}): the version that wrapped the keyring is below min_decryption_version. Lower it, ` +
        "and run `stablehand vault wrap` before you raise it again",
    );
  if (status === 400)
    return new KeyringError(
      `Transit did not wrap this with that key, in ${path} (${said}): set TRANSIT_KEY to the key that wrapped the keyring, ` +
        "of a type that takes associated data, or restore the keyring from your backup",
    );
  return status === 429 || status >= 500 || status === 472 || status === 473
    ? null
    : new KeyringError(`Transit refuses ${path} with ${status} (${said})`);
}
