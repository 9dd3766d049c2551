import { GoogleAuth } from "google-auth-library";
import { KeyringError } from "../keyring.ts";
import { postJson } from "./post-json.ts";
import { KeyProviderUnavailableError, type WrappingKeyProvider } from "./provider.ts";
import type { GcpKmsSetting } from "./setting.ts";

const label = "stablehand keyring key v1";
const scope = "https://www.googleapis.com/auth/cloudkms";
const tokenMs = 10_000;

/**
 * The provider whose key is a symmetric key of Google Cloud KMS, by its REST interface.
 *
 * What it wraps is bound to the key id as additional authenticated data. Credentials are the application default ones:
 * the machine's service account, workload identity, or the file that GOOGLE_APPLICATION_CREDENTIALS names.
 */
export function gcpKmsProvider(setting: GcpKmsSetting, patienceMs?: number): WrappingKeyProvider {
  // Told the project, which has no use here, the library does not run `gcloud` to find one.
  const auth = new GoogleAuth({ scopes: [scope], projectId: setting.key.split("/")[1] ?? "" });

  async function ask(operation: "encrypt" | "decrypt", keyId: Buffer, body: Record<string, string>): Promise<Buffer> {
    const token = await within(patienceMs ?? tokenMs, () => auth.getAccessToken());
    const bound = Buffer.concat([Buffer.from(label), keyId]).toString("base64");
    const answer = await postJson({
      service: "Google Cloud KMS",
      url: `${setting.endpoint}/v1/${setting.key}:${operation}`,
      headers: { authorization: `Bearer ${token}` },
      body: { ...body, additionalAuthenticatedData: bound },
      refusal: (status, words) => inWords(status, words, operation, setting.key),
      patienceMs,
    });
    const field = operation === "encrypt" ? "ciphertext" : "plaintext";
    const value = (answer as Record<string, unknown> | null)?.[field]; // looked at before it is used
    if (typeof value !== "string") throw new KeyringError(`Google Cloud KMS answered ${operation} without a ${field}`);
    return Buffer.from(value, "base64");
  }

  return {
    name: setting.name,
    wrap: (privateKey, keyId) => ask("encrypt", keyId, { plaintext: privateKey.toString("base64") }),
    unwrap: (wrapped, keyId) => ask("decrypt", keyId, { ciphertext: wrapped.toString("base64") }),
  };
}

async function within(ms: number, work: () => Promise<string | null | undefined>): Promise<string> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      late.reject(
        new KeyProviderUnavailableError(`Google gave no access token within ${ms / 1_000} s: check the network`),
      ),
    ms,
  );
  try {
    const token = await Promise.race([work(), late.promise]);
    if (token) return token;
    throw new Error("no token");
  } catch (error) {
    if (error instanceof KeyProviderUnavailableError) throw error;
    const words = error instanceof Error ? error.message : String(error);
    if (error instanceof Error && "code" in error && /^E[A-Z]+$/.test(String(error.code)))
      throw new KeyProviderUnavailableError(
        `Google gives no access token (${words}): check the network; it is tried again`,
      );
    throw new KeyringError(
      `Google accepts no credentials of this process (${words}): run it with a service account, or set GOOGLE_APPLICATION_CREDENTIALS`,
    );
  } finally {
    clearTimeout(timer);
  }
}

function inWords(status: number, text: string, operation: string, key: string): KeyringError | null {
  const words = messageOf(text);
  const what = `${operation} with ${key}`;
  if (status === 403)
    return new KeyringError(
      `Google Cloud KMS refuses ${what} (${words}): give this service account the role that docs/custody.md names, and see ` +
        "that the Cloud KMS API is enabled",
    );
  if (status === 401)
    return new KeyringError(`Google Cloud KMS does not accept this process's credentials for ${what} (${words})`);
  if (status === 404) return new KeyringError(`Google Cloud KMS has no key for ${what} (${words}): check GCP_KMS_KEY`);
  if (status === 400 && /FAILED_PRECONDITION/.test(text))
    return new KeyringError(
      `Google Cloud KMS refuses ${what} (${words}): the key's version is disabled or destroyed. Enable or restore it`,
    );
  if (status === 400)
    return new KeyringError(
      `Google Cloud KMS did not wrap this with ${key} (${words}): set GCP_KMS_KEY to the key that wrapped the keyring, or ` +
        "restore the keyring from your backup",
    );
  return status === 429 || status >= 500
    ? null
    : new KeyringError(`Google Cloud KMS refuses ${what} with ${status} (${words})`);
}

function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } }; // as Google's errors are; else the catch
    return String(error?.message ?? text).slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}
