import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Kills every process that works in `tmpDir`, the TMPDIR of a worker that is gone, and empties it.
 *
 * They are the browsers it started and, after the supervisor itself was killed, the worker: known by `TMPDIR` in their
 * environment or a browser profile in their arguments. Looks for them on Linux only; elsewhere a browser notices by itself
 * that its worker is gone. Run it as the worker's user (see the end of the file), so that it can reach nothing but that user's.
 */
export async function sweepWorker(tmpDir: string): Promise<void> {
  const deadline = Date.now() + 3_000;
  for (let left = await findLeft(tmpDir); left.length > 0 && Date.now() < deadline; left = await findLeft(tmpDir)) {
    for (const pid of left) kill(pid);
    await delay(20);
  }
  // A browser that dies may still write once: rm tries again.
  await rm(tmpDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  await mkdir(tmpDir, { recursive: true, mode: 0o700 });
}

async function findLeft(tmpDir: string): Promise<number[]> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  const left = await Promise.all(pids.map(async (pid) => ((await worksIn(pid, tmpDir)) ? [pid] : [])));
  return left.flat();
}

async function worksIn(pid: number, tmpDir: string): Promise<boolean> {
  const read = async (name: string): Promise<string[]> =>
    (await readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "")).split("\0"); // other users' are refused
  const [environment, args] = await Promise.all([read("environ"), read("cmdline")]);
  const isOurs = (entry: string) => entry === `TMPDIR=${tmpDir}` || entry.startsWith(`TMPDIR=${tmpDir}/`);
  return environment.some(isOurs) || args.some((arg) => arg.startsWith(`--user-data-dir=${tmpDir}/`));
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone meanwhile, or another user's, who only named the directory.
  }
}

const tmpDir = process.argv[2];
if (import.meta.main && tmpDir) await sweepWorker(tmpDir);
