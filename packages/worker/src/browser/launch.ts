import { access, constants, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, chromium, errors } from "playwright-core";
import type { Internet } from "../cage/internet.ts";
import type { Egress } from "./egress.ts";
import { explainLaunchFailure } from "./launch-failure.ts";
import { launchFlags } from "./launch-flags.ts";

/** What `BROWSER_MODE` may say; headful needs a display, such as Xvfb's. */
export const browserModes = ["headless", "headful"] as const;

/** How Chromium is run. */
export type BrowserMode = (typeof browserModes)[number];

/** What a browser is launched with. */
export interface LaunchBrowserOptions {
  /** The real binary: Debian's wrapper script costs 0.3 s more and reads the user's settings. */
  readonly executablePath: string;
  /** The worker's own TMPDIR, see `launchBrowser`. */
  readonly tmpDir: string;
  readonly mode: BrowserMode;
  readonly egress: Egress;
  /** DISPLAY and XAUTHORITY of headful browsers, see `openDisplay`. */
  readonly display?: Readonly<Record<string, string>>;
  /** False only in tests that run as root, where Chromium refuses to start with its sandbox. */
  readonly sandbox?: boolean;
  readonly timeoutMs?: number;
}

/** A Chromium that serves one task and is then destroyed, with its profile. */
export interface SingleUseBrowser {
  readonly browser: Browser;
  /** What its contexts' proxies lead to. A context without a proxy of its own reaches nothing, see `openCage`. */
  readonly internet: Internet;
  /** Of the main process, which leads a process group of its own. */
  readonly processId: number;
  /** Resolves when the browser has ended, whoever ended it; its files may still be there until `destroy`. */
  readonly gone: Promise<void>;
  /** Ends the browser, by SIGKILL to its process group when it does not close, and removes its files. Safe twice. */
  destroy(): Promise<void>;
}

const closeMs = 2_000;

/** All that Chromium needs of the worker's environment, which holds secrets it must not see. */
const passedOn = ["PATH", "LANG", "LC_ALL", "TZ"];

/**
 * Starts an empty Chromium over the debugging pipe.
 *
 * Playwright makes the profile in the process's TMPDIR, so that must be `tmpDir`: private to this worker and emptied
 * when it starts, which removes what a killed worker left.
 * Errors: BrowserLaunchError, with nothing left behind. Takes `timeoutMs` at most, by default 30 s, plus the killing.
 * HOME and TMPDIR of Chromium are a directory of this browser's own: crash dumps, which hold cookies, go there and are
 * removed with it. (`--disable-crashpad-for-testing` makes Chromium 156's network service crash over and over.)
 * Linux only. Signals are the worker's: Playwright's handlers would end the process in the middle of its clean stop.
 */
export async function launchBrowser(options: LaunchBrowserOptions): Promise<SingleUseBrowser> {
  const { executablePath, tmpDir, mode, egress, display, sandbox = true, timeoutMs = 30_000 } = options;
  if (tmpdir() !== resolve(tmpDir)) throw new Error(`start the worker with TMPDIR=${tmpDir}: it is ${tmpdir()}`);

  const directory = await mkdtemp(join(tmpDir, "b-")); // short: the path of a socket in it has 107 bytes at most
  let browser: Browser | undefined;
  try {
    await access(executablePath, constants.X_OK); // Playwright would make a profile first and leave it
    browser = await chromium.launch({
      executablePath,
      headless: mode === "headless",
      chromiumSandbox: sandbox,
      args: [...launchFlags.map(([flag]) => flag), ...egress.chromiumFlags],
      env: { ...pick(process.env, passedOn), ...display, HOME: directory, TMPDIR: directory },
      artifactsDir: directory,
      handleSIGHUP: false,
      handleSIGINT: false,
      handleSIGTERM: false,
      timeout: timeoutMs,
    });
    const processId = await processIdOf(browser);
    return singleUse(browser, egress.internet, { processId, directories: [directory, await profileOf(processId)] });
  } catch (error) {
    await browser?.close();
    await endLateLaunch(error);
    await rm(directory, { recursive: true, force: true });
    throw explainLaunchFailure(error, options);
  }
}

function singleUse(
  browser: Browser,
  internet: Internet,
  { processId, directories }: { processId: number; directories: readonly string[] },
): SingleUseBrowser {
  const gone = new Promise<void>((resolve) => browser.once("disconnected", () => resolve()));
  let destroyed: Promise<void> | undefined;

  async function tearDown(): Promise<void> {
    const closed = browser.close();
    await settlesWithin(closed, closeMs);
    killGroup(processId); // also when the browser has ended: a child of it that lives on would write into its directory
    await settlesWithin(closed, closeMs);
    // Playwright removes the profile too, but does not wait for that when the browser ended by itself.
    for (const directory of directories) await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }

  return { browser, internet, processId, gone, destroy: () => (destroyed ??= tearDown()) };
}

/** After its own time-out Playwright 1.65 leaves the process and the profile; its message has the log that names both. */
async function endLateLaunch(error: unknown): Promise<void> {
  if (!(error instanceof errors.TimeoutError)) return;
  const [, processId] = /<launched> pid=(\d+)/.exec(error.message) ?? [];
  const [, profile] = /--user-data-dir=(.+?) --remote-debugging-pipe/.exec(error.message) ?? [];
  if (processId) killGroup(Number(processId));
  if (profile) await rm(profile, { recursive: true, force: true, maxRetries: 3 });
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error; // it has just ended
  }
}

async function processIdOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const main = processInfo.find(({ type }) => type === "browser");
  if (!main) throw new Error("Chromium does not name its main process");
  return main.id;
}

async function profileOf(processId: number): Promise<string> {
  const flag = "--user-data-dir=";
  const line = await readFile(`/proc/${processId}/cmdline`, "utf8");
  const profile = line.split("\0").find((argument) => argument.startsWith(flag));
  if (!profile) throw new Error("Chromium does not name its profile");
  return profile.slice(flag.length);
}

async function settlesWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  return Promise.race([promise.then(() => true), late]).finally(() => clearTimeout(timer));
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) if (env[name]) picked[name] = env[name];
  return picked;
}
