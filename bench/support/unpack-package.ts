import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The files of a package, without what it depends on. */
export interface UnpackedPackage {
  readonly directory: string;
  remove(): Promise<void>;
}

const packMs = 120_000;

/** Fetches a package as npm's registry has it, and unpacks it; no script of it runs. Throws after two minutes. */
export async function unpackPackage(name: string, version: string): Promise<UnpackedPackage> {
  const root = await mkdtemp(join(tmpdir(), "stablehand-package-"));
  const remove = () => rm(root, { recursive: true, force: true });
  const run = promisify(execFile);
  // What `npm run` sets for its scripts would lead this npm to our own package.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith("npm_")));
  try {
    const options = { env, cwd: root, timeout: packMs };
    await run(
      "npm",
      ["pack", "--ignore-scripts", "--prefer-offline", "--loglevel=error", `${name}@${version}`],
      options,
    );
    const [archive = ""] = await readdir(root);
    await run("tar", ["-xzf", archive, "--no-same-owner"], options);
  } catch (error) {
    await remove();
    throw new Error(`npm could not fetch ${name}@${version}`, { cause: error });
  }
  return { directory: join(root, "package"), remove };
}
