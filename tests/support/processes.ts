import { readdirSync, readFileSync } from "node:fs";

/** A program of Stablehand that runs, as the operating system knows it. */
export interface RunningProcess {
  readonly pid: number;
  readonly env: string;
  readonly args: readonly string[];
  readonly uid: number;
  readonly gid: number;
}

/** The API or the worker that runs on a data directory; null while there is none. */
export function findProgram(name: "api" | "worker", dataDir: string): RunningProcess | null {
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry)))
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
      if (!args.at(-1)?.endsWith(`packages/${name}/src/main.ts`)) continue;
      const env = readFileSync(`/proc/${pid}/environ`, "utf8");
      if (!env.includes(dataDir)) continue;
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const id = (kind: string) => Number(new RegExp(`^${kind}:\\t(\\d+)`, "m").exec(status)?.[1]);
      return { pid: Number(pid), env, args, uid: id("Uid"), gid: id("Gid") };
    } catch {} // has ended meanwhile
  return null;
}
