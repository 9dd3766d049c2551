import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompressSync, gzipSync, constants as zlib } from "node:zlib";

const checkout = resolve(import.meta.dirname, "../../..");
const dashboard = join(checkout, "packages/dashboard");
const stamp = "built-from";
const compressible = /\.(js|css|html|svg)$/;
const smallestCompressed = 512;
const buildTimeoutMs = 300_000;

/** From here the API serves them. */
const builtDirectory = join(dashboard, "dist");

/**
 * Builds the dashboard's files, unless those that are there were made from just these sources.
 *
 * Made aside and renamed: what is there is whole. Beside each file that is worth it are its compressed forms.
 * Throws when the tools are not installed, as after `npm ci --omit=dev`.
 */
export async function buildDashboard(): Promise<"built" | "current"> {
  const sources = digestOfSources();
  if (readStamp() === sources) return "current";
  const vite = join(dirname(fileURLToPath(import.meta.resolve("vite/package.json"))), "bin/vite.js");
  const fresh = `${builtDirectory}.${process.pid}`;
  try {
    // A process of its own: React's two forms are told apart by NODE_ENV, which tests set to something else.
    await promisify(execFile)(
      process.execPath,
      [vite, "build", "--outDir", fresh, "--emptyOutDir", "--logLevel", "warn"],
      {
        cwd: dashboard,
        env: { NODE_ENV: "production" },
        timeout: buildTimeoutMs,
      },
    );
    compress(fresh);
    writeFileSync(join(fresh, stamp), sources);
    rmSync(builtDirectory, { recursive: true, force: true });
    renameSync(fresh, builtDirectory);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return "built";
}

/** True when there are built files, of whatever sources. */
export function isBuilt(): boolean {
  return readStamp() !== null;
}

function readStamp(): string | null {
  try {
    return readFileSync(join(builtDirectory, stamp), "utf8");
  } catch {
    return null;
  }
}

/** Of all that the built files are made from: a change of any of it is noticed, and nothing else. */
function digestOfSources(): string {
  const files = [
    ...["index.html", "vite.config.ts", "package.json"].map((name) => join(dashboard, name)),
    ...["src", "public", "build"].flatMap((name) => filesIn(join(dashboard, name))),
    ...filesIn(join(checkout, "packages/sdk/src")),
    join(checkout, "package-lock.json"),
  ].filter((file) => !file.endsWith(".test.ts"));
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${relative(checkout, file)}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function compress(directory: string): void {
  for (const file of filesIn(directory)) {
    const content = readFileSync(file);
    if (!compressible.test(file) || content.length < smallestCompressed) continue;
    writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [zlib.BROTLI_PARAM_QUALITY]: 11 } }));
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  }
}
