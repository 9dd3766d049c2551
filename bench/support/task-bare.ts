import { execFile } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureSystemUsers } from "../../packages/cli/src/system-users.ts";
import { checkout } from "../../tests/support/checkout.ts";
import { executablePath } from "../../tests/support/chromium.ts";
import { directFlag, flagsWithoutProxy } from "./direct-flags.ts";
import { type TaskSite, taskLink } from "./task-site.ts";

/** Where a bare script's time goes, in ms. */
export interface BareSteps {
  readonly launchMs: number;
  readonly contextMs: number;
  /** To open it and to read its text. */
  readonly firstPageMs: number;
  /** To click, and to read the text of where that leads. */
  readonly secondPageMs: number;
  readonly closeMs: number;
}

/** One run of the bare script. */
export interface BareRun extends BareSteps {
  /** From before the launch to after the close, by the script's own clock. */
  readonly totalMs: number;
  /** With the start of its Node, its imports and its end. */
  readonly processMs: number;
}

const run = promisify(execFile);
const runMs = 60_000;

/**
 * Prepares the bare script: the worker's Chromium with the worker's switches, and its sandbox also for root, as the worker's
 * user.
 */
export async function prepareBareScript(site: TaskSite): Promise<{ run(): Promise<BareRun>; remove(): void }> {
  const user = process.getuid?.() === 0 ? (await ensureSystemUsers()).worker : undefined;
  const directory = mkdtempSync(join(tmpdir(), "sh-bare-"));
  if (user) chownSync(directory, user.uid, user.gid);
  const script = join(import.meta.dirname, "task-bare-script.ts");
  const args = [executablePath, site.url, taskLink.text, ...flagsWithoutProxy, directFlag(site.hostMap)];
  return {
    async run() {
      const startedAt = performance.now();
      const { stdout } = await run(join(checkout, "node_modules/node/bin/node"), [script, ...args], {
        cwd: checkout,
        env: { PATH: process.env.PATH, LANG: "C.UTF-8", HOME: directory, TMPDIR: directory },
        timeout: runMs,
        ...(user && { uid: user.uid, gid: user.gid }),
      });
      const processMs = performance.now() - startedAt;
      return { ...(JSON.parse(stdout) as Omit<BareRun, "processMs">), processMs }; // task-bare-script.ts wrote it
    },
    remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
}
