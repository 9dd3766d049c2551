import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import type { BenchResult } from "./bench.ts";
import { setStage } from "./support/stage.ts";

const puts = 1_000;
const marker = "CANARY-memory-search-";

/**
 * Searches every readable byte of the API's memory for uploaded values, right after 1,000 PUTs and again after one full
 * garbage collection. As root, or where the system lets a user read the memory of its own processes.
 */
export async function searchApiMemory(): Promise<BenchResult> {
  const stage = await setStage();
  try {
    const api = await stage.startApi([
      "--expose-gc",
      "--import",
      join(import.meta.dirname, "support/collect-garbage.ts"),
    ]);
    for (let n = 0; n < puts; n++) {
      const response = await fetch(`${api.url}/v1/end-users/user-${n % 50}/credentials`, {
        method: "PUT",
        headers: { authorization: `Bearer ${stage.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ twitterCt0: `${marker}${String(n).padStart(6, "0")}` }),
      });
      if (response.status !== 200) throw new Error(`PUT ${n} was answered with ${response.status}`);
    }
    const before = searchMemory(api.pid);
    await api.ask("SIGUSR2", "collected");
    const after = searchMemory(api.pid);
    const row = (when: string, found: ReturnType<typeof searchMemory>) => ({
      when,
      "different values found, of 1,000": found.values.size,
      "copies, in all": found.copies,
      "MiB searched": Math.round(found.bytes / 2 ** 20),
    });
    return {
      title: "Uploaded values left in the API's memory",
      table: [row("right after 1,000 PUTs", before), row("after one garbage collection", after)],
      bars: [],
      notes: [
        "JavaScript's strings and the buffers that a request arrives in cannot be wiped: freed memory keeps its bytes until it is",
        "used again. What is never there is a key that opens stored values, so yesterday's uploads are out of reach; sealing in the",
        "caller's process keeps plaintext out of the API altogether.",
      ],
    };
  } finally {
    await stage.end();
  }
}

/** Looks through all of a process's readable memory, in both of V8's string encodings. */
function searchMemory(pid: number): { values: Set<string>; copies: number; bytes: number } {
  const result = { values: new Set<string>(), copies: 0, bytes: 0 };
  const memory = openSync(`/proc/${pid}/mem`, "r");
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
      const [range = "", mode = "", , , , name = ""] = line.split(/\s+/);
      if (!mode.startsWith("r") || name.startsWith("[v")) continue;
      const [start = 0, end = 0] = range.split("-").map((part) => Number.parseInt(part, 16));
      const bytes = Buffer.alloc(end - start);
      try {
        result.bytes += readSync(memory, bytes, 0, bytes.length, start);
      } catch {
        continue; // unmapped meanwhile
      }
      for (const encoding of ["latin1", "utf16le"] as const) {
        const needle = Buffer.from(marker, encoding);
        for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
          const width = encoding === "latin1" ? 1 : 2;
          const digits = bytes.toString(encoding, at + needle.length, at + needle.length + 6 * width);
          if (!/^\d{6}$/.test(digits)) continue;
          result.values.add(digits);
          result.copies += 1;
        }
      }
    }
  } finally {
    closeSync(memory);
  }
  return result;
}
