import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkout } from "./checkout.ts";

/** The directory of a package that tests use as a program; installed once, into node_modules/.cache, which wants the npm registry. */
export async function installPackage(name: string, version: string): Promise<string> {
  const place = join(checkout, "node_modules/.cache/runtimes", `${name.replace("/", "-")}-${version}`);
  const directory = join(place, "node_modules", name);
  if (existsSync(directory)) return directory;
  const flags = ["--no-save", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"];
  const args = ["install", "--prefix", place, ...flags, `${name}@${version}`];
  await promisify(execFile)("npm", args, { timeout: 300_000 });
  return directory;
}
