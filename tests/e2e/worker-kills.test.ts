import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processesOf } from "../support/chromium.ts";
import { makeSoakServer, type SoakServer } from "../support/soak-server.ts";

// The long form, 100 kills at random moments, is `npm run bench -- worker-kills`.

let server: SoakServer;
let worker = -1;

beforeAll(async () => {
  server = await makeSoakServer();
  await server.start();
  for (const endUserId of ["alice", "bob"]) await server.putLogin(endUserId);
});
afterAll(() => server.remove());

const statusOf = async (pid: number) => readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
const nameOf = async (pid: number) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
const tasksSeen = () => server.fakes.requests.map(({ path }) => /task=(\d+)/.exec(path)?.[1] ?? "").filter(Boolean);

test("a task's browser runs in its sandbox, as a user who is not root", async () => {
  worker = await server.workerPid(worker);
  const taskId = await server.submit("alice", "wait");
  const renderers = async () => {
    const pids = await processesOf(server.tmpDir);
    const named = await Promise.all(pids.map(async (pid) => [pid, await nameOf(pid)] as const));
    return named.flatMap(([pid, name]) => (name.includes("--type=renderer") ? [pid] : []));
  };
  await expect.poll(async () => (await renderers()).length, { timeout: 60_000 }).toBeGreaterThan(0);
  for (const pid of await renderers()) {
    const status = await statusOf(pid);
    if (status === "") continue; // ended meanwhile
    expect(status).toMatch(/^Seccomp:\t2$/m);
    expect(status).toMatch(/^NSpid:\t\d+\t\d+/m); // in a process namespace of its own
    expect(status).not.toMatch(/^Uid:.*\b0\b/m);
  }
  for (const pid of await processesOf(server.tmpDir)) expect(await nameOf(pid)).not.toContain("--no-sandbox");
  expect(await server.ended(taskId)).toBe("completed");
});

test("a worker killed in the middle of a lease frees the login: who waits for it goes on, and never beside another", async () => {
  server.fakes.requests.length = 0;
  const holding = await server.submit("alice", "wait");
  await expect.poll(() => server.fakes.requests.length, { timeout: 60_000 }).toBeGreaterThan(0);
  const waiting = [await server.submit("alice", "Visit number 1"), await server.submit("alice", "Visit number 2")];
  await server.killWorker(worker);
  for (const taskId of waiting) expect(await server.ended(taskId)).toBe("completed");
  expect(await server.ended(holding)).toBe("completed"); // it had only read, and was run again
  const order = tasksSeen().filter((task, at, all) => task !== all[at - 1]);
  expect(order).toEqual(["1", "2"]);
}, 180_000);

test.each([150, 900, 2_200])(
  "killed with kill -9 %i ms after its start, a worker leaves no Chromium process and no file within 5 s",
  async (afterMs) => {
    worker = await server.workerPid(worker);
    for (const endUserId of ["alice", "bob"]) await server.submit(endUserId, "wait");
    await delay(afterMs); // the moment is what is tested
    const { ms } = await server.killWorker(worker);
    expect(ms).toBeLessThan(5_000);
  },
  120_000,
);
