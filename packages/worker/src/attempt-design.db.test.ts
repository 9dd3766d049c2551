import { createLog } from "@stablehand/core/log";
import type { HeldTask } from "@stablehand/core/store/task-runs";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import { egressTo, launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../tests/support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../tests/support/fake-platforms/fake-platforms.ts";
import { runContextOf } from "../../../tests/support/run-context.ts";
import type { SingleUseBrowser } from "./browser/launch.ts";
import { type BrowserPool, createBrowserPool } from "./browser/pool.ts";
import type { DesignExtraction, extractDesign } from "./design/extract-design.ts";
import { PageUnreachableError } from "./design/page-unreachable-error.ts";
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
const launched: SingleUseBrowser[] = [];
const log = createLog("test", "silent");

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  opener = await createOpener(() => openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile)));
  tmp = await ownTmpDir();
  fakes = await startFakePlatforms();
  browsers = createBrowserPool({
    prewarm: 1,
    async launch() {
      const browser = await launchTestBrowser(tmp.path, egressTo(fakes));
      launched.push(browser);
      return browser;
    },
  });
  await acme.call("PUT", "/v1/end-users/alice/credentials", fakes.accounts.alice.values);
});
beforeEach(() => {
  held = watchHeldTasks(api.context.database.db, log);
  stopping = new AbortController();
});
afterEach(() => {
  held.close();
  fakes.requests.length = 0;
});
afterAll(async () => {
  await browsers.stop();
  await fakes.stop();
  await tmp.stop();
  await api.stop();
});

const url = "https://x.com/home";
const address = (name: string) => `https://x.com/${name}`;

/** Visits the page, and finds what a test wants to be found. */
function finding(extraction: DesignExtraction): typeof extractDesign {
  return async (page, options) => {
    await page.goto(options.url);
    return extraction;
  };
}

const icons = (count: number) => ({
  icons: {
    icons: Array.from({ length: count }, (_, n) => ({ hash: String(n), size: 24, style: "solid" as const, count: 1 })),
  },
});

/** An extraction whose page never lets go. */
const endless: typeof extractDesign = async (page, options) => {
  await page.goto(options.url);
  await page.evaluate(() => new Promise(() => {}));
  throw new Error("a page that never ends has ended");
};

function context(extract: typeof extractDesign, settings: Partial<RunContext> = {}): RunContext {
  const { database } = api.context;
  const own = { database, opener, browsers, held, stopping: stopping.signal, extractDesign: extract };
  return runContextOf(null, { ...own, ...settings });
}

async function submit(extra: object = {}): Promise<HeldTask & { signal: AbortSignal }> {
  const { taskId } = (await acme.call("POST", "/v1/design/extract", { endUserId: "alice", url, ...extra })).json();
  return { taskId, attempt: 1, signal: new AbortController().signal };
}

const read = async ({ taskId }: HeldTask) => (await acme.call("GET", `/v1/tasks/${taskId}`)).json();

async function count(table: "credential_access" | "design_results" | "task_assets", { taskId }: HeldTask) {
  const statement = {
    credential_access: "SELECT count(*)::int AS count FROM credential_access WHERE task_id = $1",
    design_results: "SELECT count(*)::int AS count FROM design_results WHERE task_id = $1",
    task_assets: "SELECT count(*)::int AS count FROM task_assets WHERE task_id = $1",
  }[table];
  return (await api.context.database.pool.query(statement, [taskId])).rows[0].count;
}

async function whenVisited(): Promise<void> {
  await expect.poll(() => fakes.requests.length, { timeout: 20_000 }).toBeGreaterThan(0);
}

describe("an extraction", () => {
  test("without a model completes with what was found; its files can be downloaded", async () => {
    const job = await submit({ extractors: ["images", "logo"] });
    const bytes = Buffer.from("89504e47", "hex");
    let asked: object = {};
    const image = { src: "/a.png", type: "img", naturalWidth: 1, naturalHeight: 1, alt: "" };
    const found = finding({
      results: {
        images: { images: [{ ...image, originalSrc: address("a.png") }] },
        logo: { logo: { found: false } },
      },
      assets: [{ sourceUrl: address("a.png"), contentType: "image/png", bytes }],
    });
    await runTask(
      context((page, { signal, ...options }) => {
        asked = options;
        return found(page, { signal, ...options });
      }),
      job,
    );
    expect(asked).toEqual({ url, extractors: ["images", "logo"] });
    const task = await read(job);
    expect(task).toMatchObject({
      status: "completed",
      result: "1 images, no logo",
      design: { url, extractors: ["images", "logo"], results: { logo: { logo: { found: false } } } },
    });
    const { pathname, search } = new URL(task.design.results.images.images[0].downloadUrl);
    const download = await api.app.inject({ method: "GET", url: `${pathname}${search}` });
    expect([download.statusCode, download.rawPayload.equals(bytes)]).toEqual([200, true]);
  });

  test("opens no cookie of its end-user, and the page is sent none", async () => {
    const job = await submit();
    await runTask(context(finding({ results: {}, assets: [] })), job);
    expect((await read(job)).status).toBe("completed");
    expect(await count("credential_access", job)).toBe(0);
    expect(fakes.requests.length).toBeGreaterThan(0);
    for (const request of fakes.requests) expect(request.cookie ?? "").toBe("");
  });

  test("keeps what one extractor could not do beside what the others found", async () => {
    const job = await submit({ extractors: ["icons", "logo"] });
    await runTask(context(finding({ results: { ...icons(3), logo: { error: "no header" } }, assets: [] })), job);
    expect(await read(job)).toMatchObject({
      status: "completed",
      result: "3 icons, logo failed",
      design: { results: { ...icons(3), logo: { error: "no header" } } },
    });
  });

  test("with more of one thing than can be kept says so there, and keeps the rest", async () => {
    const job = await submit({ extractors: ["icons", "logo"] });
    await runTask(
      context(finding({ results: { ...icons(200_000), logo: { logo: { found: false } } }, assets: [] })),
      job,
    );
    expect((await read(job)).design.results).toEqual({
      icons: { error: expect.stringMatching(/more of it, \d+ bytes, than can be kept/) },
      logo: { logo: { found: false } },
    });
  });

  test("of a page that does not load fails and says why", async () => {
    const job = await submit();
    const refused = () => Promise.reject(new PageUnreachableError("the server answered 404"));
    await runTask(context(refused), job);
    expect(await read(job)).toMatchObject({
      status: "failed",
      errorCode: "page_unreachable",
      error: "The page could not be loaded: the server answered 404",
    });
  });

  test("that breaks fails as our fault, without its words, and without results", async () => {
    const job = await submit();
    await runTask(
      context(() => Promise.reject(new Error("CANARY"))),
      job,
    );
    const task = await read(job);
    expect([task.status, task.errorCode, task.design.results]).toEqual(["failed", "internal", undefined]);
    expect(JSON.stringify(task)).not.toContain("CANARY");
  });

  test("whose files cannot be stored fails, and a later one is not disturbed by what it left", async () => {
    const files = ["a", "b"].map((name) => ({
      sourceUrl: address(name),
      contentType: "image/png",
      bytes: Buffer.from(name),
    }));
    const job = await submit();
    const full = () => Promise.reject(new Error("the disk is full"));
    const away = { put: full, read: full, remove: full, close: () => {} };
    await runTask(context(finding({ results: {}, assets: files }), { assetStore: away }), job);
    expect(await read(job)).toMatchObject({ status: "failed", errorCode: "internal" });
    expect(await count("design_results", job)).toBe(0);
    const next = await submit();
    await runTask(context(finding({ results: {}, assets: files })), next);
    expect(await count("task_assets", next)).toBe(2);
  });
});

describe("a running extraction", () => {
  test("that is cancelled ends within a second, with its browser and without results", async () => {
    const job = await submit();
    const running = runTask(context(endless), job);
    await whenVisited();
    await acme.call("POST", `/v1/tasks/${job.taskId}/cancel`);
    const deadline = AbortSignal.timeout(1_500); // a second, and what a busy machine adds
    await Promise.race([
      running,
      new Promise((_, reject) => deadline.addEventListener("abort", () => reject(new Error("it still runs")))),
    ]);
    const task = await read(job);
    expect([task.status, task.design.results]).toEqual(["cancelled", undefined]);
  });

  test("that is cancelled while its files are stored keeps none of what it found", async () => {
    const job = await submit();
    await runTask(
      context(async (page, options) => {
        await page.goto(options.url);
        await acme.call("POST", `/v1/tasks/${job.taskId}/cancel`);
        const file = { sourceUrl: address("late"), contentType: "image/png", bytes: Buffer.from("late") };
        return { results: { logo: { logo: { found: false } } }, assets: [file] };
      }),
      job,
    );
    expect((await read(job)).status).toBe("cancelled");
    expect([await count("design_results", job), await count("task_assets", job)]).toEqual([0, 0]);
  });

  test("that is over its time fails with the limit", async () => {
    const job = await submit();
    await runTask(context(endless, { taskTimeoutMs: 4_000 }), job);
    expect(await read(job)).toMatchObject({ status: "failed", errorCode: "time_limit" });
  });

  test("that makes findings of its browser's end is over its time all the same", async () => {
    const job = await submit();
    const swallowing: typeof extractDesign = (page, options) =>
      endless(page, options).catch(() => ({ results: { logo: { error: "the browser is gone" } }, assets: [] }));
    await runTask(context(swallowing, { taskTimeoutMs: 4_000 }), job);
    const task = await read(job);
    expect([task.status, task.errorCode, task.design.results]).toEqual(["failed", "time_limit", undefined]);
  });

  test("is given back when its worker stops, and runs again from the start", async () => {
    const job = await submit();
    const running = runTask(context(endless), job);
    await whenVisited();
    stopping.abort(new Error("stopping"));
    await expect(running).rejects.toThrow("stopping");
    expect((await read(job)).status).toBe("pending");
    stopping = new AbortController();
    await runTask(context(finding({ results: icons(1), assets: [] })), { ...job, attempt: 2 });
    expect(await read(job)).toMatchObject({ status: "completed", result: "1 icons" });
  });

  test("whose worker is lost is tried again, once", async () => {
    const job = await submit();
    const lose = async (attempt: number) => {
      const lease = new AbortController();
      const running = runTask(context(endless), { ...job, attempt, signal: lease.signal });
      await whenVisited();
      lease.abort(new Error("lease lost"));
      await expect(running).rejects.toThrow("lease lost");
      fakes.requests.length = 0;
    };
    await lose(1);
    await lose(2);
    await runTask(context(endless), { ...job, attempt: 3 });
    const task = await read(job);
    expect(task).toMatchObject({ status: "failed", errorCode: "worker_lost" });
    expect(task.mayHaveActed).toBeUndefined();
  });
});

test("no browser outlives its extraction", async () => {
  const used = launched.slice(0, -1); // the last one is the spare
  expect(used.length).toBeGreaterThan(5);
  for (const { browser } of used) expect(browser.isConnected()).toBe(false);
});
