import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { Bench, BenchRecord } from "./bench.ts";
import { measuredCode } from "./measured-code.ts";

/** Where the results are kept, in a checkout. */
export const resultsPlace = "bench/results";

/** Reads the committed, or the newest, result of a bench; null when it was never run. */
export function readRecord(root: string, name: string): BenchRecord | null {
  const file = join(root, resultsPlace, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as BenchRecord) : null; // written by `writeRecord`
}

/** Keeps the result of a full run in the place of the one before. */
export function writeRecord(root: string, name: string, record: BenchRecord): void {
  mkdirSync(join(root, resultsPlace), { recursive: true });
  writeFileSync(join(root, resultsPlace, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
}

/** Runs a bench in this process and says of which code, on what machine. */
export async function measure(root: string, bench: Bench, options: { readonly quick: boolean }): Promise<BenchRecord> {
  const { hash } = await measuredCode(root, bench); // before, since files may change meanwhile
  const commit = commitOf(root);
  const startedAt = performance.now();
  const result = await bench.run(options);
  return {
    ...result,
    quick: options.quick,
    at: new Date().toISOString(),
    commit,
    code: hash,
    minutes: Number(((performance.now() - startedAt) / 60_000).toFixed(1)),
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}

/** Those of `files` that differ from what a record's commit had; empty also where git cannot tell. */
export function changedSince(root: string, { commit }: BenchRecord, files: readonly string[]): string[] {
  return gitLines(root, ["diff", "--name-only", commit.split(" ")[0] ?? "", "--", ...files]);
}

/** What `npm run bench` writes itself does not count as a change. */
const ownFiles = [resultsPlace, "README.md", "SECURITY.md"].map((file) => `:!${file}`);

function commitOf(root: string): string {
  const [commit = "none"] = gitLines(root, ["rev-parse", "--short", "HEAD"]);
  const isChanged = gitLines(root, ["status", "--porcelain", "--", ".", ...ownFiles]).length > 0;
  return isChanged ? `${commit} and uncommitted changes` : commit;
}

function gitLines(root: string, args: readonly string[]): string[] {
  try {
    const stdio = ["ignore", "pipe", "ignore"] as const;
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: [...stdio] })
      .split("\n")
      .filter(Boolean);
  } catch {
    return [];
  }
}
