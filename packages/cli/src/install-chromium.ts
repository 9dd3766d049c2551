import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "./command-error.ts";
import { type ChromiumSearch, type FoundChromium, findChromium, playwrightEnv } from "./find-chromium.ts";
import { isOpenToOthers } from "./places.ts";
import { runCommand } from "./run-command.ts";

const debianPackages = ["chromium", "chromium-sandbox", "fonts-liberation", "fonts-noto-color-emoji"];

/**
 * The Chromium to use, installed first when there is none, and says so through `log`.
 *
 * As root on Debian by apt-get, otherwise by Playwright's download. Deadline 15 min in all. `signal` ends it early.
 * Throws a sentence with what to do when every way failed.
 */
export async function ensureChromium(
  search: ChromiumSearch,
  { log, signal }: { log: (line: string) => void; signal?: AbortSignal },
): Promise<FoundChromium> {
  const present = await findChromium(search);
  if (present) return present;
  const failures: string[] = [];
  for (const way of [installByApt, installByPlaywright]) {
    try {
      const tried = await way(search, log, signal);
      const found = tried ? await findChromium(search) : null;
      if (found) return found;
    } catch (error) {
      if (signal?.aborted) throw error;
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new CommandError(
    `${["No Chromium was found, and none could be installed.", ...failures].join("\n")}\n` +
      "Install one (Debian: apt-get install chromium; or Google Chrome) or set CHROMIUM_PATH to the binary of one, and start again.",
  );
}

type Way = (search: ChromiumSearch, log: (line: string) => void, signal?: AbortSignal) => Promise<boolean>;

const installByApt: Way = async ({ env, isRoot }, log, signal) => {
  // Ubuntu's package only asks for a snap, which cannot run under another user's sandbox.
  if (!isRoot || (await distribution()) !== "debian") return false;
  log(`No Chromium found; installing the Debian packages ${debianPackages.join(", ")} with apt-get …`);
  const aptEnv = { ...env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (args: string[], timeoutMs: number): Promise<string> =>
    runCommand("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=120", ...args], { env: aptEnv, timeoutMs, signal });
  await apt(["update"], 180_000);
  await apt(["install", "--yes", "--no-install-recommends", ...debianPackages], 420_000);
  return true;
};

const installByPlaywright: Way = async (search, log, signal) => {
  const cli = join(search.programDir, "node_modules", "playwright-core", "cli.js");
  log("No Chromium found; downloading the one that Playwright offers …");
  const env = playwrightEnv(search);
  const withLibraries = search.isRoot && (await distribution()) !== null ? ["--with-deps"] : [];
  const args = [cli, "install", ...withLibraries, "chromium"];
  await runCommand(process.execPath, args, { env, timeoutMs: 300_000, signal });
  if (search.isRoot && !isOpenToOthers(search.browsersDir)) {
    throw new CommandError(`${search.browsersDir} is closed to other users; run chmod -R o+rX on it`);
  }
  return true;
};

/** "debian", or another distribution that has apt-get, or null. */
async function distribution(): Promise<string | null> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  const value = (name: string): string => new RegExp(`^${name}="?([^"\n]*)`, "m").exec(text)?.[1] ?? "";
  const id = value("ID");
  return id === "debian" || /\b(debian|ubuntu)\b/.test(`${id} ${value("ID_LIKE")}`) ? id : null;
}
