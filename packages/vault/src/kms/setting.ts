import { KeyringError } from "../keyring.ts";

/** The key of AWS KMS, and how it is reached. Null: the SDK's own region, endpoint and chain of credentials. */
export interface AwsKmsSetting {
  readonly name: "aws-kms" | "aws-kms-rsa";
  readonly key: string;
  readonly region: string | null;
  readonly endpoint: string | null;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
}

/** The key of Google Cloud KMS, by its resource name. Credentials are the application default ones. */
export interface GcpKmsSetting {
  readonly name: "gcp-kms";
  readonly key: string;
  readonly endpoint: string;
}

/** The key of a Transit engine of HashiCorp Vault or OpenBao. */
export interface TransitSetting {
  readonly name: "vault-transit";
  readonly key: string;
  readonly address: string;
  readonly mount: string;
  readonly namespace: string | null;
  readonly tokenFile: string;
}

/** What the keyring's private keys are wrapped with. */
export type KeyProviderSetting =
  | { readonly name: "file"; readonly keyFile: string }
  | AwsKmsSetting
  | GcpKmsSetting
  | TransitSetting;

type Env = Readonly<Record<string, string | undefined>>;

const names = ["file", "aws-kms", "aws-kms-rsa", "gcp-kms", "vault-transit"] as const;
const gcpKey = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/;

/**
 * Reads `KEY_PROVIDER` and what belongs to it; throws KeyringError, which says what is missing or wrong.
 *
 * `name` is read instead of `KEY_PROVIDER` when it is given: a keyring that is moved has two.
 */
export function readKeyProvider(env: Env, name = env["KEY_PROVIDER"] || "file"): KeyProviderSetting {
  const provider = names.find((one) => one === name);
  switch (provider) {
    case undefined:
      throw new KeyringError(`the key provider "${name}" does not exist: KEY_PROVIDER is one of ${names.join(", ")}`);
    case "file":
      return { name: provider, keyFile: wanted(env["VAULT_KEY_FILE"], "VAULT_KEY_FILE", "the path of the key file") };
    case "aws-kms":
    case "aws-kms-rsa":
      return {
        name: provider,
        key: wanted(env["AWS_KMS_KEY"], "AWS_KMS_KEY", "the ARN of the key that wraps the keyring"),
        region: env["AWS_REGION"] || null,
        endpoint: address(env["AWS_KMS_ENDPOINT"], "AWS_KMS_ENDPOINT"),
        credentials: awsCredentials(env),
      };
    case "gcp-kms": {
      const shape = "projects/P/locations/L/keyRings/R/cryptoKeys/K";
      const key = wanted(env["GCP_KMS_KEY"], "GCP_KMS_KEY", `the key that wraps the keyring, ${shape}`);
      if (!gcpKey.test(key)) throw new KeyringError(`GCP_KMS_KEY is "${key}": it must look like ${shape}`);
      const endpoint = address(env["GCP_KMS_ENDPOINT"], "GCP_KMS_ENDPOINT") ?? "https://cloudkms.googleapis.com";
      return { name: provider, key, endpoint };
    }
    case "vault-transit":
      return {
        name: provider,
        key: wanted(env["TRANSIT_KEY"], "TRANSIT_KEY", "the name of the Transit key that wraps the keyring"),
        address:
          address(env["TRANSIT_ADDRESS"], "TRANSIT_ADDRESS") ??
          wanted(undefined, "TRANSIT_ADDRESS", "where Vault or OpenBao listens, https://vault.example.com:8200"),
        mount: env["TRANSIT_MOUNT"] || "transit",
        namespace: env["TRANSIT_NAMESPACE"] || null,
        tokenFile: wanted(
          env["TRANSIT_TOKEN_FILE"],
          "TRANSIT_TOKEN_FILE",
          "a file with a token, such as an agent's sink",
        ),
      };
  }
}

/** Under one supervisor `AWS_ACCESS_KEY_ID` is the API's too, which reads assets with it: what it may, the API may. */
function awsCredentials(env: Env): AwsKmsSetting["credentials"] {
  const accessKeyId = env["AWS_KMS_ACCESS_KEY_ID"];
  if (accessKeyId)
    return {
      accessKeyId,
      secretAccessKey: wanted(env["AWS_KMS_SECRET_ACCESS_KEY"], "AWS_KMS_SECRET_ACCESS_KEY", "it belongs to the id"),
    };
  if (env["ASSET_STORE"] && env["AWS_ACCESS_KEY_ID"])
    throw new KeyringError(
      "AWS_ACCESS_KEY_ID is for ASSET_STORE, and the API has it too: give the worker credentials of its own for the key " +
        "with AWS_KMS_ACCESS_KEY_ID and AWS_KMS_SECRET_ACCESS_KEY",
    );
  return null;
}

function wanted(value: string | undefined, name: string, what: string): string {
  if (!value) throw new KeyringError(`${name} is not set: ${what}`);
  return value;
}

function address(value: string | undefined, name: string): string | null {
  if (!value) return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  const isLoopback = url !== null && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback)) return value.replace(/\/+$/, "");
  throw new KeyringError(`${name} is "${value}": it must be an https URL; http only to this machine`);
}
