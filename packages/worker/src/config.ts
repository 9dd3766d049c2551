import { accessSync, constants } from "node:fs";
import { type AssetStoreSetting, readAssetStore } from "@stablehand/core/asset-store";
import { ConfigError, type Env, flag, integer, oneOf, required } from "@stablehand/core/env";
import { logLevels } from "@stablehand/core/log";
import { shutdownGraceMsDefault } from "@stablehand/core/program";
import { handOutHoursMax } from "@stablehand/core/queue";
import { type MetricsPlace, readMetricsPlace } from "@stablehand/core/serve-metrics";
import { readTraceEndpoint } from "@stablehand/core/tracer";
import { type KeyProviderSetting, readKeyProvider } from "@stablehand/vault/kms/setting";
import type { ModelPatience } from "./agent/call-model.ts";
import { type ModelSetting, readModelPatience, readModelSetting } from "./agent/model.ts";
import { type Egress, parseEgress } from "./browser/egress.ts";
import { type BrowserMode, browserModes } from "./browser/launch.ts";

/** What a worker needs to run. */
export interface WorkerConfig {
  readonly databaseUrl: string;
  readonly keyringFile: string;
  readonly keyProvider: KeyProviderSetting;
  readonly chromiumPath: string;
  readonly tmpDir: string;
  readonly concurrency: number;
  readonly prewarm: number;
  readonly browserMode: BrowserMode;
  readonly egress: Egress;
  /** Null when no model is configured: agents' tasks then fail, checks do not. */
  readonly model: ModelSetting | null;
  readonly modelPatience: ModelPatience;
  readonly tokensPerTaskMax: number | null;
  readonly taskTimeoutMs: number;
  /** How long a check of a sign-in is trusted before an agent begins; 0 trusts none. */
  readonly healthMaxAgeMs: number;
  /** Null when the files of extractions lie in PostgreSQL. */
  readonly assetStore: AssetStoreSetting | null;
  readonly allowPrivateWebhooks: boolean;
  /** End-users' keys that are sealed anew in a second, at most, when a key is rotated. */
  readonly resealPerSecond: number;
  readonly shutdownGraceMs: number;
  /** Null when metrics are told nowhere. */
  readonly metricsPlace: MetricsPlace | null;
  /** Null when nothing is traced. */
  readonly traceEndpoint: string | null;
  readonly logLevel: (typeof logLevels)[number];
}

/** Reads a worker's configuration; throws ConfigError or KeyringError when a setting is missing or wrong, or when it runs as root or would print cookies. */
export function readConfig(env: Env, userId: number | undefined = process.getuid?.()): WorkerConfig {
  if (userId === 0)
    throw new ConfigError(
      "the worker runs as root, where Chromium has no sandbox: start it as an unprivileged user, as `stablehand start` does",
    );
  if (/\bpw:|\*/.test(env.DEBUG ?? ""))
    throw new ConfigError(`DEBUG is "${env.DEBUG}": Playwright would then print cookies. Unset it`);
  return {
    databaseUrl: required(env, "DATABASE_URL", "the PostgreSQL to use, postgres://user:password@host:port/database"),
    keyringFile: required(env, "VAULT_KEYRING_FILE", "the path of keyring.json, which `stablehand vault init` writes"),
    keyProvider: readKeyProvider(env),
    chromiumPath: executable(required(env, "CHROMIUM_PATH", "the path of the Chromium to run")),
    tmpDir: required(env, "TMPDIR", "a directory of this worker's own; it is emptied when the worker starts"),
    concurrency: integer(env, "WORKER_CONCURRENCY", 2, 1, 64),
    prewarm: integer(env, "BROWSER_PREWARM", 1, 0, 64),
    browserMode: oneOf(env, "BROWSER_MODE", browserModes, "headless"),
    egress: parseEgress(env),
    model: readModelSetting(env),
    modelPatience: readModelPatience(env),
    tokensPerTaskMax: integer(env, "MAX_TOKENS_PER_TASK", 0, 0, 1_000_000_000) || null,
    taskTimeoutMs: integer(env, "TASK_TIMEOUT_MS", 600_000, 1_000, handOutHoursMax * 3_600_000 - 60_000),
    healthMaxAgeMs: integer(env, "HEALTH_MAX_AGE_MS", 6 * 3_600_000, 0, 30 * 24 * 3_600_000),
    assetStore: readAssetStore(env),
    allowPrivateWebhooks: flag(env, "WEBHOOK_ALLOW_PRIVATE"),
    resealPerSecond: integer(env, "RESEAL_PER_SECOND", 500, 1, 100_000),
    shutdownGraceMs: integer(env, "SHUTDOWN_GRACE_MS", shutdownGraceMsDefault, 0, 3_600_000),
    metricsPlace: readMetricsPlace(env, "WORKER_METRICS_PORT"),
    traceEndpoint: readTraceEndpoint(env),
    logLevel: oneOf(env, "LOG_LEVEL", logLevels, "info"),
  };
}

function executable(path: string): string {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    throw new ConfigError(`CHROMIUM_PATH is "${path}": there is no program there that this user may run`);
  }
}
