import { open, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { SinkPart } from "../search/search-sink.ts";

/** Which files are read. */
export interface FileChoice {
  /** Full paths that are left out, with all below them. */
  readonly except?: readonly string[];
  /** Only files that were changed since then, ms since 1970. */
  readonly since?: number;
  /** Only files of which this is true, by their own name. */
  readonly named?: (name: string) => boolean;
  readonly depthMax?: number;
}

const fileBytesMax = 256_000_000;
const allBytesMax = 1_000_000_000;

/**
 * The files below a directory that this user may read, one after the other, as they are at that moment.
 *
 * What vanishes meanwhile is left out; so are links, pipes and sockets. Throws when there is more than 1 GB to read: what
 * is left unread must not count as clean.
 */
export async function* readFilesIn(root: string, choice: FileChoice = {}): AsyncGenerator<SinkPart> {
  const { except = [], since = 0, named = () => true, depthMax = 30 } = choice;
  let left = allBytesMax;
  const waiting = [{ path: root, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { path, depth } = next;
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
      const inside = join(path, entry.name);
      if (except.includes(inside)) continue;
      if (entry.isDirectory() && depth < depthMax) waiting.push({ path: inside, depth: depth + 1 });
      if (!entry.isFile() || !named(entry.name)) continue;
      const bytes = await readChanged(inside, since);
      if (!bytes) continue;
      left -= bytes.length;
      if (left < 0) throw new Error(`there is more below ${root} than a leaktest reads`);
      yield { where: relative(root, inside), bytes };
    }
  }
}

async function readChanged(path: string, since: number): Promise<Buffer | null> {
  const file = await open(path).catch(() => null); // gone, or another user's
  if (!file) return null;
  try {
    const { size, mtimeMs, ctimeMs } = await file.stat();
    if (Math.max(mtimeMs, ctimeMs) < since) return null;
    if (size > fileBytesMax) throw new Error(`${path} is larger than a leaktest reads`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
