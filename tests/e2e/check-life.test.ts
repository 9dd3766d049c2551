import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Platform, platforms } from "@stablehand/contract";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { processesOf } from "../support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../support/fake-platforms/fake-platforms.ts";
import { makeDataDir, runCli, startServer, type TestServer } from "../support/server.ts";

let data: Awaited<ReturnType<typeof makeDataDir>>;
let fakes: FakePlatforms;
let server: TestServer;

beforeAll(async () => {
  data = await makeDataDir();
  fakes = await startFakePlatforms();
  server = await startServer(data.dir, fakes.env);
});
afterEach(() => {
  for (const platform of platforms) fakes.setMode(platform, "signed-in");
});
afterAll(async () => {
  await server.stop();
  await fakes.stop();
  await data.remove();
});

const at = (endUserId: string) => `/v1/end-users/${endUserId}/credentials`;
type Task = {
  taskId: string;
  status: string;
  check?: Record<string, { health: string }>;
  error?: string;
  errorCode?: string;
};

async function submit(endUserId: string, ...names: Platform[]): Promise<string> {
  const { status, body } = await server.call(
    "POST",
    `${at(endUserId)}/check`,
    names.length > 0 ? { platforms: names } : undefined,
  );
  expect(status).toBe(202);
  return (body as Task).taskId;
}

async function outcome(taskId: string): Promise<Task> {
  const read = async () => (await server.call("GET", `/v1/tasks/${taskId}`)).body as Task;
  await expect.poll(async () => (await read()).status, { timeout: 60_000 }).toMatch(/completed|failed/);
  return read();
}

async function health(endUserId: string): Promise<Record<string, string>> {
  const { details } = (await server.call("GET", at(endUserId))).body as { details: Record<string, { health: string }> };
  return Object.fromEntries(Object.entries(details).map(([platform, { health }]) => [platform, health]));
}

describe("from upload to a signed-in browser", () => {
  test("a real Chromium is signed in on all five platforms, and GET credentials says so", async () => {
    await server.call("PUT", at("alice"), fakes.accounts.alice.values);
    const task = await outcome(await submit("alice"));
    expect([task.status, task.error]).toEqual(["completed", undefined]);
    expect(Object.values(task.check ?? {}).map((one) => one.health)).toEqual(Array(5).fill("valid"));
    expect(await health("alice")).toEqual(Object.fromEntries(platforms.map((platform) => [platform, "valid"])));
  });

  test("a session that the platform ended is expired, a challenge is challenged, an outage unknown", async () => {
    fakes.setMode("twitter", "logged-out");
    fakes.setMode("reddit", "script-logout");
    fakes.setMode("instagram", "challenge");
    fakes.setMode("tiktok", "server-error");
    await outcome(await submit("alice"));
    expect(await health("alice")).toEqual({
      twitter: "expired",
      reddit: "expired",
      instagram: "challenged",
      tiktok: "unknown",
      youtube: "valid",
    });
  });

  test("only the cookies of the asked platform are opened, and reach no other host", async () => {
    fakes.requests.length = 0;
    await outcome(await submit("alice", "reddit"));
    const cookies = fakes.requests.filter((request) => request.cookie !== "");
    expect(cookies.length).toBeGreaterThan(0);
    expect(new Set(cookies.map((request) => request.host))).toEqual(new Set(["www.reddit.com"]));
    const { details } = (await server.call("GET", at("alice"))).body as {
      details: Record<string, { fields: Record<string, { lastUsedAt: string }> }>;
    };
    const used = (platform: string, field: string) => details[platform]?.fields[field]?.lastUsedAt ?? "";
    expect(used("reddit", "redditSession") > used("twitter", "twitterCt0")).toBe(true);
  });

  test("what a check found no longer counts once the cookies were replaced", async () => {
    await outcome(await submit("alice", "twitter"));
    expect((await health("alice")).twitter).toBe("valid");
    await server.call("PUT", at("alice"), { twitterCt0: "CANARY-replaced" });
    expect((await health("alice")).twitter).toBe("unknown");
    expect((await outcome(await submit("alice", "twitter"))).check?.twitter?.health).toBe("expired");
    await server.call("PUT", at("alice"), fakes.accounts.alice.values);
  });

  test("a cookie that the browser refuses fails the check loudly, by name and never by value", async () => {
    const tooLong = `CANARY-${"x".repeat(4_089)}`;
    await server.call("PUT", at("refused"), { redditSession: tooLong });
    const task = await outcome(await submit("refused", "reddit"));
    expect(task).toMatchObject({ status: "failed", errorCode: "cookie_refused" });
    expect(task.error).toContain("redditSession");
    expect(task.error).not.toContain("CANARY");
  });

  test("credentials deleted before the check ran end it with a sentence", async () => {
    fakes.setMode("reddit", "slow");
    await server.call("PUT", at("busy"), { redditSession: "CANARY" });
    await server.call("PUT", at("gone"), { redditSession: "CANARY" });
    const ahead = [await submit("busy"), await submit("busy")]; // both slots of the worker
    const taskId = await submit("gone");
    await server.call("DELETE", at("gone"));
    fakes.setMode("reddit", "signed-in");
    expect(await outcome(taskId)).toMatchObject({ status: "failed", errorCode: "credentials_gone" });
    for (const one of ahead) await outcome(one);
  });

  test("after a rotation of the keyring, old values still open and the end-users' keys move to the new key", async () => {
    const env = { STABLEHAND_DATA_DIR: data.dir };
    const { stdout } = await runCli(["vault", "rotate", "--json"], env);
    const { current } = JSON.parse(stdout) as { current: string };
    const status = async () =>
      JSON.parse((await runCli(["vault", "status", "--json"], env)).stdout) as {
        keys: { keyId: string; current: boolean; endUsers: number }[];
      };
    await expect
      .poll(async () => (await status()).keys.filter((key) => !key.current).map((key) => key.endUsers), {
        timeout: 20_000,
      })
      .toEqual([0]);
    expect((await status()).keys.find((key) => key.current)).toMatchObject({ keyId: current });
    expect((await outcome(await submit("alice", "twitter"))).check?.twitter?.health).toBe("valid");
    await server.call("PUT", at("fresh"), { redditSession: fakes.accounts.bob.values.redditSession });
    expect((await outcome(await submit("fresh"))).check?.reddit?.health).toBe("valid");
  });
});

describe("a worker killed with kill -9 in a check", () => {
  test("leaves no Chromium process and no profile within 5 s, and the task is run again", async () => {
    fakes.setMode("twitter", "slow");
    const taskId = await submit("alice", "twitter");
    await expect.poll(() => fakes.requests.some((one) => one.host === "x.com"), { timeout: 30_000 }).toBe(true);
    const tmpDir = join(data.dir, "worker", "tmp");
    const before = await processesOf(tmpDir);
    const worker = await workerPid(server);
    expect(before).toContain(worker);

    process.kill(worker, "SIGKILL");
    fakes.setMode("twitter", "signed-in");
    const left = async () => (await processesOf(tmpDir)).filter((pid) => before.includes(pid));
    await expect.poll(left, { timeout: 5_000 }).toEqual([]);
    const task = await outcome(taskId);
    expect(task).toMatchObject({ status: "completed", check: { twitter: { health: "valid" } } });
    const profiles = await readdir(tmpDir);
    expect(profiles.length, "what is there belongs to the new worker's browsers").toBeLessThanOrEqual(2);
  });
});

/** The worker says its pid in its log; the last one counts. */
async function workerPid({ log }: TestServer): Promise<number> {
  const pids = [...log().matchAll(/"program":"worker","pid":(\d+)/g)].map(([, pid]) => Number(pid));
  return pids.at(-1) ?? -1;
}
