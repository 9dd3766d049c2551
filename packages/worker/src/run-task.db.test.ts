import { openDatabase } from "@stablehand/core/database";
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
import { startPostgresProxy } from "../../../tests/support/postgres-proxy.ts";
import { runContextOf } from "../../../tests/support/run-context.ts";
import { openReplay } from "./agent/replay.ts";
import type { ReplayScript, ReplayTurn } from "./agent/replay-script.ts";
import { type BrowserPool, createBrowserPool } from "./browser/pool.ts";
import { type HeldTasks, watchHeldTasks } from "./held-tasks.ts";
import { logOfWorker } from "./log-of-worker.ts";
import { createOpener, type Opener } from "./opener.ts";
import type { Redactor } from "./redact/redactor.ts";
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
const redactors = new Set<Redactor>();

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  opener = await createOpener(() => openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile)));
  tmp = await ownTmpDir();
  fakes = await startFakePlatforms();
  browsers = createBrowserPool({ prewarm: 1, launch: () => launchTestBrowser(tmp.path, egressTo(fakes)) });
  await acme.call("PUT", "/v1/end-users/alice/credentials", fakes.accounts.alice.values);
  await api.context.database.pool.query(
    `INSERT INTO platform_health (business_id, end_user_id, platform, health, checked_at, credentials_updated_at)
     SELECT business_id, end_user_id, 'twitter', 'valid', now(), max(updated_at) FROM credentials
      WHERE starts_with(field, 'twitter') GROUP BY business_id, end_user_id`,
  );
});
beforeEach(() => {
  held = watchHeldTasks(api.context.database.db, log);
  stopping = new AbortController();
});
afterEach(async () => {
  held.close();
  await api.context.database.pool.query(
    "DELETE FROM pgboss.job; DELETE FROM login_leases; DELETE FROM login_waits", // of tasks left running
  );
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

function context(turns: readonly ReplayTurn[] | null, settings: Partial<RunContext> = {}): RunContext {
  const { database } = api.context;
  return runContextOf(turns, {
    database,
    log,
    opener,
    browsers,
    held,
    redactors,
    stopping: stopping.signal,
    ...settings,
  });
}

/** Browsers of the pool that tell when a task has its answer and is done with one. */
function telling(tell: () => unknown): BrowserPool {
  return {
    ...browsers,
    async take() {
      const taken = await browsers.take();
      const destroy = () => {
        tell();
        return taken.destroy();
      };
      return { ...taken, destroy };
    },
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
    expect(task.leakBlocked).toBeUndefined();
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
    expect(task.html_dump).toContain("[redacted:");
    const events = (await acme.call("GET", `/v1/tasks/${job.taskId}/events`)).body;
    for (const text of [JSON.stringify(task), events]) expect(text).not.toContain("CANARY");
    expect(task.leakBlocked).toBeGreaterThan(3);
    expect(JSON.stringify(task.structured_content)).toContain("[redacted:");
  });

  test("tells the model and the caller what the cage refused, with cookies taken out of the names, and was not there", async () => {
    const away = "https://elsewhere.example/";
    const stolen = `https://${fakes.accounts.alice.values.twitterCt0.toLowerCase()}.elsewhere.example/`;
    const job = await submit();
    const turns = [
      call("navigate", { url: away }),
      call("navigate", { url: stolen }),
      done({ result: { collect: "elsewhere.example is not reachable for this task: host_not_allowed", first: true } }),
    ];
    await runTask(context(turns), job);
    const task = await read(job);
    expect(task).toMatchObject({
      status: "completed",
      result: "elsewhere.example is not reachable for this task: host_not_allowed",
      visitedUrls: ["x.com"],
      network: { reached: ["x.com"] },
    });
    expect(task.network.refused).toEqual([
      { host: "elsewhere.example", reason: "host_not_allowed", count: expect.any(Number) },
      { host: "[redacted:twitterCt0].elsewhere.example", reason: "host_not_allowed", count: expect.any(Number) },
    ]);
    expect(task.network.refusals).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(task).toLowerCase()).not.toContain("canary");
  });

  test("reaches what its own allowedHosts or its business's settings allow, and only that", async () => {
    const away = "https://elsewhere.example/";
    const visitedBy = async (extra: object) => {
      const job = await submit(extra);
      await runTask(context([call("navigate", { url: away }), done({ result: "Done." })]), job);
      return (await read(job)).visitedUrls;
    };
    expect(await visitedBy({ allowedHosts: [".other.example"] })).toEqual(["x.com"]);
    expect(await visitedBy({ allowedHosts: ["elsewhere.example"] })).toEqual(["x.com", "elsewhere.example"]);
    await acme.call("PUT", "/v1/settings", { allowedHosts: [".elsewhere.example"] });
    expect(await visitedBy({})).toEqual(["x.com", "elsewhere.example"]);
    await acme.call("PUT", "/v1/settings", { allowedHosts: [] });
    expect(await visitedBy({})).toEqual(["x.com"]);
  });

  test("reaches every host until it opens an account, and then that account's only", async () => {
    const away = "https://elsewhere.example/";
    const job = await submit({ startUrl: away });
    const turns = [
      call("use_account", { platform: "twitter" }),
      call("navigate", { url: away }),
      call("navigate", { url: "https://x.com/home" }),
      done({ result: "Done." }),
    ];
    await runTask(context(turns), job);
    const task = await read(job);
    expect(task).toMatchObject({
      status: "completed",
      visitedUrls: ["elsewhere.example", "x.com"],
      network: { refused: [{ host: "elsewhere.example", reason: "host_not_allowed" }] },
    });
    expect(fakes.requests.filter(({ host, path }) => host === "elsewhere.example" && path === "/")).toHaveLength(1);
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

describe("what a run removed of secrets", () => {
  const endless = Array.from({ length: 20 }, () => call("wait", { seconds: 10 }));

  test("is counted on a task that fails", async () => {
    fakes.setMode("twitter", "echo");
    const job = await submit();
    await runTask(context(Array.from({ length: 9 }, () => call("no-such-tool", {}))), job);
    expect(await read(job)).toMatchObject({ status: "failed", leakBlocked: expect.any(Number) });
  });

  test("is counted on a task that is cancelled", async () => {
    fakes.setMode("twitter", "echo");
    const job = await submit();
    const asked = Promise.withResolvers<void>();
    const model = openReplay([{ turns: endless }], "test");
    const doGenerate: typeof model.doGenerate = (request) => {
      asked.resolve();
      return model.doGenerate(request);
    };
    const running = runTask(context(endless, { model: { ...model, doGenerate } }), job);
    await asked.promise;
    await acme.call("POST", `/v1/tasks/${job.taskId}/cancel`);
    await running;
    expect(await read(job)).toMatchObject({ status: "cancelled", leakBlocked: expect.any(Number) });
  });

  test("is under the field's name also for a value that the site renewed meanwhile", async () => {
    fakes.setMode("twitter", "renew-and-echo");
    const job = await submit({ include_html_dump: true });
    await runTask(context([call("find", { text: "CANARY" }), done({ result: { collect: "^.*$" } })]), job);
    const task = await read(job);
    expect(JSON.stringify(task)).not.toContain("CANARY");
    expect(task.html_dump).toContain("[redacted:twitterCt0]");
  });

  test("covers an error of ours: the log names the task and holds no encoding of a cookie", async () => {
    const lines: string[] = [];
    const job = await submit();
    const base64 = Buffer.from(`at ${fakes.accounts.alice.values.twitterAuthToken} it broke`).toString("base64");
    const broken = { ...browsers, take: () => Promise.reject(new Error(`evaluate: ${base64}`)) };
    const told = createLog("worker", "info", { write: (line) => void lines.push(line) });
    await runTask(context([], { browsers: broken, log: logOfWorker(told, redactors) }), job);
    expect(await read(job)).toMatchObject({ status: "failed", errorCode: "internal", leakBlocked: 1 });
    expect(redactors.size).toBe(0);
    const [line = ""] = lines;
    expect(line).toContain(job.taskId);
    expect(line).toContain("evaluate: ");
    expect(line).toContain("[redacted:twitterAuthToken]");
    expect(line).not.toContain(base64.slice(8, -12));
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

  test("that is cancelled as it ends stays cancelled, and what it had cost is kept", async () => {
    const job = await submit();
    const { pool } = api.context.database;
    await pool.query(`
      CREATE FUNCTION cancel_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE tasks SET status = 'cancelled', completed_at = now() WHERE task_id = NEW.task_id; RETURN NULL; END $$;
      CREATE TRIGGER cancel_it AFTER INSERT ON task_events FOR EACH ROW WHEN (NEW.type = 'step') EXECUTE FUNCTION cancel_it()`);
    await runTask(context([done({ result: "Read." })]), job).finally(() =>
      pool.query("DROP FUNCTION cancel_it CASCADE"),
    );
    const task = await read(job);
    expect(task).toMatchObject({ status: "cancelled", totalSteps: 1, usage: { modelCalls: 1 } });
    expect(task.result).toBeUndefined();
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

describe("a database that is gone for a moment", () => {
  async function withProxy(work: (proxied: RunContext, cut: () => void, refused: () => number) => Promise<void>) {
    const proxy = await startPostgresProxy(api.databaseUrl);
    const database = openDatabase(proxy.url, { program: "test", connectionsMax: 4, log });
    try {
      const turns = [done({ result: "Read." })];
      await work(
        context(turns, { database }),
        () => proxy.cut(2),
        () => proxy.refused,
      );
    } finally {
      await database.close();
      await proxy.stop();
    }
  }
  const completed = { status: "completed", result: "Read.", totalSteps: 1, stepSummaries: [{ n: 1 }] };

  test("just as a task ends loses nothing of its result", async () => {
    const job = await submit();
    await withProxy(async (proxied, cut, refused) => {
      await runTask({ ...proxied, browsers: telling(cut) }, job);
      expect(refused()).toBe(2);
    });
    expect(await read(job)).toMatchObject({ ...completed, usage: { modelCalls: 1 } });
  });

  test("as a step is written down ends no task, and loses no step", async () => {
    const job = await submit();
    await withProxy(async (proxied, cut, refused) => {
      const { model } = proxied;
      if (!model) throw new Error("there is no model");
      const doGenerate: typeof model.doGenerate = async (request) => {
        cut();
        return model.doGenerate(request);
      };
      await runTask({ ...proxied, model: { ...model, doGenerate } }, job);
      expect(refused()).toBe(2);
    });
    expect(await read(job)).toMatchObject(completed);
  });

  test("whose lease is lost meanwhile is not waited for", async () => {
    const lease = new AbortController();
    const job = { ...(await submit()), signal: lease.signal };
    await withProxy(async (proxied, cut) => {
      const lose = () => {
        cut();
        lease.abort(new Error("lease lost"));
      };
      await expect(runTask({ ...proxied, browsers: telling(lose) }, job)).rejects.toThrow();
    });
    expect((await read(job)).status).toBe("running");
  });
});
