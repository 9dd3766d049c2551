import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../../packages/core/src/database.ts";
import { createLog } from "../../packages/core/src/log.ts";
import { migrate } from "../../packages/core/src/migrate.ts";
import { createApiKey } from "../../packages/core/src/store/api-keys.ts";
import { ensureBusiness } from "../../packages/core/src/store/businesses.ts";
import { type FakePlatforms, startFakePlatforms } from "../support/fake-platforms/fake-platforms.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { callApi, makeDataDir, runCli, startProgram, type TestProgram } from "../support/server.ts";

type Api = TestProgram<{ url: string }>;
type Worker = TestProgram<{ workerId: string }>;
type Task = { taskId: string; status: string; result?: string; errorCode?: string; mayHaveActed?: true };

let data: Awaited<ReturnType<typeof makeDataDir>>;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let fakes: FakePlatforms;
let env: Record<string, string>;
let apiKey: string;
const running: TestProgram<unknown>[] = [];

const script = {
  scripts: [
    {
      when: "post",
      turns: [
        { calls: [{ tool: "type", input: { ref: { find: "New post" }, text: "hello" } }] },
        { calls: [{ tool: "click", input: { ref: { find: "button Post" } } }] },
        { calls: [{ tool: "done", input: { result: "Posted." } }] },
      ],
    },
    { turns: [{ calls: [{ tool: "done", input: { result: "Read." } }] }] },
  ],
};

beforeAll(async () => {
  data = await makeDataDir();
  database = await createTestDatabase();
  fakes = await startFakePlatforms();
  fakes.setMode("twitter", "feed");
  const scriptFile = join(data.dir, "script.json");
  await writeFile(scriptFile, JSON.stringify(script), { mode: 0o644 });
  env = {
    STABLEHAND_DATA_DIR: data.dir,
    DATABASE_URL: database.url,
    AUTH_SECRET: "a-secret-of-tests-alone-0123456789",
    PORT: "0",
    WORKER_CONCURRENCY: "1",
    SHUTDOWN_GRACE_MS: "15000",
    MODEL: `replay:${scriptFile}`,
    ...fakes.env,
  };
  await runCli(["vault", "init"], env);
  await migrate(database.url);
  const store = openDatabase(database.url, { program: "test", connectionsMax: 1, log: createLog("test", "silent") });
  ({ secret: apiKey } = await createApiKey(store.db, await ensureBusiness(store.db, "acme"), null));
  await store.close();
});
afterEach(async () => {
  for (const program of running.splice(0)) await program.stop();
});
afterAll(async () => {
  await fakes.stop();
  await database.drop();
  await data.remove();
});

async function start(name: "api"): Promise<Api>;
async function start(name: "worker"): Promise<Worker>;
async function start(name: "api" | "worker"): Promise<TestProgram<unknown>> {
  const program = await startProgram<unknown>(name, env);
  running.push(program);
  return program;
}

const put = (api: Api, endUserId = "alice") =>
  callApi(api.facts.url, apiKey, "PUT", `/v1/end-users/${endUserId}/credentials`, fakes.accounts.alice.values);

async function submit(api: Api, task: string, endUserId = "alice"): Promise<string> {
  const { status, body } = await callApi(api.facts.url, apiKey, "POST", "/v1/tasks", {
    endUserId,
    task,
    startUrl: "https://x.com/home",
  });
  expect(status).toBe(201);
  return (body as Task).taskId;
}

const read = async (api: Api, taskId: string) =>
  (await callApi(api.facts.url, apiKey, "GET", `/v1/tasks/${taskId}`)).body as Task;

async function whenEnded(api: Api, taskId: string): Promise<Task> {
  const status = async () => (await read(api, taskId)).status;
  await expect.poll(status, { timeout: 120_000, interval: 250 }).toMatch(/completed|failed|cancelled/);
  return read(api, taskId);
}

/** The worker process itself, not its supervisor, which lives on and starts another. */
function workerPid({ log }: Worker): number {
  const pids = [...log().matchAll(/"program":"worker","pid":(\d+)/g)].map(([, pid]) => Number(pid));
  return pids.at(-1) ?? -1;
}

test("two APIs and three workers on one database lose no task and do none twice, also under kill -9", async () => {
  const apis = await Promise.all([start("api"), start("api")]);
  const workers = await Promise.all([start("worker"), start("worker"), start("worker")]);
  const [first, second] = apis;
  const endUsers = Array.from({ length: 6 }, (_, n) => `user-${n}`); // one end-user's tasks would run one by one
  for (const endUserId of endUsers) await put(first, endUserId);
  fakes.requests.length = 0;
  const submitted: { taskId: string; posts: boolean }[] = [];
  for (let n = 0; n < 18; n++) {
    const posts = n % 3 === 0;
    submitted.push({
      taskId: await submit(apis[n % 2] ?? first, posts ? "post hello" : "read", endUsers[n % 6]),
      posts,
    });
  }
  await expect.poll(() => fakes.requests.length, { timeout: 60_000 }).toBeGreaterThan(2);
  const [killedWhole, killedWorker] = workers;
  if (killedWorker) process.kill(workerPid(killedWorker), "SIGKILL");
  await killedWhole?.kill(); // its worker notices and ends without grace
  await first.kill();

  const ended: (Task & { posts: boolean })[] = [];
  for (const { taskId, posts } of submitted) ended.push({ ...(await whenEnded(second, taskId)), posts });
  for (const task of ended)
    if (task.status === "completed") expect(task.result).toBe(task.posts ? "Posted." : "Read.");
    else
      expect(task, "only what may have acted may be lost").toMatchObject({
        errorCode: "worker_lost",
        mayHaveActed: true,
        posts: true,
      });
  const posted = fakes.requests.filter(({ method, path }) => method === "POST" && path === "/compose").length;
  const lost = ended.filter((task) => task.status !== "completed").length;
  expect(posted).toBeGreaterThanOrEqual(ended.filter((task) => task.posts && task.status === "completed").length);
  expect(posted, "nothing is posted twice").toBeLessThanOrEqual(ended.filter((task) => task.posts).length);
  expect(lost).toBeLessThanOrEqual(2);
});

test("a worker that is asked to stop takes nothing new, lets its task end, and leaves the rest to others", async () => {
  const api = await start("api");
  const worker = await start("worker");
  await put(api);
  fakes.requests.length = 0;
  const taken = await submit(api, "read");
  await expect.poll(() => fakes.requests.length, { timeout: 60_000 }).toBeGreaterThan(0);
  const left = await submit(api, "read");
  const { code } = await worker.stop("SIGTERM");
  running.splice(running.indexOf(worker), 1);
  expect(code).toBe(0);
  expect((await read(api, taken)).status).toBe("completed");
  expect((await read(api, left)).status).toBe("pending");
  await start("worker");
  expect((await whenEnded(api, left)).status).toBe("completed");
});

test("without DATABASE_URL, without their part of the vault, or an API without AUTH_SECRET, they say what to do", async () => {
  const { DATABASE_URL: _, ...withoutDatabase } = env;
  const { AUTH_SECRET: __, ...withoutSecret } = env;
  const noSecret = await runCli(["api"], withoutSecret);
  expect([noSecret.code, noSecret.stderr]).toEqual([1, expect.stringMatching(/AUTH_SECRET is not set.*openssl rand/)]);
  const empty = await makeDataDir();
  try {
    for (const name of ["api", "worker"]) {
      const noDatabase = await runCli([name], withoutDatabase);
      expect([noDatabase.code, noDatabase.stderr]).toEqual([1, expect.stringMatching(/DATABASE_URL is not set/)]);
      const noVault = await runCli([name], { ...env, STABLEHAND_DATA_DIR: empty.dir });
      expect([noVault.code, noVault.stderr]).toEqual([1, expect.stringMatching(/stablehand vault init/)]);
    }
  } finally {
    await empty.remove();
  }
});
