import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";
import { type FakePlatforms, startFakePlatforms } from "../support/fake-platforms/fake-platforms.ts";
import { pythonWith } from "../support/python-packages.ts";
import { makeDataDir, startServer, type TestServer } from "../support/server.ts";

// The hosted product's own client, as it is on PyPI, against a whole server: nothing of it is changed or replaced.
const python = await pythonWith(["stablebrowse"]);

interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
  readonly message?: string;
  readonly status?: number;
  readonly body?: unknown;
  readonly task?: Task;
}

interface Task {
  readonly task_id: string;
  readonly session_id: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

type Call = readonly [path: string, keywords: Record<string, unknown>];

let data: Awaited<ReturnType<typeof makeDataDir>>;
let server: TestServer;
let fakes: FakePlatforms;

/** Runs the client in a Python of its own; `client` are its constructor's arguments, else it reads the environment. */
async function drive(what: "methods" | "calls", input: object, client?: object): Promise<unknown> {
  const child = spawn(python ?? "", ["-B", join(checkout, "tests/conformance/drive-client.py"), what], {
    env: {
      PATH: process.env.PATH,
      STABLEBROWSE_API_KEY: server.apiKey ?? "",
      STABLEBROWSE_BASE_URL: `${server.url}/v1`,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify({ ...input, ...(client && { client }) }));
  let stdout = "";
  for await (const text of child.stdout.setEncoding("utf8")) stdout += text;
  return JSON.parse(stdout);
}

const called = new Set<string>();

async function call(calls: readonly Call[], endUserId = "alice", client?: object): Promise<Outcome[]> {
  for (const [path] of calls) called.add(path);
  return (await drive("calls", { end_user_id: endUserId, calls }, client)) as Outcome[]; // what drive-client.py prints
}

async function one(path: string, keywords: Record<string, unknown> = {}, endUserId?: string): Promise<Outcome> {
  const [outcome] = await call([[path, keywords]], endUserId);
  if (!outcome) throw new Error("one call, one outcome");
  return outcome;
}

const credentials = (method: string) => `end_users().credentials.${method}`;
const alice = { end_user_id: "alice" };
const schema = { type: "array", items: { type: "object", required: ["author", "text", "likes"] } };

beforeAll(async () => {
  if (!python) return;
  data = await makeDataDir();
  fakes = await startFakePlatforms();
  fakes.setMode("twitter", "feed");
  server = await startServer(data.dir, {
    ...fakes.env,
    MODEL: `replay:${join(checkout, "tests/conformance/replay.json")}`,
  });
});
afterAll(async () => {
  if (!python) return;
  await server.stop();
  await fakes.stop();
  await data.remove();
});

describe.runIf(python)("the hosted product's Python client, unchanged,", () => {
  test("stores all the credentials that it names, reads their status, and deletes some and all", async () => {
    const values = {
      twitter_auth_token: fakes.accounts.alice.values.twitterAuthToken,
      twitter_ct0: fakes.accounts.alice.values.twitterCt0,
      reddit_session: "CANARY-1",
      tiktok_session_id: "CANARY-2",
      tiktok_csrf_token: "CANARY-3",
      youtube_sid: "CANARY-4",
      youtube_hsid: "CANARY-5",
      youtube_ssid: "CANARY-6",
      youtube_sapisid: "CANARY-7",
      instagram_session_id: "CANARY-8",
      instagram_csrf_token: "CANARY-9",
      instagram_ds_user_id: "CANARY-10",
    };
    const flags = (value: boolean, more = {}) => ({
      ...{ twitter: value, reddit: value, tiktok: value, youtube: value, instagram: value },
      ...more,
    });
    const outcomes = await call(
      [
        [credentials("get"), {}],
        [credentials("set"), values],
        [credentials("get"), {}],
        [credentials("delete"), { fields: ["twitter_ct0", "reddit_session"] }],
        [credentials("get"), {}],
        [credentials("delete"), {}],
        [credentials("get"), {}],
      ],
      "casey",
    );
    expect(outcomes.map(({ error, message }) => [error, message])).toEqual(outcomes.map(() => [undefined, undefined]));
    const status = (platforms: object) => ({ value: expect.objectContaining({ end_user_id: "casey", platforms }) });
    expect(outcomes[0]).toEqual(status(flags(false)));
    expect(outcomes[2]).toEqual(status(flags(true)));
    expect(outcomes[4]).toEqual(status(flags(true, { twitter: false, reddit: false })));
    expect(outcomes[6]).toEqual(status(flags(false)));
  });

  test("runs a task to its answer, with a schema, every option, and every field of its Task filled", async () => {
    const { twitterAuthToken, twitterCt0 } = fakes.accounts.alice.values;
    await one(credentials("set"), { twitter_auth_token: twitterAuthToken, twitter_ct0: twitterCt0 });
    const { value, error, message } = await one("tasks.run", {
      ...alice,
      task: "Read the newest posts of my feed",
      start_url: "https://x.com/home",
      schema,
      max_steps: 5,
      include_html_dump: true,
      poll_interval: 0.05,
    });
    expect([error, message]).toEqual([undefined, undefined]);
    expect(value).toMatchObject({
      status: "completed",
      business_id: expect.stringMatching(/.+/),
      end_user_id: "alice",
      task: "Read the newest posts of my feed",
      result: "These are the posts.",
      structured_content: expect.arrayContaining([expect.objectContaining({ author: "nina", likes: 128 })]),
      html_dump: expect.stringContaining("<html"),
      design: null,
      error: null,
      created_at: expect.stringMatching(/Z$/),
      updated_at: expect.stringMatching(/Z$/),
      raw: expect.objectContaining({ visitedUrls: ["x.com"], totalSteps: 2, durationMs: expect.any(Number) }),
    });
  });

  test("submits, asks, continues the session, and lists what there is", async () => {
    const submitted = (await one("tasks.submit", { ...alice, task: "Say hello" })).value as Task;
    expect(submitted).toMatchObject({ status: "pending", task: "Say hello", session_id: expect.any(String) });
    const { session_id } = submitted;
    const next = (await one("tasks.run", { ...alice, task: "Say hello again", session_id, poll_interval: 0.05 })).value;
    expect(next).toMatchObject({ status: "completed", session_id, result: "Hello." });
    const [got, session, list] = await call([
      ["tasks.get", { task_id: submitted.task_id }],
      ["sessions.get", { session_id }],
      ["tasks.list", { limit: 1 }],
    ]);
    expect(got?.value).toMatchObject({ task_id: submitted.task_id, status: "completed", result: "Hello." });
    expect(session?.value).toMatchObject({ session_id, tasks: [{ task: "Say hello" }, { task: "Say hello again" }] });
    expect(list?.value).toEqual([
      expect.objectContaining({
        sessionId: session_id,
        turnCount: 2,
        firstTask: "Say hello",
        latestStatus: "completed",
      }),
    ]);
  });

  test("is told of a task that failed, and of one that is not done in time, each with the task", async () => {
    const failed = await one("tasks.run", { ...alice, task: "Something no script fits", poll_interval: 0.05 });
    expect(failed).toMatchObject({ error: "TaskFailed", task: { status: "failed", error: expect.any(String) } });
    expect(failed.message).toBe(failed.task?.["error"]);
    const late = await one("tasks.run", { ...alice, task: "Take your time", poll_interval: 0.05, poll_timeout: 1 });
    expect(late).toMatchObject({ error: "TaskTimeout", task: { status: expect.stringMatching(/pending|running/) } });
    await server.call("POST", `/v1/tasks/${late.task?.task_id}/cancel`);
    expect((await one("tasks.get", { task_id: late.task?.task_id })).value).toMatchObject({ status: "cancelled" });
  });

  test("extracts a page's design, and is told of a page that cannot be reached", async () => {
    const page = { ...alice, url: "https://x.com/home", extractors: ["colors", "fonts"], enable_ip_rotation: true };
    const submitted = (await one("design.submit", page)).value as Task;
    const done = (await one("design.run", { ...page, poll_interval: 0.05 })).value as Task;
    expect(done).toMatchObject({
      status: "completed",
      task: "[design] https://x.com/home",
      design: {
        url: "https://x.com/home",
        extractors: ["fonts", "colors"],
        durationMs: expect.any(Number),
        results: { colors: { colors: expect.any(Array) }, fonts: { fonts: expect.any(Array) } },
      },
    });
    expect(submitted.task, "the label that the client gives it until it is asked for").toBe(done["task"]);
    const gone = await one("design.run", { ...alice, url: "https://not-there.example.com", poll_interval: 0.05 });
    expect(gone).toMatchObject({ error: "TaskFailed", task: { design: { url: "https://not-there.example.com" } } });
  });

  test("gets errors that it understands: status, text and body", async () => {
    const outcomes = await call([
      ["tasks.get", { task_id: "none" }],
      ["tasks.submit", { ...alice, task: " " }],
      ["tasks.list", { limit: 0 }],
      ["sessions.get", { session_id: "none" }],
      [credentials("set"), { no_such_field: "x" }],
      ["design.submit", { ...alice, url: "ftp://x" }],
      ["tasks.stream", {}],
    ]);
    expect(outcomes.map(({ status, error }) => status ?? error)).toEqual([
      404,
      400,
      400,
      404,
      400,
      400,
      "NotImplementedError",
    ]);
    for (const { message, body } of outcomes.slice(0, -1)) {
      expect(body).toEqual({ error: message, code: expect.any(String), requestId: expect.any(String) });
      expect(message).not.toMatch(/^HTTP /);
    }
    const [unknownKey] = await call([["tasks.list", {}]], "alice", { api_key: "sb_live_unknown" });
    expect(unknownKey).toMatchObject({ error: "StablebrowseError", status: 401, body: { code: "invalid_token" } });
  });

  test("reaches an end-user of any id when the caller percent-encodes it, which the client does not", async () => {
    const id = "a/ü?#% b";
    const [set, status] = await call(
      [
        [credentials("set"), { reddit_session: "CANARY" }],
        [credentials("get"), {}],
      ],
      encodeURIComponent(id),
    );
    expect(set?.error).toBeUndefined();
    expect(status?.value).toMatchObject({ end_user_id: id, platforms: { reddit: true } });
  });

  test("takes key and address as arguments too, with a slash at the end or none", async () => {
    for (const end of ["", "/"]) {
      const client = { api_key: server.apiKey, base_url: `${server.url}/v1${end}` };
      expect((await call([["tasks.list", {}]], "alice", client))[0]?.error).toBeUndefined();
    }
  });

  test("has no method that was not called here, and docs/hosted-client.md names each", async () => {
    const methods = (await drive("methods", {})) as string[];
    const ofTheClientItself = ["close", "end_users"]; // both are what every call above goes through
    expect(methods.length).toBeGreaterThan(10);
    expect(methods.filter((name) => !called.has(name) && !ofTheClientItself.includes(name))).toEqual([]);
    const document = readFileSync(join(checkout, "docs/hosted-client.md"), "utf8");
    for (const name of methods)
      expect(document).toContain(`\`${name.replace("end_users().", 'end_users("alice").')}\``);
  });
});
