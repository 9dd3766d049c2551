import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sweepWorker } from "./sweep-worker.ts";

let dir: string;
let tmpDir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sweep-"));
  tmpDir = join(dir, "tmp");
  await mkdir(tmpDir);
});

afterEach(() => rm(dir, { recursive: true }));

async function sleeper(args: string[], env: NodeJS.ProcessEnv) {
  const script = "process.stdout.write('up'); setInterval(() => {}, 60_000)";
  const child = spawn(process.execPath, ["-e", script, "--", ...args], { env, detached: true });
  await once(child.stdout, "data");
  return { child, exited: once(child, "exit") };
}

test("profiles are deleted and the directory is there again, closed to others", async () => {
  await mkdir(join(tmpDir, "playwright_chromiumdev_profile-1", "Default"), { recursive: true });
  await writeFile(join(tmpDir, "playwright_chromiumdev_profile-1", "Default", "Cookies"), "secret");
  await sweepWorker(tmpDir);
  expect(await readdir(tmpDir)).toEqual([]);
  expect((await stat(tmpDir)).mode & 0o777).toBe(0o700);
});

test.runIf(process.platform === "linux")("what still works in the directory is killed, and nothing else", async () => {
  const byEnvironment = await sleeper([], { TMPDIR: tmpDir });
  const byProfile = await sleeper([`--user-data-dir=${tmpDir}/profile`], {});
  const byDirectory = await sleeper([], { TMPDIR: join(tmpDir, "b-1") }); // a part of a browser
  const neighbour = await sleeper([`--user-data-dir=${tmpDir}-2/profile`, tmpDir], { TMPDIR: `${tmpDir}-2` });
  await sweepWorker(tmpDir);
  expect(await byEnvironment.exited).toEqual([null, "SIGKILL"]);
  expect(await byProfile.exited).toEqual([null, "SIGKILL"]);
  expect(await byDirectory.exited).toEqual([null, "SIGKILL"]);
  expect(neighbour.child.signalCode).toBeNull();
  neighbour.child.kill("SIGKILL");
  await neighbour.exited;
});
