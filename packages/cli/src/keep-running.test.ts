import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type KeptProgram, keepRunning, type Patience } from "./keep-running.ts";
import { supervise } from "./supervisor.ts";

const impatient: Patience = { readyMs: 5_000, firstBackoffMs: 5, lastBackoffMs: 20, stableMs: 60_000, startsMax: 3 };

let dir: string;
let lines: string[];
let cleaned: number;
let kept: KeptProgram[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "keep-"));
  lines = [];
  cleaned = 0;
  kept = [];
});

afterEach(async () => {
  for (const program of kept) await program.stop(0);
  await rm(dir, { recursive: true });
});

function spec(behaviour: string) {
  return {
    name: behaviour,
    command: process.execPath,
    args: [join(import.meta.dirname, "fixtures", "child.ts"), behaviour],
    env: { STARTS: join(dir, behaviour) },
    cwd: dir,
    user: undefined,
    clean: async () => void cleaned++,
  };
}

function keep(behaviour: string, patience = impatient): KeptProgram {
  const program = keepRunning(spec(behaviour), { onLine: (line) => lines.push(line), patience });
  kept.push(program);
  return program;
}

async function startsOf(behaviour: string): Promise<number> {
  const text = await readFile(join(dir, behaviour), "utf8").catch(() => "");
  return text.split("\n").length - 1;
}

test("a program that dies is cleaned up after and started again", async () => {
  const program = keep("crash-once");
  expect(await program.firstReady).toMatchObject({ url: expect.stringMatching(/^http:/) });
  await expect.poll(() => startsOf("crash-once"), { timeout: 5_000 }).toBe(2);
  expect(cleaned).toBe(2);
  expect(lines).toContain("stablehand: the crash-once ended with 1; starting it again in 5 ms");
});

test("a cleaning that fails is tried again; only one that goes on failing gives the program up", async () => {
  const failing = (failures: number) => ({
    ...spec("steady"),
    clean: async () => {
      if (cleaned++ < failures) throw new Error("busy");
    },
  });
  const program = keepRunning(failing(2), { onLine: (line) => lines.push(line), patience: impatient });
  kept.push(program);
  await program.firstReady;
  expect(cleaned).toBe(3);
  cleaned = 0;
  await expect(keepRunning(failing(9), { onLine() {}, patience: impatient }).ended).rejects.toThrow("busy");
});

test("a program killed with kill -9 is started again", async () => {
  const program = keep("steady");
  await program.firstReady;
  const { pid } = program;
  process.kill(pid ?? 0, "SIGKILL");
  await expect.poll(() => startsOf("steady"), { timeout: 5_000 }).toBe(2);
  expect(program.pid).not.toBe(pid);
});

test("a program that refuses its configuration is not started again, and its words are told", async () => {
  const program = keep("refuse");
  await expect(program.ended).rejects.toThrow(/The refuse refused its configuration:\nPORT is wrong/);
  await expect(program.firstReady).rejects.toThrow("PORT is wrong");
  expect(await startsOf("refuse")).toBe(1);
});

test("a program that never starts is given up after a few tries, with its last words", async () => {
  await expect(keep("fail").ended).rejects.toThrow(/did not start, 3 times; it ended with 1:\nno luck/);
  expect(await startsOf("fail")).toBe(3);
});

test("a program that is never ready is killed and counts as not started", async () => {
  const program = keep("mute", { ...impatient, readyMs: 300, startsMax: 1 });
  await expect(program.ended).rejects.toThrow(/was not ready in 300 ms/);
});

test("a program that is missing is given up with the reason", async () => {
  const program = keepRunning({ ...spec("steady"), command: join(dir, "none") }, { onLine() {}, patience: impatient });
  await expect(program.ended).rejects.toThrow(/could not be run: .*ENOENT/);
});

test("stop ends a willing program cleanly and a stubborn one in bounded time, and neither comes back", async () => {
  const specs = [spec("steady"), spec("stubborn")];
  const onLine = () => {};
  const programs = await supervise(specs, { onLine, signal: new AbortController().signal, patience: impatient });
  const startedAt = Date.now();
  await programs.stop(300);
  expect(Date.now() - startedAt).toBeLessThan(2_000);
  await programs.ended;
  expect(programs.pids()).toEqual([undefined, undefined]);
  expect([await startsOf("steady"), await startsOf("stubborn")]).toEqual([1, 1]);
});

test("when one program cannot start, the other is stopped too", async () => {
  const specs = [spec("steady"), spec("refuse")];
  const signal = new AbortController().signal;
  await expect(supervise(specs, { onLine() {}, signal, patience: impatient })).rejects.toThrow(/PORT is wrong/);
  const pid = Number(await readFile(join(dir, "steady"), "utf8").catch(() => "0"));
  if (pid > 0) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("being asked to stop while programs start stops them", async () => {
  const stopAsked = new AbortController();
  const starting = supervise([spec("mute")], { onLine() {}, signal: stopAsked.signal, patience: impatient });
  await expect.poll(() => startsOf("mute"), { timeout: 5_000 }).toBe(1);
  stopAsked.abort(new Error("asked to stop"));
  await expect(starting).rejects.toThrow("asked to stop");
});
