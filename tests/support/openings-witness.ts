import { type ChildProcess, spawn } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { ensureChromium } from "../../packages/cli/src/install-chromium.ts";
import { resolvePlaces } from "../../packages/cli/src/places.ts";
import { placeProgram } from "../../packages/cli/src/program-place.ts";
import { workerProgram } from "../../packages/cli/src/programs.ts";
import { ensureSystemUsers } from "../../packages/cli/src/system-users.ts";
import { openDatabase } from "../../packages/core/src/database.ts";
import { createLog } from "../../packages/core/src/log.ts";
import { migrate } from "../../packages/core/src/migrate.ts";
import { createApiKey } from "../../packages/core/src/store/api-keys.ts";
import { ensureBusiness } from "../../packages/core/src/store/businesses.ts";
import { checkout } from "./checkout.ts";
import { startFakePlatforms } from "./fake-platforms/fake-platforms.ts";
import { createTestDatabase } from "./postgres.ts";
import { type Random, seededRandom } from "./random.ts";
import { callApi, makeDataDir, runCli, startProgram } from "./server.ts";

/** What was counted: tasks run by workers that were killed at random moments. */
export interface WitnessedOpenings {
  readonly tasks: number;
  readonly kills: number;
  /** How the tasks ended. */
  readonly ends: Readonly<Record<string, number>>;
  /** Rows `open` and `check` of the log, and openings that the witness saw, in order: the worker's pid and the end-user. */
  readonly logged: readonly string[];
  readonly seen: readonly string[];
  /** Private-key operations on what is neither an end-user's key nor a value in the database. */
  readonly strange: readonly string[];
  /** The pids of the workers that were killed. */
  readonly killed: ReadonlySet<string>;
  /** What `stablehand audit verify` says of the log. */
  readonly audit: string;
}

/**
 * Runs before a worker's own code, in its process, and writes down each private-key operation: the worker's pid and the
 * encapsulated key. It knows nothing of the product but that opening anything takes one. Written with one unbuffered
 * append, which `kill -9` does not undo.
 */
const witness = `
  import crypto from "node:crypto";
  import { appendFileSync } from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  const { WITNESS_FILE } = process.env;
  const { decapsulate } = crypto;
  crypto.decapsulate = (key, enc) => {
    const opened = decapsulate(key, enc);
    appendFileSync(WITNESS_FILE, process.pid + " " + Buffer.from(enc).toString("hex") + "\\n");
    return opened;
  };
  syncBuiltinESMExports();`;

/** How many tasks a worker runs at once. */
export const tasksAtOnce = 2;

const workers = 2;
const endMs = 3_600_000;
const encStart = 10; // vault/src/envelope.ts
const encEnd = 42;

interface Plan {
  readonly tasks: number;
  readonly seed: number;
  /** Between two kills, at most. */
  readonly killEveryMs: number;
  onProgress?(text: string): void;
}

/** Runs `tasks` tasks, each of an end-user of its own, and kills a worker now and then until they have ended. */
export async function witnessOpenings(plan: Plan): Promise<WitnessedOpenings> {
  const stops: (() => unknown)[] = [];
  try {
    return await runWitnessed(plan, (stop) => stops.push(stop));
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/** `onEnd` is told, at once after something was started, how it is stopped. */
async function runWitnessed(plan: Plan, onEnd: (stop: () => unknown) => void): Promise<WitnessedOpenings> {
  const data = await makeDataDir();
  onEnd(() => data.remove());
  const database = await createTestDatabase();
  onEnd(() => database.drop());
  const fakes = await startFakePlatforms();
  onEnd(() => fakes.stop());
  fakes.setMode("twitter", "feed");
  const scriptFile = join(data.dir, "script.json");
  const witnessFile = join(data.dir, "witness");
  await writeFile(scriptFile, JSON.stringify({ turns: [{ calls: [{ tool: "done", input: { result: "Done." } }] }] }));
  await writeFile(witnessFile, "");
  for (const file of [scriptFile, witnessFile]) await chmod(file, 0o666);
  const env = {
    PATH: process.env.PATH ?? "",
    STABLEHAND_DATA_DIR: data.dir,
    DATABASE_URL: database.url,
    AUTH_SECRET: "a-secret-of-tests-alone-0123456789",
    PORT: "0",
    LOG_LEVEL: "fatal",
    MODEL: `replay:${scriptFile}`,
    WORKER_CONCURRENCY: String(tasksAtOnce),
    ...fakes.env,
  };
  await runCli(["vault", "init"], env);
  await migrate(database.url);
  const apiKey = await makeKey(database.url);
  const api = await startProgram<{ url: string }>("api", env);
  onEnd(() => api.stop());
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await callApi(api.facts.url, apiKey, method, path, body);
    if (answer.status >= 400) throw new Error(`${method} ${path} answered ${answer.status}`);
  };
  const sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  onEnd(() => sql.end());
  const start = await prepareWorkers(env, witnessFile);
  const killed = new Set<string>();
  const running: ChildProcess[] = [];
  onEnd(() => Promise.all(running.map((worker) => stopped(worker, "SIGKILL"))));
  for (let n = 0; n < workers; n++) running.push(await start(n));
  const { twitterAuthToken, twitterCt0 } = fakes.accounts.alice.values;
  for (let n = 0; n < plan.tasks; n++) {
    await call("PUT", `/v1/end-users/user-${n}/credentials`, { twitterAuthToken, twitterCt0 });
    if (n % 2) await call("POST", `/v1/end-users/user-${n}/credentials/check`);
    else await call("POST", "/v1/tasks", { endUserId: `user-${n}`, task: "Read", platforms: ["twitter"] });
  }
  const random = seededRandom(plan.seed);
  for (const late = AbortSignal.timeout(endMs); ; ) {
    late.throwIfAborted();
    const { rows } = await sql.query("SELECT count(*)::int AS left FROM tasks WHERE completed_at IS NULL");
    if (rows[0].left === 0) break;
    plan.onProgress?.(`${plan.tasks - rows[0].left} of ${plan.tasks} tasks have ended, ${killed.size} kills`);
    await delay(random.integer(0, plan.killEveryMs)); // the moment is what is tested
    await killOne(running, random, start, killed);
  }
  for (const worker of running) await stopped(worker, "SIGTERM");
  const { rows: logged } = await sql.query<{ line: string }>(
    `SELECT split_part(actor, '-', -2) || ' ' || end_user_id AS line FROM credential_access
      WHERE action IN ('open', 'check') ORDER BY sequence`,
  );
  const { rows: ends } = await sql.query("SELECT status, count(*)::int AS count FROM tasks GROUP BY status");
  const owners = new Map(
    (await encapsulatedKeys(sql, "end_user_keys", "sealed_private_key")).map((row) => [row.enc, row]),
  );
  const values = new Set((await encapsulatedKeys(sql, "credentials", "sealed")).map(({ enc }) => enc));
  const operations = (await readFile(witnessFile, "utf8"))
    .trim()
    .split("\n")
    .map((line) => ({ line, pid: line.split(" ")[0], enc: line.split(" ")[1] ?? "" }));
  return {
    tasks: plan.tasks,
    kills: killed.size,
    ends: Object.fromEntries(ends.map(({ status, count }) => [status, count])),
    logged: logged.map(({ line }) => line),
    seen: operations.flatMap(({ pid, enc }) => {
      const owner = owners.get(enc);
      return owner ? [`${pid} ${owner.endUserId}`] : [];
    }),
    strange: operations.filter(({ enc }) => !owners.has(enc) && !values.has(enc)).map(({ line }) => line),
    killed,
    audit: (await runCli(["audit", "verify"], env)).stdout.trim(),
  };
}

/** What the private-key operation that opens each stored thing is given, in hex. */
async function encapsulatedKeys(
  sql: pg.Client,
  table: "end_user_keys" | "credentials",
  column: "sealed_private_key" | "sealed",
): Promise<{ enc: string; endUserId: string }[]> {
  const { rows } = await sql.query<{ enc: string; endUserId: string }>(
    `SELECT encode(substr(${column}, ${encStart + 1}, ${encEnd - encStart}), 'hex') AS enc, end_user_id AS "endUserId" FROM ${table}`,
  );
  return rows;
}

type StartWorker = (n: number) => Promise<ChildProcess>;

/** The worker just as the supervisor starts it, but for the witness before it. */
async function prepareWorkers(env: Record<string, string>, witnessFile: string): Promise<StartWorker> {
  const isRoot = process.getuid?.() === 0;
  const places = resolvePlaces(env, { cwd: checkout, isRoot, checkout });
  const users = isRoot ? await ensureSystemUsers() : undefined;
  const programDir = isRoot ? placeProgram(checkout, places.stagedProgramDir) : checkout;
  const search = { env, isRoot, programDir, browsersDir: places.browsersDir };
  const signal = new AbortController().signal;
  const chromium = await ensureChromium(search, { log: () => undefined, signal });
  const setup = { programDir, places, databaseUrl: env.DATABASE_URL ?? "", env, cwd: checkout, users };
  return async (n) => {
    const tmpDir = join(places.workerDir, `tmp-${n}`);
    const { command, args, user, ...spec } = workerProgram(setup, { chromiumPath: chromium.path, tmpDir });
    await spec.clean();
    const child = spawn(command, ["--import", `data:text/javascript,${encodeURIComponent(witness)}`, ...args], {
      cwd: spec.cwd,
      env: { ...spec.env, WITNESS_FILE: witnessFile },
      ...(user && { uid: user.uid, gid: user.gid }),
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      detached: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("exit", (code) => reject(new Error(`a worker ended with ${code} before it was up`)));
      child.once("error", reject);
    });
    return child;
  };
}

async function killOne(
  running: ChildProcess[],
  random: Random,
  start: StartWorker,
  killed: Set<string>,
): Promise<void> {
  const n = random.integer(0, running.length - 1);
  const worker = running[n];
  if (!worker) throw new Error("there are workers");
  killed.add(String(worker.pid));
  await stopped(worker, "SIGKILL");
  running[n] = await start(n);
}

async function stopped(worker: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exited = new Promise((resolve) => worker.once("exit", resolve));
  worker.kill(signal);
  await exited;
}

async function makeKey(databaseUrl: string): Promise<string> {
  const store = openDatabase(databaseUrl, { program: "test", connectionsMax: 1, log: createLog("test", "silent") });
  const { secret } = await createApiKey(store.db, await ensureBusiness(store.db, "acme"), null);
  await store.close();
  return secret;
}
