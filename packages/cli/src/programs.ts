import { join, resolve } from "node:path";
import type { ProgramSpec } from "./keep-running.ts";
import type { Places } from "./places.ts";
import { runCommand } from "./run-command.ts";
import type { SystemUser } from "./system-users.ts";

/** What the two programs are started with. */
export interface ProgramSetup {
  /** The directory that holds `packages` and `node_modules`, enterable by both users. */
  readonly programDir: string;
  readonly places: Places;
  readonly databaseUrl: string;
  /** The operator's environment, of which only named settings reach a program. */
  readonly env: NodeJS.ProcessEnv;
  /** Where the command was given: paths in settings are relative to it. */
  readonly cwd: string;
  /** Undefined when Stablehand was not started as root: both then run as whoever started it. */
  readonly users: { readonly api: SystemUser; readonly worker: SystemUser } | undefined;
}

const machineSettings = ["PATH", "LANG", "LC_ALL", "TZ"];
const assetStoreSettings = [
  "ASSET_STORE",
  "ASSET_STORE_ENDPOINT",
  "ASSET_STORE_PATH_STYLE",
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
];
const observationSettings = ["METRICS_HOST", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"];
const apiSettings = [
  "HOST",
  "PORT",
  "LOG_LEVEL",
  "DATABASE_CONNECTIONS",
  "MONTHLY_TASK_LIMIT",
  "RATE_LIMIT_PER_SECOND",
  "WEBHOOK_ALLOW_PRIVATE",
  "PUBLIC_URL",
  "ASSET_URL_TTL_SECONDS",
  "TRUSTED_PROXIES",
  "ALLOW_SIGNUP",
  "OIDC_ISSUER",
  "OIDC_CLIENT_ID",
  "OIDC_CLIENT_SECRET",
  "OIDC_NAME",
  "SMTP_URL",
  "MAIL_FROM",
  "API_METRICS_PORT",
  ...observationSettings,
];
/** What reaches the key provider, its SDK's own sources of credentials among it: a worker's alone. */
const keyProviderSettings = [
  "AWS_KMS_KEY",
  "AWS_KMS_ENDPOINT",
  "AWS_KMS_ACCESS_KEY_ID",
  "AWS_KMS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_PROFILE",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "GCP_KMS_KEY",
  "GCP_KMS_ENDPOINT",
  "GOOGLE_APPLICATION_CREDENTIALS",
  "TRANSIT_ADDRESS",
  "TRANSIT_KEY",
  "TRANSIT_MOUNT",
  "TRANSIT_NAMESPACE",
  "TRANSIT_TOKEN_FILE",
  "NODE_EXTRA_CA_CERTS",
];
const workerSettings = [
  "LOG_LEVEL",
  "MODEL",
  "MODEL_API_KEY",
  "MODEL_BASE_URL",
  "MODEL_TIMEOUT_MS",
  "MAX_TOKENS_PER_TASK",
  "TASK_TIMEOUT_MS",
  "HEALTH_MAX_AGE_MS",
  "SHUTDOWN_GRACE_MS",
  "RESEAL_PER_SECOND",
  "WEBHOOK_ALLOW_PRIVATE",
  ...assetStoreSettings,
  ...keyProviderSettings,
  "WORKER_CONCURRENCY",
  "BROWSER_PREWARM",
  "BROWSER_MODE",
  "DISPLAY",
  "XAUTHORITY",
  "WORKER_METRICS_PORT",
  ...observationSettings,
  "EGRESS_TEST_MODE",
  "EGRESS_HOST_MAP",
  "EGRESS_CA_FILE",
];

/** The Node that runs both programs: the project's own, which their users can enter, not whichever runs this one. */
function nodeIn(programDir: string): string {
  return join(programDir, "node_modules", "node", "bin", "node");
}

/**
 * How the API is kept small: 142 MiB over 200,000 PUTs, where 347 were measured without. Node lets its heap grow otherwise, and
 * the C library keeps one for every thread. `npm run bench -- credentials-memory` measures with the same.
 */
export const apiMemory = {
  flags: ["--max-semi-space-size=8", "--max-old-space-size=192"],
  env: { MALLOC_ARENA_MAX: "1" },
} as const;

/**
 * How a worker is kept small: 223 MB at most over five visits to a page of 3,000 elements, where 332 were measured without.
 * What one page brings is garbage by the next. `npm run bench -- design` measures with the same.
 */
export const workerMemory = {
  flags: ["--max-semi-space-size=16"],
  env: { MALLOC_ARENA_MAX: "1" },
} as const;

/**
 * The API: it can add credentials and open none.
 *
 * It may read its own code and the public keyring, write nothing, and start neither processes nor threads, whoever runs
 * it. AWS credentials reach it only for `ASSET_STORE`. `VAULT_KEY_FILE` is told to it so that it can refuse to start when it could read that file after all.
 */
export function apiProgram(
  { programDir, places, databaseUrl, env, users }: ProgramSetup,
  authSecret: string,
): ProgramSpec {
  const packages = ["api", "contract", "core", "vault"].map((name) => join(programDir, "packages", name));
  const readable = [
    join(programDir, "package.json"),
    ...packages.map((directory) => `${directory}/`),
    `${join(programDir, "packages", "dashboard", "dist")}/`,
    `${join(programDir, "docs")}/`,
    join(programDir, "SECURITY.md"),
    join(programDir, ".env.example"),
    `${join(programDir, "node_modules")}/`,
    places.vault.publicKeyringFile,
  ];
  return {
    name: "api",
    command: nodeIn(programDir),
    args: [
      ...apiMemory.flags,
      "--permission",
      ...readable.map((path) => `--allow-fs-read=${path}`),
      join(programDir, "packages", "api", "src", "main.ts"),
    ],
    env: {
      ...pick(env, [...machineSettings, ...apiSettings, ...(env.ASSET_STORE ? assetStoreSettings : [])]),
      ...apiMemory.env,
      DATABASE_URL: databaseUrl,
      AUTH_SECRET: authSecret,
      VAULT_PUBLIC_KEYRING_FILE: places.vault.publicKeyringFile,
      VAULT_KEY_FILE: places.vault.keyFile,
    },
    cwd: programDir,
    user: users?.api,
    clean: async () => {},
  };
}

/** What a worker has to itself: its Chromium, and a TMPDIR that is emptied whenever the worker is not running. */
export interface WorkerPlace {
  readonly chromiumPath: string;
  readonly tmpDir: string;
}

/** Which program a worker is, in packages/worker/src: a leaktest has one of its own, whose redactor redacts nothing. */
export type WorkerEntry = "main.ts" | "leaktest/unredacted-worker.ts";

/** The worker: it has the key. */
export function workerProgram(
  setup: ProgramSetup,
  { chromiumPath, tmpDir }: WorkerPlace,
  entry: WorkerEntry = "main.ts",
): ProgramSpec {
  const { programDir, places, databaseUrl, env, cwd, users } = setup;
  const sweep = join(programDir, "packages", "cli", "src", "sweep-worker.ts");
  const machine = pick(env, machineSettings);
  return {
    name: "worker",
    command: nodeIn(programDir),
    args: [
      ...workerMemory.flags,
      "--disable-sigusr1",
      "--conditions=worker",
      join(programDir, "packages", "worker", "src", entry),
    ],
    env: {
      ...pick(env, [...machineSettings, ...workerSettings]),
      ...(env.MODEL && { MODEL: withWholePath(env.MODEL, cwd) }),
      ...workerMemory.env,
      DATABASE_URL: databaseUrl,
      ...keyProviderEnv(env, places),
      VAULT_KEYRING_FILE: places.vault.keyringFile,
      CHROMIUM_PATH: chromiumPath,
      TMPDIR: tmpDir,
      HOME: places.workerDir,
    },
    cwd: programDir,
    user: users?.worker,
    async clean() {
      const options = { env: machine, user: users?.worker, timeoutMs: 6_000 };
      await runCommand(nodeIn(programDir), [sweep, tmpDir], options);
    },
  };
}

/** Which provider it is, and for `file` where its key lies. */
function keyProviderEnv(env: NodeJS.ProcessEnv, { vault }: Places): Record<string, string> {
  const name = env.KEY_PROVIDER || "file";
  return { KEY_PROVIDER: name, ...(name === "file" && { VAULT_KEY_FILE: vault.keyFile }) };
}

/** A recorded script is named from where the operator stands; the worker stands elsewhere. */
function withWholePath(model: string, cwd: string): string {
  const [, file] = /^replay:(.+)$/.exec(model) ?? [];
  return file ? `replay:${resolve(cwd, file)}` : model;
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value) picked[name] = value;
  }
  return picked;
}
