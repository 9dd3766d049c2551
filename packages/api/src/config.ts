import { accessSync, constants } from "node:fs";
import { isIP } from "node:net";
import { type AssetStoreSetting, readAssetStore } from "@stablehand/core/asset-store";
import { ConfigError, type Env, flag, integer, oneOf, required } from "@stablehand/core/env";
import { logLevels } from "@stablehand/core/log";
import { type MetricsPlace, readMetricsPlace } from "@stablehand/core/serve-metrics";
import { readTraceEndpoint } from "@stablehand/core/tracer";
import { type AccountSettings, readAccountSettings } from "./accounts/account-settings.ts";

/** What the API needs to run. None of it opens a credential. */
export interface ApiConfig {
  readonly databaseUrl: string;
  readonly connectionsMax: number;
  readonly host: string;
  readonly port: number;
  readonly publicKeyringFile: string;
  /** Tasks a business may submit in a calendar month; null is unlimited. */
  readonly monthlyTaskLimit: number | null;
  /** Requests a business may make a second, of this process; null is unlimited. */
  readonly requestsPerSecondMax: number | null;
  /** Whether events may be sent over http and to private addresses. */
  readonly allowPrivateWebhooks: boolean;
  /** Where callers reach this server, for addresses in answers; null is where the request went. */
  readonly publicUrl: string | null;
  /** Addresses and ranges of the proxies in front, which say where a request came from. */
  readonly trustedProxies: readonly string[];
  readonly accounts: AccountSettings;
  readonly assetUrlTtlSeconds: number;
  /** Null when the files of extractions lie in PostgreSQL. */
  readonly assetStore: AssetStoreSetting | null;
  /** Null when metrics are told nowhere. */
  readonly metricsPlace: MetricsPlace | null;
  /** Null when nothing is traced. */
  readonly traceEndpoint: string | null;
  readonly logLevel: (typeof logLevels)[number];
}

/** Settings that only a worker may have: where an opening key is, or how to get at one. */
const openingSettings = [
  "VAULT_KEYRING_FILE",
  "KEY_PROVIDER",
  "VAULT_KEY",
  "VAULT_PRIVATE_KEY",
  "AWS_KMS_KEY",
  "AWS_KMS_ACCESS_KEY_ID",
  "AWS_KMS_SECRET_ACCESS_KEY",
  "GCP_KMS_KEY",
  "GOOGLE_APPLICATION_CREDENTIALS",
  "TRANSIT_TOKEN_FILE",
] as const;

/**
 * Reads the API's configuration.
 *
 * Throws ConfigError when a setting is missing or wrong, and when this process could get at an opening key: one is in
 * its environment, or the file that `VAULT_KEY_FILE` names (the worker's, told to the API for this check) is readable.
 */
export function readConfig(env: Env): ApiConfig {
  for (const name of openingSettings)
    if (env[name]) throw new ConfigError(`${name} is set: it is the worker's, and the API must not have it. Unset it`);
  const keyFile = env["VAULT_KEY_FILE"];
  if (keyFile && isReadable(keyFile))
    throw new ConfigError(
      `VAULT_KEY_FILE names ${keyFile}, and this process can read it: run the API as another user than the worker, ` +
        "or under Node's permission model without that file",
    );
  const publicUrl = readPublicUrl(env);
  return {
    databaseUrl: required(env, "DATABASE_URL", "the PostgreSQL to use, postgres://user:password@host:port/database"),
    connectionsMax: integer(env, "DATABASE_CONNECTIONS", 16, 2, 500),
    host: env["HOST"] || "127.0.0.1",
    port: integer(env, "PORT", 8787, 0, 65_535),
    publicKeyringFile: required(
      env,
      "VAULT_PUBLIC_KEYRING_FILE",
      "the path of keyring.public.json, which `stablehand vault init` writes",
    ),
    monthlyTaskLimit: integer(env, "MONTHLY_TASK_LIMIT", 0, 0, 1_000_000_000) || null,
    requestsPerSecondMax: integer(env, "RATE_LIMIT_PER_SECOND", 0, 0, 1_000_000) || null,
    allowPrivateWebhooks: flag(env, "WEBHOOK_ALLOW_PRIVATE"),
    publicUrl,
    trustedProxies: readTrustedProxies(env),
    accounts: readAccountSettings(env, publicUrl),
    assetUrlTtlSeconds: integer(env, "ASSET_URL_TTL_SECONDS", 86_400, 1, 31_536_000),
    assetStore: readAssetStore(env),
    metricsPlace: readMetricsPlace(env, "API_METRICS_PORT"),
    traceEndpoint: readTraceEndpoint(env),
    logLevel: oneOf(env, "LOG_LEVEL", logLevels, "info"),
  };
}

function readTrustedProxies(env: Env): string[] {
  const ranges = (env["TRUSTED_PROXIES"] ?? "")
    .split(",")
    .map((range) => range.trim())
    .filter(Boolean);
  for (const range of ranges) {
    const [address = "", bits = "0", more] = range.split("/");
    const family = isIP(address);
    if (family === 0 || more !== undefined || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
      throw new ConfigError(`TRUSTED_PROXIES names "${range}": give addresses and ranges, 10.0.0.7,10.1.0.0/16`);
  }
  return ranges;
}

function readPublicUrl(env: Env): string | null {
  const text = env["PUBLIC_URL"];
  if (!text) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username)
    throw new ConfigError(`PUBLIC_URL is "${text}": it must look like https://stablehand.example.com`);
  return url.href.replace(/\/+$/, "");
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false; // absent, another user's, or not granted by the permission model
  }
}
