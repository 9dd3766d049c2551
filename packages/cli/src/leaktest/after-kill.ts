import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { clusterDirOf } from "../postgres-cluster.ts";
import { findProcesses } from "./collect/processes.ts";

// What a leaktest leaves when it is killed outright is ended and removed by this program, which waits for its end.

const graceMs = 10_000;

/** Tells the watching program that there is nothing left to do. */
export type Dismiss = () => Promise<void>;

/** A file beside a leaktest's directory, which holds the marker while the temporary directories are searched. */
export function plantedBeside(directory: string): string {
  return `${directory}-planted`;
}

/**
 * Starts the program that watches this process: once it is gone, whatever way, every process that names `directory` is
 * ended, and `directory` removed.
 */
export function watchForKill(directory: string): Dismiss {
  const child = spawn(process.execPath, [import.meta.filename, directory], {
    cwd: "/",
    env: {},
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  return async () => {
    child.stdin.end("dismissed");
    await ended;
  };
}

/** The supervisor stops what it runs when it is asked; what goes on without one is ended here. */
async function endAll(directory: string): Promise<void> {
  const others = async () => (await findProcesses(directory)).filter(({ processId }) => processId !== process.pid);
  const signal = (name: NodeJS.Signals, processes: Awaited<ReturnType<typeof others>>) => {
    for (const { processId } of processes)
      try {
        process.kill(processId, name);
      } catch {
        // Gone meanwhile.
      }
  };
  const isSupervisor = ({ arguments: args }: { arguments: string }) =>
    /main\.ts\0start|unredacted-server\.ts/.test(args);
  signal("SIGTERM", (await others()).filter(isSupervisor));
  const deadline = Date.now() + graceMs;
  for (let left = await others(); left.some(isSupervisor) && Date.now() < deadline; left = await others())
    await delay(50);
  const postmaster = await readFile(join(clusterDirOf(join(directory, "postgres")), "postmaster.pid"), "utf8").catch(
    () => "",
  );
  const postmasterId = Number(postmaster.split("\n")[0]);
  signal(
    "SIGQUIT",
    (await others()).filter(({ processId }) => processId === postmasterId),
  ); // PostgreSQL's way to end at once
  await delay(postmasterId > 0 ? 500 : 0);
  for (let left = await others(); left.length > 0 && Date.now() < deadline + graceMs; left = await others()) {
    signal("SIGKILL", left);
    await delay(50);
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  await rm(plantedBeside(directory), { force: true });
}

const directory = process.argv[2];
if (import.meta.main && directory) if ((await text(process.stdin)) !== "dismissed") await endAll(directory);
