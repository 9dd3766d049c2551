import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { CommandError } from "../../packages/cli/src/command-error.ts";
import { lockDirectory } from "../../packages/cli/src/directory-lock.ts";
import { runCommand } from "../../packages/cli/src/run-command.ts";
import { checkout } from "./checkout.ts";

const pinsFile = join(import.meta.dirname, "python-packages.txt");
const cacheDir = join(checkout, "node_modules", ".cache", "python");
const versionMin = [3, 10] as const;
const deadlineMs = 480_000;
const pollMs = 50;

/**
 * The path of a Python that has these packages, at the versions that python-packages.txt pins; null where no Python is.
 *
 * A test file awaits it at its top and says `describe.runIf(python)`: without a Python from 3.10 on, with venv and pip,
 * its tests are skipped and the reason is printed; with STABLEHAND_REQUIRE_PYTHON=1 it throws instead. The environment is
 * made once for each list of packages, under a lock, in node_modules/.cache. Throws when that is not done in 8 minutes.
 */
export async function pythonWith(packages: readonly string[]): Promise<string | null> {
  const pins = readFileSync(pinsFile, "utf8");
  for (const name of packages) refuseUnpinned(name, pins);
  const base = await findPython();
  if (typeof base !== "string") {
    const reason = `tests that need ${packages.join(", ")} cannot run: ${base.missing}`;
    if (process.env["STABLEHAND_REQUIRE_PYTHON"] === "1") throw new Error(reason);
    console.warn(reason);
    return null;
  }
  const wanted = [base, pins, ...packages.toSorted()].join("\n");
  const directory = join(cacheDir, createHash("sha256").update(wanted).digest("hex").slice(0, 12));
  const python = join(directory, "bin", "python");
  const doneFile = join(directory, "done");
  mkdirSync(cacheDir, { recursive: true });
  const deadline = AbortSignal.timeout(deadlineMs);
  while (!existsSync(doneFile)) {
    const lock = tryLock(`${directory}.lock`);
    if (!lock) {
      await wait(pollMs, undefined, { signal: deadline });
      continue;
    }
    try {
      if (existsSync(doneFile)) break;
      rmSync(directory, { recursive: true, force: true }); // what a killed run left
      await run("python3", ["-m", "venv", directory], deadline);
      const install = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
      await run(python, [...install, "--constraint", pinsFile, ...packages], deadline);
      writeFileSync(doneFile, "");
    } finally {
      lock.release();
    }
  }
  return python;
}

function refuseUnpinned(name: string, pins: string): void {
  const bare = name.replace(/\[.*\]$/, "");
  if (!pins.split("\n").some((line) => line.startsWith(`${bare}==`)))
    throw new Error(`${bare} is not in ${pinsFile}: add \`pip freeze\` of an environment that has it`);
}

/** The version of the Python on the path, or what is missing. */
async function findPython(): Promise<string | { readonly missing: string }> {
  const needed = `python3 ${versionMin.join(".")} or later with venv and pip (Debian: apt-get install python3-venv)`;
  try {
    const script = "import sys, venv, ensurepip; print(sys.base_prefix, *sys.version_info[:3])";
    const text = (await run("python3", ["-c", script], AbortSignal.timeout(10_000))).trim();
    const [major = 0, minor = 0] = text.split(" ").slice(-3).map(Number);
    const isNewEnough = major > versionMin[0] || (major === versionMin[0] && minor >= versionMin[1]);
    return isNewEnough ? text : { missing: `it takes ${needed}, and this is ${text}` };
  } catch {
    return { missing: `it takes ${needed}` };
  }
}

function run(file: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return runCommand(file, args, { timeoutMs: deadlineMs, env: process.env, signal });
}

function tryLock(file: string): { release(): void } | null {
  try {
    return lockDirectory(file, "taken");
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}
