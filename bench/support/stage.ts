import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbeddedPostgres } from "../../packages/cli/src/embedded-postgres.ts";
import { clusterDirOf } from "../../packages/cli/src/postgres-cluster.ts";
import { apiMemory } from "../../packages/cli/src/programs.ts";
import { openDatabase } from "../../packages/core/src/database.ts";
import type { BusinessId } from "../../packages/core/src/ids.ts";
import { createLog } from "../../packages/core/src/log.ts";
import { migrate } from "../../packages/core/src/migrate.ts";
import { createApiKey, revokeApiKey } from "../../packages/core/src/store/api-keys.ts";
import { ensureBusiness } from "../../packages/core/src/store/businesses.ts";
import { initVault } from "../../packages/vault/src/custody.ts";
import { checkout } from "../../tests/support/checkout.ts";
import { makeOpenTempDir, postgresSetup } from "../../tests/support/postgres.ts";

/** A process that is measured. */
export interface Measured {
  readonly url: string;
  readonly pid: number;
  /** CPU seconds, user and system, since it started. */
  cpuSeconds(): number;
  rssMiB(): number;
  /** Sends a signal and waits for the message of this type that answers it. */
  ask(signal: NodeJS.Signals, type: string): Promise<void>;
  stop(): Promise<void>;
}

/** What all benches stand on: a durable PostgreSQL of the product's own kind, a vault, a business with keys. */
export interface Stage {
  readonly databaseUrl: string;
  readonly sql: pg.Client;
  readonly businessId: BusinessId;
  readonly apiKey: string;
  readonly revokedKey: string;
  /** CPU seconds of the whole PostgreSQL so far. */
  postgresCpuSeconds(): number;
  startApi(flags?: readonly string[]): Promise<Measured>;
  startFloor(): Promise<Measured>;
  end(): Promise<void>;
}

const node = join(checkout, "node_modules/.bin/node");
const ticksPerSecond = 100;

/** Sets everything up in temporary directories; `end` removes them. */
export async function setStage(): Promise<Stage> {
  const temp = await makeOpenTempDir();
  const postgres = await startEmbeddedPostgres({ dir: join(temp.dir, "postgres"), ...(await postgresSetup(temp.dir)) });
  await migrate(postgres.url);
  const vaultDir = mkdtempSync(join(tmpdir(), "stablehand-bench-"));
  const vault = {
    keyFile: join(vaultDir, "worker/vault.key"),
    keyringFile: join(vaultDir, "worker/keyring.json"),
    publicKeyringFile: join(vaultDir, "keyring.public.json"),
  };
  await initVault(vault);
  const database = openDatabase(postgres.url, {
    program: "bench",
    connectionsMax: 2,
    log: createLog("bench", "silent"),
  });
  const businessId = await ensureBusiness(database.db, "bench");
  const { secret: apiKey } = await createApiKey(database.db, businessId, null);
  const revoked = await createApiKey(database.db, businessId, null);
  await revokeApiKey(database.db, businessId, revoked.keyId);
  await database.close();
  const sql = new pg.Client({ connectionString: postgres.url });
  await sql.connect();
  const pidFile = join(clusterDirOf(join(temp.dir, "postgres")), "postmaster.pid");
  const postmaster = Number(readFileSync(pidFile, "utf8").split("\n", 1)[0]);
  const started: Measured[] = [];

  async function measured(args: readonly string[], env: Record<string, string>): Promise<Measured> {
    const program = await startProgram(args, { DATABASE_URL: postgres.url, HOST: "127.0.0.1", PORT: "0", ...env });
    started.push(program);
    return program;
  }

  return {
    databaseUrl: postgres.url,
    sql,
    businessId,
    apiKey,
    revokedKey: revoked.secret,
    postgresCpuSeconds: () => postgresPids(postmaster).reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
    startApi: (flags = []) =>
      measured(
        [
          ...apiMemory.flags,
          "--permission",
          `--allow-fs-read=${checkout}/`,
          `--allow-fs-read=${vault.publicKeyringFile}`,
          ...flags,
          join(checkout, "packages/api/src/main.ts"),
        ],
        {
          AUTH_SECRET: "a-secret-of-benches-alone-0123456",
          VAULT_PUBLIC_KEYRING_FILE: vault.publicKeyringFile,
          VAULT_KEY_FILE: vault.keyFile,
          ...apiMemory.env,
        },
      ),
    startFloor: () => measured([join(import.meta.dirname, "floor-server.ts")], {}),
    async end() {
      for (const program of started) await program.stop();
      await sql.end();
      await postgres.stop();
      await temp.remove();
      rmSync(vaultDir, { recursive: true });
    },
  };
}

async function startProgram(args: readonly string[], env: Record<string, string>): Promise<Measured> {
  const child: ChildProcess = spawn(node, args, {
    cwd: checkout,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"], // logs are written, and thrown away by the kernel
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (message) => resolve((message as { url: string }).url)); // core/program.ts
    child.once("exit", (code) => reject(new Error(`${args.at(-1)} ended with ${code}`)));
  });
  const pid = child.pid ?? -1;
  return {
    url,
    pid,
    cpuSeconds: () => cpuSecondsOf(pid),
    rssMiB: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024,
    ask: (signal, type) =>
      new Promise((resolve) => {
        child.on("message", (message) => (message as { type: string }).type === type && resolve());
        child.kill(signal);
      }),
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** User and system time of a process and of its children that have ended. Linux only. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
}

/** The postmaster and its backends. */
function postgresPids(postmaster: number): number[] {
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, "utf8");
  return [postmaster, ...children.trim().split(" ").filter(Boolean).map(Number)];
}
