import { readdir, readFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";

/** A built file, and its compressed forms where there are such. */
export interface DashboardFile {
  readonly type: string;
  readonly content: Buffer;
  readonly br: Buffer | null;
  readonly gzip: Buffer | null;
  /** True when its name has a hash of what is in it, so that under this name it never changes. */
  readonly isHashed: boolean;
}

const builtDirectory = resolve(import.meta.dirname, "../../../dashboard/dist");

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  woff2: "font/woff2",
  md: "text/markdown; charset=utf-8",
};

/** Reads the dashboard's built files, by their path on the server such as `/assets/index-x.js`; empty when it is not built. */
export async function readDashboardFiles(directory = builtDirectory): Promise<ReadonlyMap<string, DashboardFile>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = new Set(entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)));
  const read = (path: string) => (paths.has(path) ? readFile(path) : null);
  const files = new Map<string, DashboardFile>();
  for (const path of paths) {
    const type = types[path.split(".").at(-1) ?? ""];
    if (!type) continue;
    const [content, br, gzip] = await Promise.all([readFile(path), read(`${path}.br`), read(`${path}.gz`)]);
    const address = `/${relative(directory, path).split(sep).join("/")}`;
    files.set(address, { type, content, br, gzip, isHashed: address.startsWith("/assets/") });
  }
  return files;
}
