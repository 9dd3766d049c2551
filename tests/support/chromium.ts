import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Egress, parseEgress } from "../../packages/worker/src/browser/egress.ts";
import { launchBrowser, type SingleUseBrowser } from "../../packages/worker/src/browser/launch.ts";
import type { FakePlatforms } from "./fake-platforms/fake-platforms.ts";

/** The browser the tests run; `CHROMIUM_PATH` wins. */
export const executablePath = process.env.CHROMIUM_PATH ?? "/usr/lib/chromium/chromium";

/** A TMPDIR of the test file's own, in effect until `stop`. */
export interface TestTmpDir {
  readonly path: string;
  /** What is left in it. */
  files(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Makes a directory and points this process's TMPDIR to it, as a worker's main does. */
export async function ownTmpDir(): Promise<TestTmpDir> {
  const before = tmpdir();
  const path = await mkdtemp(join(before, "sh-"));
  process.env.TMPDIR = path;
  return {
    path,
    files: () => readdir(path),
    async stop() {
      process.env.TMPDIR = before;
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Launches a browser as a worker does, except that as root, where tests may run, its sandbox has to stay off. */
export function launchTestBrowser(tmpDir: string, egress: Egress): Promise<SingleUseBrowser> {
  return launchBrowser({ executablePath, tmpDir, mode: "headless", egress, sandbox: process.getuid?.() !== 0 });
}

/** The egress that leads every platform's name to the fakes. `caFile` is theirs unless a test wants another. */
export function egressTo({ hostMap, caFile }: Pick<FakePlatforms, "hostMap" | "caFile">): Egress {
  return parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_HOST_MAP: hostMap, EGRESS_CA_FILE: caFile });
}

/** The processes whose command line or environment names `directory`: those of every browser that lives in it. */
export async function processesOf(directory: string): Promise<number[]> {
  const ids = (await readdir("/proc")).map(Number).filter((id) => id > 0 && id !== process.pid);
  const named = await Promise.all(
    ids.map(async (id) => {
      const texts = [readFile(`/proc/${id}/cmdline`, "utf8"), readFile(`/proc/${id}/environ`, "utf8")];
      // A process may end, or be another user's, while we look.
      const found = await Promise.all(texts.map((text) => text.catch(() => "")));
      return found.some((text) => text.includes(directory)) ? [id] : [];
    }),
  );
  return named.flat();
}
