import { createLog } from "@stablehand/core/log";
import { type HeldTask, markActing } from "@stablehand/core/store/task-runs";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import {
  egressTo,
  launchTestBrowser,
  ownTmpDir,
  processesOf,
  type TestTmpDir,
} from "../../../tests/support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../tests/support/fake-platforms/fake-platforms.ts";
import { modelPatience } from "./agent/call-model.ts";
import { openReplay } from "./agent/replay.ts";
import type { ReplayScript } from "./agent/replay-script.ts";
import { type BrowserPool, createBrowserPool } from "./browser/pool.ts";
import { type HeldTasks, watchHeldTasks } from "./held-tasks.ts";
import { createOpener, type Opener } from "./opener.ts";
import { type RunContext, runTask } from "./run-task.ts";

let api: TestApi;
let acme: TestBusiness;
let opener: Opener;
let tmp: TestTmpDir;
let fakes: FakePlatforms;
let browsers: BrowserPool;
let held: HeldTasks;
let stopping: AbortController;
const log = createLog("test", "silent");

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  opener = await createOpener(() => openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile)));
  tmp = await ownTmpDir();
  fakes = await startFakePlatforms();
  browsers = createBrowserPool({ prewarm: 1, launch: () => launchTestBrowser(tmp.path, egressTo(fakes)) });
  await acme.call("PUT", "/v1/end-users/alice/credentials", fakes.accounts.alice.values);
});
beforeEach(() => {
  held = watchHeldTasks(api.context.database.db, log);
  stopping = new AbortController();
});
afterEach(() => {
  held.close();
  fakes.setMode("twitter", "signed-in");
  fakes.requests.length = 0;
});
afterAll(async () => {
  await browsers.stop();
  await fakes.stop();
  await tmp.stop();
  await api.stop();
});

const done = (input: object) => ({ calls: [{ tool: "done", input }] }) as ReplayScript["turns"][number]; // what a script file would give
const call = (tool: string, input: object) => ({ calls: [{ tool, input }] }) as ReplayScript["turns"][number];

function context(turns: ReplayScript["turns"] | null, settings: Partial<RunContext> = {}): RunContext {
  return {
    database: api.context.database,
    log,
    opener,
    browsers,
    workerId: "worker-1",
    held,
    patience: modelPatience,
    model: turns && openReplay([{ turns }], "test"),
    tokensPerTaskMax: null,
    taskTimeoutMs: 60_000,
    extractDesign: () => Promise.reject(new Error("no extraction here")),
    assetStore: null,
    stopping: stopping.signal,
    ...settings,
  };
}

async function submit(extra: object = {}): Promise<HeldTask & { signal: AbortSignal }> {
  const body = { endUserId: "alice", task: "Read my feed", startUrl: "https://x.com/home", ...extra };
  const { taskId } = (await acme.call("POST", "/v1/tasks", body)).json();
  return { taskId, attempt: 1, signal: new AbortController().signal };
}

const read = async ({ taskId }: HeldTask) => (await acme.call("GET", `/v1/tasks/${taskId}`)).json();
const openings = async ({ taskId }: HeldTask) =>
  (await api.context.database.pool.query("SELECT fields FROM credential_access WHERE task_id = $1", [taskId])).rows;

describe("a task of an agent", () => {
  test("runs signed in as its end-user, and ends with result, data that conforms, steps, hosts and usage", async () => {
    fakes.setMode("twitter", "feed");
    const schema = {
      type: "array",
      items: { type: "object", required: ["author"], properties: { author: { type: "string" } } },
    };
    const job = await submit({ schema });
    await runTask(context([done({ result: "Four posts.", data: { collect: "^## @(?<author>[a-z]+)$" } })]), job);
    const task = await read(job);
    expect(task.error).toBeUndefined();
    expect(task).toMatchObject({
      status: "completed",
      result: "Four posts.",
      structured_content: ["nina", "otto", "pia", "quinn"].map((author) => ({ author })),
      visitedUrls: ["x.com"],
      usage: { modelCalls: 1 },
      totalSteps: task.stepSummaries.length,
    });
    expect(task.html_dump).toBeUndefined();
    expect(task.mayHaveActed).toBeUndefined();
    expect(await openings(job)).toHaveLength(1);
  });

  test("without a model fails at once, says what to set, and opens no cookie", async () => {
    const job = await submit();
    await runTask(context(null), job);
    expect(await read(job)).toMatchObject({
      status: "failed",
      errorCode: "model_not_configured",
      error: expect.stringMatching(/set MODEL/),
    });
    expect(await openings(job)).toEqual([]);
  });

  test("of an end-user without cookies browses signed out", async () => {
    fakes.setMode("twitter", "feed");
    const job = await submit({ endUserId: "nobody" });
    await runTask(context([done({ result: { collect: "Please sign in", first: true } })]), job);
    expect(await read(job)).toMatchObject({ status: "completed", result: "Please sign in" });
  });

  test("shows no cookie in result, data, steps, events, html or error, even when the page shows them", async () => {
    fakes.setMode("twitter", "echo");
    const job = await submit({ include_html_dump: true, schema: { type: "array" } });
    const everything = { collect: "^.*$" };
    await runTask(context([call("find", { text: "ct0" }), done({ result: "Seen.", data: everything })]), job);
    const task = await read(job);
    expect(task.error).toBeUndefined();
    expect(task.html_dump).toContain("[secret]");
    const events = (await acme.call("GET", `/v1/tasks/${job.taskId}/events`)).body;
    for (const text of [JSON.stringify(task), events]) expect(text).not.toContain("CANARY");
    expect(JSON.stringify(task.structured_content)).toContain("[secret]");
  });

  test("inherits the result and the errors of its session's turns, and they are marked as data", async () => {
    const first = await submit();
    await runTask(context([done({ result: "The harbour post has 128 likes." })]), first);
    const { sessionId } = await read(first);
    const second = await submit({ sessionId });
    await runTask(context([call("no-such-tool", {})]), second);
    expect((await read(second)).status).toBe("failed");
    const third = await submit({ sessionId });
    await runTask(
      context([done({ result: { collect: "The harbour post has 128 likes.|Tasks before it failed", first: true } })]),
      third,
    );
    expect(await read(third)).toMatchObject({ status: "completed" });
  });

  test("writes down that it acts before it acts", async () => {
    fakes.setMode("twitter", "feed");
    const job = await submit();
    const seen: boolean[] = [];
    const watched: RunContext = context([call("click", { ref: { find: "Like @nina" } }), done({ result: "Liked." })]);
    const { db } = watched.database;
    const acted = async () =>
      (await db.selectFrom("tasks").select("may_have_acted").where("task_id", "=", job.taskId).executeTakeFirst())
        ?.may_have_acted ?? false;
    expect(await acted()).toBe(false);
    const running = runTask(watched, job);
    await expect.poll(() => fakes.requests.some(({ path }) => path === "/like/nina"), { timeout: 20_000 }).toBe(true);
    seen.push(await acted());
    await running;
    expect(seen).toEqual([true]);
    expect((await read(job)).mayHaveActed).toBeUndefined(); // it completed
  });

  test("does not act once another attempt has the task", async () => {
    fakes.setMode("twitter", "feed");
    const job = await submit();
    const other = { ...held, hold: () => ({ signal: new AbortController().signal, release: () => {} }) };
    const stale = {
      ...context([call("click", { ref: { find: "Like @nina" } }), done({ result: "Liked." })]),
      held: other,
    };
    const takeOver = stale.browsers.take;
    const taking: BrowserPool = {
      ...stale.browsers,
      async take() {
        await api.context.database.pool.query("UPDATE tasks SET attempt = 2 WHERE task_id = $1", [job.taskId]);
        return takeOver();
      },
    };
    await runTask({ ...stale, browsers: taking }, job);
    expect(fakes.requests.filter(({ path }) => path.startsWith("/like"))).toEqual([]);
    expect((await read(job)).status).toBe("running");
  });
});

describe("a running task", () => {
  const endless = Array.from({ length: 20 }, () => call("wait", { seconds: 10 }));

  async function whenAtWork(): Promise<void> {
    await expect.poll(() => fakes.requests.length, { timeout: 20_000 }).toBeGreaterThan(0);
  }

  test("that is cancelled ends within a second: its run is over and its browser is gone", async () => {
    const job = await submit();
    const running = runTask(context(endless), job);
    await whenAtWork();
    await acme.call("POST", `/v1/tasks/${job.taskId}/cancel`);
    const deadline = AbortSignal.timeout(1_500); // a second, and what a busy machine adds
    await Promise.race([
      running,
      new Promise((_, reject) => deadline.addEventListener("abort", () => reject(new Error("it still runs")))),
    ]);
    const task = await read(job);
    expect(task).toMatchObject({ status: "cancelled", usage: { modelCalls: expect.any(Number) } });
    expect(task.error).toBeUndefined();
    await expect.poll(async () => (await processesOf(tmp.path)).length, { timeout: 10_000 }).toBeLessThan(20);
  });

  test("that is over its time fails with the limit, and keeps what it had cost", async () => {
    const job = await submit();
    await runTask(context(endless, { taskTimeoutMs: 4_000 }), job);
    expect(await read(job)).toMatchObject({
      status: "failed",
      errorCode: "time_limit",
      error: expect.stringMatching(/4 s/),
      usage: { modelCalls: expect.any(Number) },
    });
  });

  test("is given back when the worker's grace is over, and waits again", async () => {
    const job = await submit();
    const running = runTask(context(endless), job);
    await whenAtWork();
    stopping.abort(new Error("stopping"));
    await expect(running).rejects.toThrow("stopping");
    expect((await read(job)).status).toBe("pending");
  });

  test("that may have acted is not given back: it ends, and says so", async () => {
    const job = await submit();
    const running = runTask(context(endless), job);
    await whenAtWork();
    await markActing(api.context.database.db, job);
    stopping.abort(new Error("stopping"));
    await expect(running).rejects.toThrow("stopping");
    expect(await read(job)).toMatchObject({ status: "failed", errorCode: "worker_lost", mayHaveActed: true });
  });

  test("whose lease was lost stores nothing", async () => {
    const lease = new AbortController();
    const job = { ...(await submit()), signal: lease.signal };
    const running = runTask(context(endless), job);
    await whenAtWork();
    lease.abort(new Error("lease lost"));
    await expect(running).rejects.toThrow("lease lost");
    expect((await read(job)).status).toBe("running");
  });
});
