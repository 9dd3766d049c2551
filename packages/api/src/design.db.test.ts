import { randomUUID } from "node:crypto";
import type { DesignResults } from "@stablehand/contract";
import type { TaskId } from "@stablehand/core/ids";
import { storeAssets } from "@stablehand/core/store/design-assets";
import { keepDesign } from "@stablehand/core/store/design-results";
import { claimTask, finishTask } from "@stablehand/core/store/task-runs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";

let api: TestApi;
let acme: TestBusiness;
let other: TestBusiness;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  other = await api.business("other");
});
afterAll(() => api.stop());

const all = ["images", "fonts", "colors", "icons", "tokens", "logo"];
const body = { url: "https://example.com/start?a=1#b", endUserId: "alice" };
const extract = (extra: object = {}, headers: Record<string, string> = {}, business = acme) =>
  business.call("POST", "/v1/design/extract", { ...body, ...extra }, headers);
const extractOne = (name: string, extra: object = {}) =>
  acme.call("POST", `/v1/design/extract/${name}`, { ...body, ...extra });

async function countTasks(): Promise<number> {
  const { rows } = await api.context.database.pool.query("SELECT count(*)::int AS count FROM tasks");
  return rows[0].count;
}

const png = Buffer.from("89504e470d0a1a0a", "hex");
const results: DesignResults = {
  images: {
    images: [
      {
        src: "/logo.png",
        type: "img",
        naturalWidth: 8,
        naturalHeight: 8,
        alt: "",
        originalSrc: "https://example.com/logo.png",
      },
      {
        src: "/big.png",
        type: "img",
        naturalWidth: 9,
        naturalHeight: 9,
        alt: "",
        originalSrc: "https://example.com/b",
      },
    ],
  },
  fonts: {
    fonts: [
      {
        family: "Inter",
        usage: "body",
        count: 9,
        weights: [400],
        source: "self-hosted",
        originalFaceUrl: "https://example.com/inter.woff2",
      },
    ],
  },
  logo: { error: "the logo could not be read" },
};

/** Ends an extraction as a worker does, with two files of the three that its results name. */
async function finish(taskId: TaskId, business: TestBusiness): Promise<void> {
  const { db } = api.context.database;
  const files = [
    { sourceUrl: "https://example.com/logo.png", contentType: "image/png", bytes: png },
    { sourceUrl: "https://example.com/inter.woff2", contentType: "font/woff2", bytes: Buffer.from("wOF2") },
  ];
  const kept = await storeAssets(db, business.businessId, files, { store: null, signal: new AbortController().signal });
  await db.transaction().execute(async (transaction) => {
    await claimTask(transaction, { taskId, attempt: 1, workerId: "w" });
    await finishTask(transaction, { taskId, attempt: 1 }, { status: "completed", result: "2 images, 1 fonts" }, null);
    await keepDesign(transaction, taskId, results, kept);
  });
}

describe("submitting an extraction", () => {
  test("gives 202, a task of a new session with one job, and counts as one task", async () => {
    const used = async () => (await acme.call("GET", "/v1/usage")).json().used;
    const before = await used();
    const response = await extract();
    expect(response.statusCode).toBe(202);
    const { taskId, sessionId, createdAt } = response.json();
    expect(response.json()).toEqual({
      taskId,
      sessionId,
      status: "pending",
      extractors: all,
      enableIpRotation: false,
      createdAt,
    });
    expect(await used()).toBe(before + 1);
    expect((await acme.call("GET", `/v1/tasks/${taskId}`)).json()).toEqual({
      taskId,
      sessionId,
      businessId: acme.businessId,
      endUserId: "alice",
      task: `[design] ${body.url}`,
      status: "pending",
      createdAt,
      updatedAt: createdAt,
      design: { url: body.url, extractors: all, enableIpRotation: false },
    });
    const { rows } = await api.context.database.pool.query("SELECT name, singleton_key FROM pgboss.job WHERE id = $1", [
      taskId,
    ]);
    expect(rows).toEqual([{ name: "turns", singleton_key: sessionId }]);
    expect((await extract({ sessionId })).json().sessionId).not.toBe(sessionId);
  });

  test.each([
    ["none", undefined, all],
    ["an empty list", [], all],
    ["some, in any order and twice", ["logo", "fonts", "logo"], ["fonts", "logo"]],
    ["some beside unknown ones", ["seo", "colors", ""], ["colors"]],
  ])("that names %s extracts what the contract says", async (_name, extractors, taken) => {
    const answer = (await extract({ extractors })).json();
    expect(answer.extractors).toEqual(taken);
    expect((await acme.call("GET", `/v1/tasks/${answer.taskId}`)).json().design.extractors).toEqual(taken);
  });

  test("tells back whether the address was to be changed", async () => {
    const answer = (await extract({ enableIpRotation: true })).json();
    expect(answer.enableIpRotation).toBe(true);
    expect((await acme.call("GET", `/v1/tasks/${answer.taskId}`)).json().design.enableIpRotation).toBe(true);
  });

  const refused: [string, object, RegExp][] = [
    ["no url", { url: undefined }, /url must be a string/],
    ["a url that is none", { url: "example.com" }, /url is no URL/],
    ["ftp:", { url: "ftp://example.com" }, /url must start with http/],
    ["javascript:", { url: "javascript:alert(1)" }, /url must start with http/],
    ["a password in the url", { url: "https://a:b@example.com" }, /user name or password/],
    ["loopback", { url: "http://127.0.0.1/" }, /url leads to a private address/],
    ["loopback in decimal", { url: "http://2130706433/" }, /private address/],
    ["the metadata address", { url: "http://169.254.169.254/latest" }, /private address/],
    ["localhost", { url: "http://localhost:8787/" }, /private address/],
    ["a mapped address", { url: "http://[::ffff:10.0.0.1]/" }, /private address/],
    ["a url of 8,193 characters", { url: `https://example.com/${"x".repeat(8_173)}` }, /longer than 8192/],
    ["no endUserId", { endUserId: undefined }, /endUserId is missing/],
    ["an empty endUserId", { endUserId: "" }, /endUserId is empty/],
    ["only unknown extractors", { extractors: ["seo", "constructor"] }, /extractors names none/],
    ["extractors that are no list", { extractors: "colors" }, /extractors must be a list/],
    ["extractors that are no names", { extractors: ["colors", 5] }, /extractors must be a list/],
    ['enableIpRotation "yes"', { enableIpRotation: "yes" }, /enableIpRotation must be true or false/],
  ];
  test.each(refused)(
    "with %s is 400 with a sentence that says what to change, and makes nothing",
    async (_n, extra, says) => {
      const before = await countTasks();
      const response = await extract(extra);
      expect([response.statusCode, response.json().code]).toEqual([400, "invalid_request"]);
      expect(response.json().error).toMatch(says);
      expect(await countTasks()).toBe(before);
    },
  );

  test("of exactly one takes the one of the path, whatever the body names", async () => {
    const answer = await extractOne("icons", { extractors: ["seo", 5] });
    expect([answer.statusCode, answer.json().extractors]).toEqual([202, ["icons"]]);
    for (const name of ["seo", "Icons", "constructor", "icons%20"]) {
      const unknown = await extractOne(name);
      expect([name, unknown.statusCode, unknown.json().code]).toEqual([name, 400, "invalid_request"]);
      expect(unknown.json().error).toMatch(/no such extractor: name one of images, fonts/);
    }
  });

  test("twice with one Idempotency-Key is one task; with another body, or on the other route, it is 409", async () => {
    const key = { "idempotency-key": randomUUID() };
    const before = await countTasks();
    const answers = await Promise.all(Array.from({ length: 5 }, () => extract({ extractors: ["logo"] }, key)));
    expect(new Set(answers.map((one) => one.body)).size).toBe(1);
    expect(await countTasks()).toBe(before + 1);
    expect((await extract({ extractors: ["fonts"] }, key)).statusCode).toBe(409);
    const task = { endUserId: "alice", task: "x" };
    expect((await acme.call("POST", "/v1/tasks", task, key)).statusCode).toBe(409);
  });
});

describe("limits", () => {
  test("extractions and tasks share the month's limit: 40 at once at a limit of 10 are exactly 10", async () => {
    const limited = await startTestApi({ monthlyTaskLimit: 10 });
    try {
      const business = await limited.business("limited");
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          n % 2
            ? business.call("POST", "/v1/design/extract", body)
            : business.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read" }),
        ),
      );
      const refused = answers.filter((one) => one.statusCode === 429);
      expect([answers.filter((one) => one.statusCode < 300).length, refused.length]).toEqual([10, 30]);
      expect(refused[0]?.json()).toMatchObject({ code: "task_limit_reached", limit: 10, used: 10 });
    } finally {
      await limited.stop();
    }
  });

  test("a per-second limit answers 429 with retry-after", async () => {
    const limited = await startTestApi({ requestsPerSecondMax: 1 });
    try {
      const business = await limited.business("limited");
      const answers = await Promise.all([1, 2].map(() => business.call("POST", "/v1/design/extract/logo", body)));
      expect(answers.map((one) => one.statusCode).sort()).toEqual([202, 429]);
      expect(answers.find((one) => one.statusCode === 429)?.headers["retry-after"]).toBeDefined();
    } finally {
      await limited.stop();
    }
  });
});

describe("an extraction that has completed", () => {
  test("shows its results, with addresses of the files that are kept, wherever the task is shown", async () => {
    const { taskId, sessionId } = (await extract()).json();
    await finish(taskId, acme);
    const task = (await acme.call("GET", `/v1/tasks/${taskId}`)).json();
    expect(task).toMatchObject({ status: "completed", result: "2 images, 1 fonts" });
    const { images, fonts, logo } = task.design.results;
    const address = /^http:\/\/localhost(:80)?\/v1\/assets\/[0-9a-f-]{36}\?expires=\d+&signature=[\w-]{43}$/;
    expect(images.images[0].downloadUrl).toMatch(address);
    expect(images.images[1].downloadUrl).toBeUndefined();
    expect(fonts.fonts[0]).toMatchObject({ family: "Inter", downloadUrl: expect.stringMatching(address) });
    expect(logo).toEqual({ error: "the logo could not be read" });
    const session = (await acme.call("GET", `/v1/sessions/${sessionId}`)).json();
    expect(session.tasks[0].design.results.images.images[0].downloadUrl).toMatch(address);
    const cancelled = (await acme.call("POST", `/v1/tasks/${taskId}/cancel`)).json();
    expect(cancelled.design.results.images.images[0].downloadUrl).toMatch(address);
    const { sessions } = (await acme.call("GET", "/v1/tasks?limit=1")).json();
    expect(sessions[0]).toMatchObject({ sessionId, latestStatus: "completed", turnCount: 1 });
    const events = await acme.call("GET", `/v1/tasks/${taskId}/events`);
    expect(events.body).toContain('"status":"completed"');
    expect((await other.call("GET", `/v1/tasks/${taskId}`)).statusCode).toBe(403);
  });

  test("is told to webhook endpoints, as any task", async () => {
    const business = await api.business("told");
    await business.call("POST", "/v1/webhook-endpoints", { url: "https://example.com/webhooks" });
    const { taskId } = (await extract({}, {}, business)).json();
    await finish(taskId, business);
    const { rows } = await api.context.database.pool.query("SELECT body FROM webhook_deliveries");
    expect(rows).toHaveLength(1);
    expect(JSON.parse(rows[0].body)).toMatchObject({ type: "task.completed", data: { taskId } });
  });

  test("has addresses where callers reach the server, when that is set", async () => {
    const behind = await startTestApi({
      databaseUrl: api.databaseUrl,
      publicUrl: "https://stablehand.example.com/base",
    });
    try {
      const { taskId } = (await extract()).json();
      await finish(taskId, acme);
      const url = `/v1/tasks/${taskId}`;
      const headers = { authorization: `Bearer ${acme.secret}`, host: "evil.example" };
      const { design } = (await behind.app.inject({ method: "GET", url, headers })).json();
      expect(design.results.images.images[0].downloadUrl).toMatch(
        /^https:\/\/stablehand\.example\.com\/base\/v1\/assets\//,
      );
    } finally {
      await behind.stop();
    }
  });

  test("that is cancelled while it waits has no results and ends for good", async () => {
    const { taskId } = (await extract()).json();
    const cancelled = (await acme.call("POST", `/v1/tasks/${taskId}/cancel`)).json();
    expect(cancelled.status).toBe("cancelled");
    expect(cancelled.design.results).toBeUndefined();
  });
});
