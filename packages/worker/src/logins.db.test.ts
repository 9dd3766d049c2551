import { randomUUID } from "node:crypto";
import { credentialFieldNames, fieldsOf, type Platform } from "@stablehand/contract";
import { createLog } from "@stablehand/core/log";
import { takeCredentials } from "@stablehand/core/store/credential-openings";
import { writeBackRotation } from "@stablehand/core/store/credential-rotations";
import { askAllRotations } from "@stablehand/core/store/end-user-rotations";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import { claimTask, type HeldTask } from "@stablehand/core/store/task-runs";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import { egressTo, launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../tests/support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../tests/support/fake-platforms/fake-platforms.ts";
import { runContextOf } from "../../../tests/support/run-context.ts";
import { openReplay } from "./agent/replay.ts";
import type { ReplayScript } from "./agent/replay-script.ts";
import { type BrowserPool, createBrowserPool } from "./browser/pool.ts";
import { type HeldTasks, watchHeldTasks } from "./held-tasks.ts";
import { createLogins, type Logins } from "./logins.ts";
import { createOpener, type Opener } from "./opener.ts";
import { createRedactor } from "./redact/redactor.ts";
import { resealKeys } from "./reseal-keys.ts";
import { type RunContext, runTask } from "./run-task.ts";

let api: TestApi;
let acme: TestBusiness;
let opener: Opener;
let tmp: TestTmpDir;
let fakes: FakePlatforms;
let browsers: BrowserPool;
let held: HeldTasks;
const log = createLog("test", "silent");
const at = "/v1/end-users/alice/credentials";

beforeAll(async () => {
  api = await startTestApi({ allowPrivateWebhooks: true });
  acme = await api.business("acme");
  opener = await createOpener(() => openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile)));
  tmp = await ownTmpDir();
  fakes = await startFakePlatforms();
  browsers = createBrowserPool({ prewarm: 1, launch: () => launchTestBrowser(tmp.path, egressTo(fakes)) });
  held = watchHeldTasks(api.context.database.db, log);
});
beforeEach(async () => {
  await acme.call("PUT", at, fakes.accounts.alice.values);
  await api.context.database.pool.query(
    `INSERT INTO platform_health (business_id, end_user_id, platform, health, checked_at, credentials_updated_at)
     SELECT business_id, end_user_id, platform, 'valid', now(), max(updated_at)
       FROM credentials JOIN unnest($1::text[]) AS platform ON starts_with(field, platform)
      GROUP BY business_id, end_user_id, platform
     ON CONFLICT (business_id, end_user_id, platform) DO UPDATE
       SET health = excluded.health, checked_at = excluded.checked_at,
           credentials_updated_at = excluded.credentials_updated_at`,
    [["twitter", "reddit"]],
  );
  fakes.requests.length = 0;
});
afterEach(async () => {
  for (const platform of ["twitter", "reddit"] as const) fakes.setMode(platform, "signed-in");
  await acme.call("DELETE", at);
  await api.context.database.pool.query("DELETE FROM pgboss.job; DELETE FROM login_leases; DELETE FROM login_waits");
});
afterAll(async () => {
  held.close();
  await browsers.stop();
  await fakes.stop();
  await tmp.stop();
  await api.stop();
});

type Turn = ReplayScript["turns"][number];
const done = (result: unknown = "Done.") => ({ calls: [{ tool: "done", input: { result } }] }) as Turn; // as a file would
const call = (tool: string, input: object) => ({ calls: [{ tool, input }] }) as Turn;
const visit = (url: string) => call("navigate", { url });

function context(turns: readonly Turn[], settings: Partial<RunContext> = {}): RunContext {
  return runContextOf(turns, { database: api.context.database, opener, browsers, held, ...settings });
}

async function submit(extra: object = {}): Promise<HeldTask & { signal: AbortSignal }> {
  const { taskId } = (await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read", ...extra })).json();
  return { taskId, attempt: 1, signal: new AbortController().signal };
}

const read = async ({ taskId }: HeldTask) => (await acme.call("GET", `/v1/tasks/${taskId}`)).json();

/** What the site of the fakes sets, but for name and value. */
const cookie = { domain: ".x.com", path: "/", expires: -1, httpOnly: true, secure: true, sameSite: "None" } as const;

async function openTwitter(task: StoredTask): Promise<Logins> {
  const logins = createLogins(context([]), task, createRedactor([]));
  await logins.open(["twitter"]);
  return logins;
}

async function accessesOf({ taskId }: HeldTask): Promise<{ action: string; fields: string[] }[]> {
  const { rows } = await api.context.database.pool.query(
    "SELECT action, fields FROM credential_access WHERE task_id = $1 ORDER BY sequence",
    [taskId],
  );
  return rows;
}

/** What is stored of X, opened. */
async function storedTwitter() {
  const owner = { businessId: acme.businessId, endUserId: "alice" };
  const asked = {
    ...owner,
    fields: fieldsOf("twitter"),
    taskId: randomUUID() as HeldTask["taskId"],
    workerId: "test",
    action: "open" as const,
  };
  const sealed = await takeCredentials(api.context.database.db, asked);
  return sealed && opener.openCredentials(owner, sealed);
}

/** The platforms whose cookies were sent with any request so far. */
const cookiesSeen = () =>
  credentialFieldNames.filter((field) => fakes.requests.some(({ cookie }) => cookie.includes(`CANARY-${field}-`)));

describe("the cookies of a task", () => {
  const feed = "https://x.com/home";

  test("are those of startUrl's site and of the platforms it names, and no others", async () => {
    const job = await submit({ startUrl: feed, platforms: ["reddit"] });
    await runTask(
      context([visit("https://www.reddit.com/settings"), visit("https://www.tiktok.com/setting"), done()]),
      job,
    );
    expect(await read(job)).toMatchObject({ status: "completed" });
    const wanted = [...fieldsOf("reddit"), ...fieldsOf("twitter")];
    expect(await accessesOf(job)).toEqual([{ action: "open", fields: wanted.sort() }]);
    expect(cookiesSeen().sort()).toEqual(wanted.sort());
  });

  test("are none when it names no platform, and its agent can ask for one", async () => {
    const plain = await submit();
    await runTask(context([visit(feed), done()]), plain);
    expect(await accessesOf(plain)).toEqual([]);
    expect(cookiesSeen()).toEqual([]);

    fakes.setMode("twitter", "feed");
    const asking = await submit();
    const turns = [
      call("use_account", { platform: "twitter" }),
      visit(feed),
      done({ collect: "alice's feed", first: true }),
    ];
    await runTask(context(turns), asking);
    expect(await read(asking)).toMatchObject({ status: "completed", result: "alice's feed" });
    expect(await accessesOf(asking)).toEqual([{ action: "open", fields: [...fieldsOf("twitter")].sort() }]);
    expect(cookiesSeen().sort()).toEqual([...fieldsOf("twitter")].sort());
  });

  test("are not opened by an agent while another task uses the account; it is told so", async () => {
    const other = await submit({ platforms: ["twitter"] });
    const { db } = api.context.database;
    await db.transaction().execute((transaction) => claimTask(transaction, { ...other, workerId: "worker-2" }));
    const job = await submit();
    const busy = { collect: "Another task is using this account", first: true };
    await runTask(context([call("use_account", { platform: "twitter" }), done(busy)]), job);
    expect(await read(job)).toMatchObject({ status: "completed", result: "Another task is using this account" });
    expect(await accessesOf(job)).toEqual([]);
  });
});

describe("a cookie that the site renewed", () => {
  const renewed = { twitterAuthToken: "CANARY-twitterAuthToken-alice", twitterCt0: "CANARY-renewed" };
  const startUrl = "https://x.com/home";

  /** Lets `between` happen while the task's browser is open. */
  function meanwhile(between: () => Promise<unknown>): BrowserPool {
    return {
      ...browsers,
      async take() {
        await between();
        return browsers.take();
      },
    };
  }

  test("is stored once, logged, and costs neither the sign-in nor what is known of its health", async () => {
    fakes.setMode("twitter", "renew");
    const job = await submit({ startUrl });
    await runTask(context([done()]), job);
    expect(await read(job)).toMatchObject({ status: "completed" });
    expect((await accessesOf(job)).slice(1)).toEqual([{ action: "rotate", fields: ["twitterCt0"] }]);
    expect(await storedTwitter()).toEqual(renewed);
    expect((await acme.call("GET", at)).json().details.twitter.health).toBe("valid");
  });

  test("is stored also when the task failed, and when the worker stops and gives it back", async () => {
    fakes.setMode("twitter", "renew");
    await runTask(context([call("no-such-tool", {})]), await submit({ startUrl }));
    expect(await storedTwitter()).toEqual(renewed);

    await acme.call("PUT", at, fakes.accounts.alice.values);
    const stopping = new AbortController();
    const job = await submit({ startUrl });
    const wait = call("wait", { seconds: 10 });
    const quick = call("scroll", { direction: "down" });
    const running = runTask(context([quick, wait, wait], { stopping: stopping.signal }), job);
    await expect.poll(async () => (await read(job)).stepSummaries?.length ?? 0, { timeout: 30_000 }).toBeGreaterThan(0);
    stopping.abort(new Error("stopping"));
    await expect(running).rejects.toThrow("stopping");
    expect((await read(job)).status).toBe("pending");
    expect(await storedTwitter()).toEqual(renewed);
  });

  test.each<[string, () => Promise<unknown>, object | null]>([
    [
      "a PUT of the other cookie, which belongs to another sign-in",
      () => acme.call("PUT", at, { twitterAuthToken: "newer" }),
      { twitterAuthToken: "newer", twitterCt0: "CANARY-twitterCt0-alice" },
    ],
    [
      "a PUT of both",
      () => acme.call("PUT", at, { twitterAuthToken: "newer", twitterCt0: "newer" }),
      { twitterAuthToken: "newer", twitterCt0: "newer" },
    ],
    [
      "a PUT of the same values",
      () => acme.call("PUT", at, fakes.accounts.alice.values),
      { twitterAuthToken: "CANARY-twitterAuthToken-alice", twitterCt0: "CANARY-twitterCt0-alice" },
    ],
    ["a DELETE of all", () => acme.call("DELETE", at), null],
    [
      "a DELETE of one",
      () => acme.call("DELETE", at, { fields: ["twitterCt0"] }),
      { twitterAuthToken: "CANARY-twitterAuthToken-alice" },
    ],
    [
      "a DELETE, and a PUT that made a new key",
      async () => {
        await acme.call("DELETE", at);
        await acme.call("PUT", at, { twitterAuthToken: "newer", twitterCt0: "newer" });
      },
      { twitterAuthToken: "newer", twitterCt0: "newer" },
    ],
  ])("is not stored after %s", async (_name, between, kept) => {
    fakes.setMode("twitter", "renew");
    const job = await submit({ startUrl });
    await runTask(context([done()], { browsers: meanwhile(between) }), job);
    expect(await read(job)).toMatchObject({ status: "completed" });
    expect((await accessesOf(job)).map(({ action }) => action)).toEqual(["open"]);
    expect(await storedTwitter()).toEqual(kept);
  });

  test("is stored although the end-user's key was replaced during the task, or in its last moment", async () => {
    const rotateKey = async () => {
      const { db } = api.context.database;
      await askAllRotations(db, acme.businessId);
      const work = { db, opener, log, workerId: "w", perSecond: 1_000, lookAgainMs: 0 };
      await resealKeys(work, new AbortController().signal);
    };
    fakes.setMode("twitter", "renew");
    const job = await submit({ startUrl });
    await runTask(context([done()], { browsers: meanwhile(rotateKey) }), job);
    expect((await accessesOf(job)).map(({ action }) => action)).toEqual(["open", "rotate"]);
    expect(await storedTwitter()).toEqual(renewed);

    const last = await submit({ platforms: ["twitter"] });
    const claim = { ...last, workerId: "worker-1" };
    const { db } = api.context.database;
    const task = await db.transaction().execute((transaction) => claimTask(transaction, claim));
    if (!task) throw new Error("nobody else has it");
    const logins = await openTwitter(task);
    logins.look([
      { ...cookie, name: "auth_token", value: renewed.twitterAuthToken },
      { ...cookie, name: "ct0", value: "late" },
    ]);
    const [rotation] = await logins.sealRenewed();
    if (!rotation) throw new Error("one was renewed");
    await rotateKey();
    const stored = await db.transaction().execute((transaction) => writeBackRotation(transaction, last, rotation));
    expect(stored?.keyId.equals(rotation.keyId)).toBe(false); // the log names the key that it was sealed to in the end
    expect(await storedTwitter()).toEqual({ ...renewed, twitterCt0: "late" });
  });

  test("is refused from a worker that has lost the task, or its login", async () => {
    const job = await submit({ platforms: ["twitter"] });
    const { db } = api.context.database;
    const claim = (attempt: number) =>
      db.transaction().execute((transaction) => claimTask(transaction, { ...job, attempt, workerId: "worker-1" }));
    const task = await claim(1);
    if (!task) throw new Error("nobody else has it");
    const logins = await openTwitter(task);
    logins.look([
      { ...cookie, name: "auth_token", value: "CANARY-twitterAuthToken-alice" },
      { ...cookie, name: "ct0", value: "late" },
    ]);
    const [rotation] = await logins.sealRenewed();
    if (!rotation) throw new Error("one was renewed");
    const write = (attempt: number) =>
      db
        .transaction()
        .execute(async (transaction) => (await writeBackRotation(transaction, { ...job, attempt }, rotation)) !== null);
    await claim(2); // it was thought dead
    expect(await write(1)).toBe(false);
    await api.context.database.pool.query("DELETE FROM login_leases");
    expect(await write(2)).toBe(false);
    await api.context.database.pool.query(
      "INSERT INTO login_leases (business_id, end_user_id, platform, task_id) VALUES ($1, 'alice', 'twitter', $2)",
      [acme.businessId, job.taskId],
    );
    expect(await write(2)).toBe(true); // the control
    expect(await write(2)).toBe(false); // once
  });

  test("that no field could hold, or of a sign-in that the site has ended, is not sealed", async () => {
    const job = await submit({ platforms: ["twitter"] });
    const task = await api.context.database.db
      .transaction()
      .execute((transaction) => claimTask(transaction, { ...job, workerId: "worker-1" }));
    if (!task) throw new Error("nobody else has it");
    const logins = await openTwitter(task);
    const token = { ...cookie, name: "auth_token", value: "CANARY-twitterAuthToken-alice" };
    for (const jar of [
      [token],
      [token, { ...cookie, name: "ct0", value: "" }],
      [token, { ...cookie, name: "ct0", value: "with space" }],
      [token, { ...cookie, name: "ct0", value: "x".repeat(4_097) }],
      [token, { ...cookie, name: "ct0", value: "elsewhere", domain: ".evil.example" }],
      [token, { ...cookie, name: "ct0", value: "CANARY-twitterCt0-alice" }],
    ]) {
      logins.look(jar);
      expect(await logins.sealRenewed()).toEqual([]);
    }
  });
});

describe("a platform that was not looked at for long", () => {
  const submitFeed = () => submit({ startUrl: "https://x.com/home" });
  const age = () =>
    api.context.database.pool.query("UPDATE platform_health SET checked_at = now() - interval '2 hours'");
  const healthOf = async (platform: Platform) => (await acme.call("GET", at)).json().details[platform].health;

  async function events(): Promise<unknown[]> {
    const { rows } = await api.context.database.pool.query(
      "DELETE FROM webhook_deliveries WHERE body LIKE '%\"credentials.%' RETURNING body",
    );
    return rows.map(({ body }) => JSON.parse(body));
  }

  test.each([
    ["logged-out", "expired", "auth_expired"],
    ["challenge", "challenged", "auth_challenged"],
  ] as const)(
    "and is %s ends the task before any model is asked, and tells the business once",
    async (mode, health, errorCode) => {
      await acme.call("POST", "/v1/webhook-endpoints", { url: "http://127.0.0.1:9/hook" });
      await age();
      fakes.setMode("twitter", mode);
      const job = await submitFeed();
      await runTask(context([]), job); // a model without an answer
      const task = await read(job);
      expect(task).toMatchObject({ status: "failed", errorCode, error: expect.stringMatching(/^twitter /) });
      expect(task.usage?.modelCalls ?? 0).toBe(0);
      expect(await healthOf("twitter")).toBe(health);
      const expected = {
        type: `credentials.${health}`,
        timestamp: expect.any(String),
        data: { endUserId: "alice", platform: "twitter" },
      };
      const told = await events();
      expect(told.length).toBeGreaterThan(0);
      expect(new Set(told.map((event) => JSON.stringify(event))).size).toBe(1);
      expect(told[0]).toEqual(expected);

      await runTask(context([]), await submitFeed()); // still so: looked at again, not told again
      expect(await events()).toEqual([]);
      await acme.call("PUT", at, fakes.accounts.alice.values);
      await runTask(context([]), await submitFeed());
      expect((await events())[0]).toEqual(expected);
    },
  );

  test("and says nothing, or is still good, does not stop the task; one looked at lately is trusted", async () => {
    await age();
    fakes.setMode("twitter", "server-error");
    const unknown = await submitFeed();
    await runTask(context([done()]), unknown);
    expect(await read(unknown)).toMatchObject({ status: "completed", usage: { modelCalls: 1 } });

    await acme.call("PUT", at, fakes.accounts.alice.values);
    fakes.setMode("twitter", "signed-in");
    await runTask(context([done()]), await submitFeed());
    expect(await healthOf("twitter")).toBe("valid");

    fakes.setMode("twitter", "logged-out");
    const trusting = await submitFeed();
    await runTask(context([done()]), trusting);
    expect(await read(trusting)).toMatchObject({ status: "completed" });
    const distrusting = await submitFeed();
    await runTask(context([], { healthMaxAgeMs: 0 }), distrusting);
    expect(await read(distrusting)).toMatchObject({ errorCode: "auth_expired" });
  });
});

test("eight tasks of one end-user on four slots: the site never sees two of them at once", async () => {
  const jobs = [];
  for (let n = 0; n < 8; n++) jobs.push(await submit({ task: `Visit number ${n}`, platforms: ["twitter"] }));
  const scripts = jobs.map((_, n) => ({
    when: `number ${n}$`,
    turns: [visit(`https://x.com/home?task=${n}`), visit(`https://x.com/home?task=${n}`), done()],
  }));
  const running = { ...context([]), model: openReplay(scripts, "test") };
  const queue = jobs.map((job) => ({ ...job }));
  const slot = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      await runTask(running, job);
      if ((await read(job)).status === "pending") queue.push({ ...job, attempt: job.attempt + 1 });
    }
  };
  await Promise.all([slot(), slot(), slot(), slot()]);
  for (const job of jobs) expect(await read(job)).toMatchObject({ status: "completed" });
  const order = fakes.requests.map(({ path }) => new URLSearchParams(path.split("?")[1]).get("task")).filter(Boolean);
  const visits = order.filter((task, index) => task !== order[index - 1]);
  expect(visits.length).toBe(8); // none came back after another had begun
}, 120_000);
