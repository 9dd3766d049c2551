import type { ChildProcessByStdio } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

/** A program of Stablehand that runs, as the operating system knows it. */
export interface RunningProcess {
  readonly pid: number;
  readonly env: string;
  readonly args: readonly string[];
  readonly uid: number;
  readonly gid: number;
}

/** The first process whose arguments and environment are such; null while there is none. */
export function findProcess(matches: (args: readonly string[], env: string) => boolean): RunningProcess | null {
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry)))
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
      const env = readFileSync(`/proc/${pid}/environ`, "utf8");
      if (!matches(args, env)) continue;
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const id = (kind: string) => Number(new RegExp(`^${kind}:\\t(\\d+)`, "m").exec(status)?.[1]);
      return { pid: Number(pid), env, args, uid: id("Uid"), gid: id("Gid") };
    } catch {} // has ended meanwhile
  return null;
}

/** The API or the worker that runs on a data directory; null while there is none. */
export function findProgram(name: "api" | "worker", dataDir: string): RunningProcess | null {
  const main = `packages/${name}/src/main.ts`;
  return findProcess((args, env) => (args.at(-1)?.endsWith(main) ?? false) && env.includes(dataDir));
}

/** How a process ended, and all that it said until then. */
export async function outputOf(
  child: ChildProcessByStdio<Writable | null, Readable, Readable>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}
