import { readFile, readlink, realpath, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { CommandError } from "./command-error.ts";
import { clusterDirOf, ensureCluster, readConnection, roleName, writeConnection } from "./postgres-cluster.ts";
import {
  type DatabaseUser,
  findPostgresPrograms,
  type PostgresPrograms,
  runPostgresProgram,
} from "./postgres-programs.ts";

/** Where the embedded PostgreSQL lives, who runs it, and where its programs are. */
export interface EmbeddedPostgresOptions {
  /** Its own directory, made at the first start; see postgres-cluster.ts for what is in it. */
  readonly dir: string;
  /** The directory that holds `node_modules`, enterable by `user`. */
  readonly programDir: string;
  readonly user?: DatabaseUser;
  /** Gets a sentence before each slow step. */
  readonly log?: (line: string) => void;
  /** Further settings, `name=value` without spaces; the tests give up durability with them. */
  readonly settings?: readonly string[];
}

/** A PostgreSQL that answers. */
export interface EmbeddedPostgres {
  /** For the role and database `stablehand`; the role is no superuser. */
  readonly url: string;
  readonly port: number;
  /** True when it was already running, left over by a process that was killed. */
  readonly adopted: boolean;
  /** False once its server process is gone. */
  isRunning(): Promise<boolean>;
  /** Fast shutdown, after `timeoutMs` (2,000 unless given) an immediate one. Safe twice. */
  stop(timeoutMs?: number): Promise<void>;
}

interface Cluster {
  readonly dir: string;
  readonly clusterDir: string;
  readonly programs: PostgresPrograms;
  readonly user: DatabaseUser;
  readonly settings: readonly string[];
}

interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

const fixedSettings = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=''",
  "timezone=UTC",
  "log_timezone=UTC",
  "max_connections=200",
  // One file a weekday, overwritten a week later. Parameters are never logged: they hold sealed values.
  "logging_collector=on",
  "log_filename=postgresql-%a.log",
  "log_truncate_on_rotation=on",
  "log_rotation_size=0",
  "log_parameter_max_length=0",
  "log_parameter_max_length_on_error=0",
];

/**
 * PostgreSQL running on `dir`: created at the first start, otherwise started, or adopted when it still runs.
 *
 * It outlives this process when that is killed, is never started twice on one directory, and keeps its port unless
 * something else took it meanwhile. Call it from one process at a time for a directory (see directory-lock.ts).
 * Throws a sentence for a human when the directory or the machine does not allow it. Every step has a deadline.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dir, programDir, user, log = () => {}, settings = [] } = options;
  const programs = await findPostgresPrograms(programDir);
  await ensureCluster(dir, { programs, user, log });
  const clusterDir = await realpath(clusterDirOf(dir));
  await checkOwner(clusterDir, user);
  const cluster: Cluster = { dir, clusterDir, programs, user, settings: [...fixedSettings, ...settings] };
  const { password, port: lastPort } = await readConnection(dir);
  const left = await findPostmaster(clusterDir);
  if (left) {
    const url = urlOf(left.port, password);
    if (await answersWithin(url, 10_000)) {
      if (left.port !== lastPort) await writeConnection(dir, { port: left.port, password });
      return running(cluster, { url, port: left.port, adopted: true });
    }
    log("A PostgreSQL left over from before does not answer; stopping it …");
    await stopPostmaster(cluster, 5_000);
  }
  const port = await startPostmaster(cluster, lastPort);
  if (port !== lastPort) await writeConnection(dir, { port, password });
  const url = urlOf(port, password);
  if (!(await answersWithin(url, 20_000))) {
    await stopPostmaster(cluster, 2_000);
    throw new CommandError(`PostgreSQL started on 127.0.0.1:${port} but lets nobody in; its log is ${clusterDir}/log`);
  }
  return running(cluster, { url, port, adopted: false });
}

function running(cluster: Cluster, facts: Pick<EmbeddedPostgres, "url" | "port" | "adopted">): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  return {
    ...facts,
    isRunning: async () => (await findPostmaster(cluster.clusterDir)) !== null,
    stop(timeoutMs = 2_000) {
      stopping ??= stopPostmaster(cluster, timeoutMs);
      return stopping;
    },
  };
}

/** Starts the server and returns its port: `wantedPort` when it is free. pg_ctl puts it into a session of its own. */
async function startPostmaster(cluster: Cluster, wantedPort: number): Promise<number> {
  const { clusterDir, programs, user } = cluster;
  const startLog = join(clusterDir, "start.log");
  let failure: unknown;
  // Again, because between finding a port free and listening on it another program may take it, and because the
  // backends of a server that was killed may hold its shared memory for a moment longer.
  for (let attempt = 0; attempt < 4; attempt++) {
    if (attempt > 0) await delay(attempt * 250);
    const port = await freePort(wantedPort);
    const settings = [...cluster.settings, `port=${port}`].map((setting) => `-c ${setting}`).join(" ");
    await rm(startLog, { force: true });
    const args = ["start", "-D", clusterDir, "-w", "-t", "60", "-l", startLog, "-o", settings];
    try {
      await runPostgresProgram(programs.pg_ctl, args, { user, timeoutMs: 70_000 });
      return port;
    } catch (error) {
      const words = await readFile(startLog, "utf8").catch(() => "");
      failure = new CommandError(`PostgreSQL did not start in ${clusterDir}:\n${words.slice(-2_000)}`, error);
    }
  }
  throw failure;
}

async function stopPostmaster({ clusterDir, programs, user }: Cluster, timeoutMs: number): Promise<void> {
  for (const mode of ["fast", "immediate"]) {
    if (!(await findPostmaster(clusterDir))) return;
    const seconds = String(Math.ceil(timeoutMs / 1_000));
    const args = ["stop", "-D", clusterDir, "-w", "-m", mode, "-t", seconds];
    const stopped = await runPostgresProgram(programs.pg_ctl, args, { user, timeoutMs: timeoutMs + 1_000 }).then(
      () => true,
      () => false,
    );
    if (stopped) return;
  }
  const left = await findPostmaster(clusterDir);
  if (left) throw new CommandError(`PostgreSQL (process ${left.pid}) did not stop; its log is ${clusterDir}/log`);
}

/**
 * The server running on `clusterDir`, by its postmaster.pid; null when there is none.
 *
 * The file survives a crash, and its process id may since belong to any program. The truth is that a server works inside
 * its cluster's directory. A file that names somebody else's living process is removed, or PostgreSQL would not start.
 */
async function findPostmaster(clusterDir: string): Promise<Postmaster | null> {
  const file = join(clusterDir, "postmaster.pid");
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n");
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  if (await worksIn(pid, clusterDir)) return { pid, port };
  await rm(file, { force: true });
  return null;
}

async function worksIn(pid: number, clusterDir: string): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => null);
  if (cwd !== null) return cwd === clusterDir;
  // Root in a container may be refused another user's cwd; pg_ctl put the directory into the arguments as well.
  const args = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return args.split("\0").includes(clusterDir);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** True as soon as a query is answered; false when none was in `timeoutMs`. */
async function answersWithin(url: string, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  do {
    if (await answers(url)) return true;
    await delay(50);
  } while (Date.now() < deadline);
  return false;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on("error", () => {}); // told by the query's failure
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false; // still starting, another password, or hung
  } finally {
    await client.end().catch(() => {});
  }
}

async function freePort(wanted: number): Promise<number> {
  const listen = (port: number): Promise<number | null> =>
    new Promise((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(null));
      server.listen(port, "127.0.0.1", () => {
        const address = server.address();
        server.close(() => resolve(typeof address === "object" ? (address?.port ?? null) : null));
      });
    });
  const port = (wanted > 0 ? await listen(wanted) : null) ?? (await listen(0));
  if (port === null) throw new CommandError("No port is free on 127.0.0.1 for PostgreSQL");
  return port;
}

async function checkOwner(clusterDir: string, user: DatabaseUser): Promise<void> {
  const { uid } = await stat(clusterDir);
  const wanted = user?.uid ?? process.getuid?.();
  if (wanted !== undefined && uid !== wanted) {
    throw new CommandError(
      `The database in ${clusterDir} belongs to user ${uid}, and would now run as user ${wanted}. ` +
        "Start Stablehand as the user who started it first, or choose another STABLEHAND_DATA_DIR.",
    );
  }
}

function urlOf(port: number, password: string): string {
  return `postgres://${roleName}:${password}@127.0.0.1:${port}/${roleName}`;
}
