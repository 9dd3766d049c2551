import { access, constants, open, realpath, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { CommandError } from "./command-error.ts";
import { isOpenToOthers } from "./places.ts";
import { runCommand } from "./run-command.ts";

/** Where browsers are looked for. */
export interface ChromiumSearch {
  readonly env: NodeJS.ProcessEnv;
  /** Root's worker runs as another user, who must be able to enter the browser's directory. */
  readonly isRoot: boolean;
  /** The directory that holds `node_modules`. */
  readonly programDir: string;
  /** Where a Chromium downloaded by root is kept; see places.ts. */
  readonly browsersDir: string;
  /** Files to try before the `PATH`; the distributions' usual places unless given. */
  readonly usualPlaces?: readonly string[];
}

/** A browser's real binary. */
export interface FoundChromium {
  readonly path: string;
  readonly from: "CHROMIUM_PATH" | "system" | "playwright";
}

const linuxPlaces = [
  "/usr/lib/chromium/chromium",
  "/usr/lib/chromium-browser/chromium-browser",
  "/usr/lib64/chromium-browser/chromium-browser",
  "/usr/lib64/chromium/chromium",
  "/opt/google/chrome/chrome",
  "/opt/chromium.org/chromium/chromium",
];

const macPlaces = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const commands = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * The Chromium to use: `CHROMIUM_PATH`, else the system's, else Playwright's; null when there is none.
 *
 * Of the system's only a real binary counts: a wrapper script costs 300 ms at each launch (design.md §6), and Ubuntu's
 * only starts a snap. Throws when `CHROMIUM_PATH` is set and is no executable file.
 */
export async function findChromium(search: ChromiumSearch): Promise<FoundChromium | null> {
  const { env, isRoot } = search;
  if (env.CHROMIUM_PATH) {
    const problem = await problemWith(env.CHROMIUM_PATH, isRoot);
    if (problem)
      throw new CommandError(`CHROMIUM_PATH is ${env.CHROMIUM_PATH}, but ${problem}. Correct it or leave it out.`);
    return { path: env.CHROMIUM_PATH, from: "CHROMIUM_PATH" };
  }
  const usual = search.usualPlaces ?? (process.platform === "darwin" ? macPlaces : linuxPlaces);
  const directories = (env.PATH ?? "").split(delimiter).filter((directory) => directory !== "");
  const onPath = directories.flatMap((directory) => commands.map((command) => join(directory, command)));
  for (const candidate of [...usual, ...onPath]) {
    const path = await realpath(candidate).catch(() => null);
    if (path && !(await problemWith(path, isRoot)) && (await isBinary(path))) return { path, from: "system" };
  }
  const path = await playwrightChromium(search);
  return path && !(await problemWith(path, isRoot)) ? { path, from: "playwright" } : null;
}

/** The environment for Playwright's own commands: root's downloads go where the worker's user can enter. */
export function playwrightEnv({ env, isRoot, browsersDir }: ChromiumSearch): NodeJS.ProcessEnv {
  return isRoot && !env.PLAYWRIGHT_BROWSERS_PATH ? { ...env, PLAYWRIGHT_BROWSERS_PATH: browsersDir } : env;
}

async function playwrightChromium(search: ChromiumSearch): Promise<string | null> {
  const entry = join(search.programDir, "node_modules", "playwright-core", "index.js");
  const script = "console.log(require(process.argv[1]).chromium.executablePath())";
  // In a process of its own: importing Playwright costs this one memory for as long as it runs.
  const output = await runCommand(process.execPath, ["-e", script, entry], {
    timeoutMs: 20_000,
    env: playwrightEnv(search),
  }).catch(() => "");
  return output.trim() || null;
}

async function problemWith(path: string, isRoot: boolean): Promise<string | null> {
  const stats = await stat(path).catch(() => null);
  if (!stats) return "there is no such file";
  if (!stats.isFile()) return "that is no file";
  const mayRun = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!mayRun) return "that file cannot be executed";
  return isRoot && !isOpenToOthers(path) ? "other users, one of whom runs the browser, cannot execute it there" : null;
}

async function isBinary(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.toString("latin1") !== "#!";
  } finally {
    await file.close();
  }
}
