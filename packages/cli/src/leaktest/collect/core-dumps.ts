import { readFile } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import type { FoundProcess } from "./processes.ts";

/** What this machine does with the memory of a program that crashes. */
export type CoreDumps =
  /** Nothing is written. */
  | { readonly state: "off"; readonly why: string }
  /** Files of this directory; null is the directory in which the program worked. */
  | { readonly state: "files"; readonly directory: string | null }
  /** Handed to a program, which is not looked into. */
  | { readonly state: "piped"; readonly program: string };

/** Reads what the kernel does with core dumps of these processes. */
export async function findCoreDumps(processes: readonly FoundProcess[]): Promise<CoreDumps> {
  const pattern = (await readFile("/proc/sys/kernel/core_pattern", "utf8").catch(() => "")).trim();
  if (pattern === "") return { state: "off", why: "this system has no core_pattern" };
  if (pattern.startsWith("|")) return { state: "piped", program: pattern.slice(1).split(" ")[0] ?? "" };
  const limits = await Promise.all(
    processes.map(({ processId }) => readFile(`/proc/${processId}/limits`, "utf8").catch(() => "")),
  );
  if (!limits.some((text) => text !== "" && !/^Max core file size +0 /m.test(text)))
    return { state: "off", why: "their limit is 0 bytes" };
  return { state: "files", directory: isAbsolute(pattern) ? dirname(pattern) : null };
}
