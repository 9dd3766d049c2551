import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { processesOf } from "../../tests/support/chromium.ts";

/** A package of somebody else's, installed for the length of a bench. */
export interface InstalledPeer {
  /** Where its files are, under `node_modules`. */
  readonly directory: string;
  /** A directory for what it writes: its TMPDIR, its browser's profile. */
  readonly scratch: string;
  /** Ends every process that names these directories and removes them. */
  remove(): Promise<void>;
}

const installMs = 120_000;

/** Installs one package and what it needs, without its install scripts. Throws when that takes over two minutes. */
export async function installPeer(name: string, version: string): Promise<InstalledPeer> {
  const root = await mkdtemp(join(tmpdir(), "stablehand-peer-"));
  const scratch = join(root, "scratch");
  await mkdir(scratch);

  async function remove(): Promise<void> {
    for (const id of await processesOf(root)) end(id);
    await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  // What `npm run` sets for its scripts would lead this npm to our own package.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith("npm_")));
  const flags = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  try {
    await promisify(execFile)("npm", ["install", ...flags, "--prefix", root, `${name}@${version}`], {
      env,
      cwd: root,
      timeout: installMs,
    });
  } catch (error) {
    await remove();
    throw new Error(`npm could not install ${name}@${version}`, { cause: error });
  }
  return { directory: join(root, "node_modules", name), scratch, remove };
}

function end(processId: number): void {
  try {
    process.kill(processId, "SIGKILL");
  } catch {
    // It ended while we looked.
  }
}
