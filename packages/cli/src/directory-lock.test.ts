import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDirectory } from "./directory-lock.ts";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "lock-"));
});

afterEach(() => rm(dir, { recursive: true }));

const lock = () => lockDirectory(join(dir, "start.lock"), "taken");

test("a second process is refused with the sentence, until the first is done", () => {
  const first = lock();
  expect(lock).toThrow("taken");
  first.release();
  lock().release();
});

test("the lock of a process that was killed with kill -9 is free at once", async () => {
  const script = `import { lockDirectory } from ${JSON.stringify(join(import.meta.dirname, "directory-lock.ts"))};
    lockDirectory(process.argv[1], ""); console.log("locked"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script, join(dir, "start.lock")]);
  await once(holder.stdout, "data");
  expect(lock).toThrow("taken");
  holder.kill("SIGKILL");
  await once(holder, "exit");
  lock().release();
});
