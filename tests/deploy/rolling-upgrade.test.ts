import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrate } from "../../packages/core/src/migrate.ts";
import { checkout } from "../support/checkout.ts";
import { type FakePlatforms, startFakePlatforms } from "../support/fake-platforms/fake-platforms.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { callApi, makeDataDir, runCli, startProgram, type TestProgram } from "../support/server.ts";

/** The release that has to run on today's schema: its commit. Move it when there is another; migrations.test.ts has its number. */
const releaseBefore = "80152657ad7134f5202fd930858b45aba7dc1410";

const hasReleaseBefore =
  spawnSync("git", ["cat-file", "-e", `${releaseBefore}^{commit}`], { cwd: checkout }).status === 0;
if (!hasReleaseBefore) console.warn(`this clone has no commit ${releaseBefore}: the upgrade from it is not tried`);

type Data = Awaited<ReturnType<typeof makeDataDir>>;
type Api = TestProgram<{ url: string }>;

let fakes: FakePlatforms;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let data: Data;
let apiKey: string;
let env: Record<string, string>;
const running = new Set<TestProgram<unknown>>();

beforeEach(async () => {
  fakes = await startFakePlatforms();
  fakes.setMode("twitter", "feed");
  database = await createTestDatabase();
  data = await makeDataDir();
  env = {
    DATABASE_URL: database.url,
    PORT: "0",
    AUTH_SECRET: "a-secret-of-tests-alone-0123456789",
    WORKER_CONCURRENCY: "1",
    MODEL: `replay:${join(checkout, "tests/support/read-feed.json")}`,
    ...fakes.env,
  };
});
afterEach(async () => {
  for (const program of running) await stop(program);
  await database.drop();
  await data.remove();
  await fakes.stop();
});

/** A data directory with the vault in it, for the programs of one checkout. */
function dataOf(name: string): string {
  const directory = join(data.dir, name);
  cpSync(join(data.dir, "vault"), directory, { recursive: true });
  return directory;
}

async function start<Facts>(name: "api" | "worker", from = checkout): Promise<TestProgram<Facts>> {
  const own = { ...env, STABLEHAND_DATA_DIR: join(data.dir, from === checkout ? "new" : "old") };
  const program = await startProgram<Facts>(name, own, from);
  running.add(program);
  return program;
}

async function stop(program: TestProgram<unknown>): Promise<void> {
  running.delete(program);
  await program.stop();
}

/** Makes the vault, the schema and an API key, by the commands of one checkout. */
async function install(from = checkout): Promise<void> {
  const own = { ...env, STABLEHAND_DATA_DIR: join(data.dir, "vault") };
  for (const command of [["vault", "init"], ["migrate"]])
    expect(await runCli(command, own, from)).toMatchObject({ code: 0, stderr: "" });
  const { stdout } = await runCli(["keys", "create", "--business", "acme", "--json"], own, from);
  apiKey = (JSON.parse(stdout) as { secret: string }).secret;
  for (const name of ["old", "new"]) dataOf(name);
}

/** Stores an end-user's cookies through `api`. */
async function store({ facts }: Api, endUserId: string): Promise<void> {
  const { twitterAuthToken, twitterCt0 } = fakes.accounts.alice.values;
  const at = `/v1/end-users/${endUserId}/credentials`;
  const put = await callApi(facts.url, apiKey, "PUT", at, { twitterAuthToken, twitterCt0 });
  expect(put).toEqual({ status: 200, body: { ok: true } });
}

/** Lets whichever worker runs check an end-user's stored cookies and do a task with them; reads and lists through `api`. */
async function use({ facts }: Api, endUserId: string): Promise<void> {
  const call = (method: string, path: string, body?: unknown) => callApi(facts.url, apiKey, method, path, body);
  const at = `/v1/end-users/${endUserId}/credentials`;
  const check = await call("POST", `${at}/check`);
  const task = await call("POST", "/v1/tasks", { endUserId, task: "Read my feed", schema: { type: "array" } });
  for (const { status, body } of [check, task]) {
    expect([201, 202], JSON.stringify(body)).toContain(status);
    const { taskId } = body as { taskId: string };
    const read = async () => (await call("GET", `/v1/tasks/${taskId}`)).body as { status: string; error?: string };
    await expect
      .poll(async () => (await read()).status, { timeout: 90_000, interval: 100 })
      .toMatch(/completed|failed/);
    expect(await read()).toMatchObject({ status: "completed", endUserId });
  }
  expect((await call("GET", at)).body).toMatchObject({ details: { twitter: { health: "valid" } } });
  const { sessionId } = task.body as { sessionId: string };
  const session = await call("GET", `/v1/sessions/${sessionId}`);
  expect(session.body).toMatchObject({
    tasks: [{ status: "completed", structured_content: [{ author: "nina" }, {}, {}, {}] }],
  });
  for (const path of ["/v1/usage", "/v1/tasks?limit=1", `/v1/credential-access?endUserId=${endUserId}`])
    expect((await call("GET", path)).status, path).toBe(200);
}

async function remove({ facts }: Api, endUserId: string): Promise<void> {
  const at = `/v1/end-users/${endUserId}/credentials`;
  expect((await callApi(facts.url, apiKey, "DELETE", at)).status).toBe(200);
  expect((await callApi(facts.url, apiKey, "GET", at)).body).toMatchObject({ platforms: { twitter: false } });
}

/** All that a next release may do to the schema, to every table: what docs/self-hosting.md allows. */
async function playNextRelease(): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'kysely%'",
    );
    expect(rows.length).toBeGreaterThan(10);
    for (const { name } of rows)
      await client.query(
        `ALTER TABLE ${name} ADD COLUMN next_free jsonb, ADD COLUMN next_filled text NOT NULL DEFAULT 'x';
         CREATE INDEX ON ${name} (next_filled)`,
      );
    await client.query(`
      CREATE TABLE next_table (task_id uuid PRIMARY KEY REFERENCES tasks ON DELETE CASCADE, body text NOT NULL);
      INSERT INTO kysely_migration VALUES ('9999-next', '2027-01-01T00:00:00.000Z');
      UPDATE pgboss.version SET version = version + 1`);
  } finally {
    await client.end();
  }
}

test("on a database that the next release has migrated, this one's programs start anew and do everything", async () => {
  await install();
  await playNextRelease();
  const migrated = await runCli(["migrate"], { ...env, STABLEHAND_DATA_DIR: join(data.dir, "new") });
  expect(migrated).toEqual({ code: 0, stdout: "the schema is current\n", stderr: "" });
  const api = await start<{ url: string }>("api");
  expect(await (await fetch(`${api.facts.url}/readyz`)).json()).toEqual({ ready: true });
  await start("worker");
  await store(api, "alice");
  await use(api, "alice");
  await remove(api, "alice");
  for (const command of [
    ["vault", "status"],
    ["audit", "verify"],
    ["keys", "list", "--business", "acme"],
  ])
    expect(await runCli(command, { ...env, STABLEHAND_DATA_DIR: join(data.dir, "new") })).toMatchObject({ code: 0 });
});

/** The files of the release before, with the packages that are installed here. */
function layOutReleaseBefore(): string {
  const directory = join(data.dir, "release-before");
  mkdirSync(directory);
  const files = ["packages", "docs", "package.json", "SECURITY.md", ".env.example"];
  const options = { cwd: checkout, maxBuffer: 256 * 1024 * 1024 };
  const archive = execFileSync("git", ["archive", "--format=tar", releaseBefore, ...files], options);
  execFileSync("tar", ["-x", "-C", directory], { input: archive });
  execFileSync("cp", ["-al", join(checkout, "node_modules"), join(directory, "node_modules")]);
  chmodSync(directory, 0o755);
  return directory;
}

describe.runIf(hasReleaseBefore)("an upgrade from the release before, program by program,", () => {
  test("stops nothing: what ran goes on after the migration, old and new work for each other, and what was stored opens", async () => {
    const before = layOutReleaseBefore();
    await install(before);
    const oldApi = await start<{ url: string }>("api", before);
    const oldWorker = await start("worker", before);
    await store(oldApi, "alice");
    await use(oldApi, "alice");

    await migrate(database.url);
    await use(oldApi, "alice");
    await store(oldApi, "bob");

    const newApi = await start<{ url: string }>("api");
    await store(newApi, "carol");
    await use(newApi, "carol");
    await stop(oldWorker);
    await start("worker");
    for (const endUserId of ["alice", "bob"]) await use(oldApi, endUserId);
    await stop(oldApi);
    for (const endUserId of ["alice", "bob", "carol"]) {
      await use(newApi, endUserId);
      await remove(newApi, endUserId);
    }
  });
});
