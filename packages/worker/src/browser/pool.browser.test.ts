import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchTestBrowser, ownTmpDir, processesOf, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { parseEgress } from "./egress.ts";
import type { SingleUseBrowser } from "./launch.ts";
import { createBrowserPool } from "./pool.ts";

let tmp: TestTmpDir;
const launch = () => launchTestBrowser(tmp.path, parseEgress({ EGRESS_TEST_MODE: "1" }));

beforeAll(async () => {
  tmp = await ownTmpDir();
});
afterAll(() => tmp.stop());

test("real browsers: each once, a dead spare replaced, and after stop no process and no file is left", async () => {
  const launched: SingleUseBrowser[] = [];
  const events = new EventTarget();
  const pool = createBrowserPool({
    prewarm: 1,
    retryMs: 1,
    async launch() {
      const browser = await launch();
      launched.push(browser);
      events.dispatchEvent(new Event("launched"));
      return browser;
    },
  });
  const first = await pool.take();
  if (launched.length < 2) await once(events, "launched");
  const spare = launched.find((browser) => browser !== first);
  if (!spare) throw new Error("a second browser was launched");
  process.kill(spare.processId, "SIGKILL");
  await spare.gone;

  const second = await pool.take();
  expect(new Set([first, spare, second]).size).toBe(3);
  const context = await second.browser.newContext();
  expect(await context.cookies()).toEqual([]);

  await first.destroy();
  await pool.stop();
  await expect.poll(() => processesOf(tmp.path), { interval: 10 }).toEqual([]); // a crash handler outlives it by ms
  expect(await tmp.files()).toEqual([]);
});

test("stop in the middle of the first launch leaves nothing either", async () => {
  const pool = createBrowserPool({ prewarm: 2, launch });
  await pool.stop();
  await expect.poll(() => processesOf(tmp.path), { interval: 10 }).toEqual([]); // a crash handler outlives it by ms
  expect(await tmp.files()).toEqual([]);
});
