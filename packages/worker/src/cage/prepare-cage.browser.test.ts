import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { egressTo, launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../../tests/support/fake-platforms/fake-platforms.ts";
import type { SingleUseBrowser } from "../browser/launch.ts";
import { openCage, prepareCage } from "./open-cage.ts";

let tmp: TestTmpDir;
let fakes: FakePlatforms;
let browser: SingleUseBrowser;

beforeAll(async () => {
  tmp = await ownTmpDir();
  fakes = await startFakePlatforms();
  fakes.setMode("twitter", "feed");
  browser = await launchTestBrowser(tmp.path, egressTo(fakes));
});
beforeEach(() => {
  fakes.requests.length = 0;
});
afterAll(async () => {
  await browser.destroy();
  await fakes.stop();
  await tmp.stop();
});

const home = "https://x.com/home";

test("a prepared cage reaches nothing and holds nothing until it is opened, and then is as any other, once", async () => {
  await prepareCage(browser);
  const [waiting, ...others] = browser.browser.contexts();
  if (!waiting || others.length > 0) throw new Error("one context is prepared");
  const early = await waiting.newPage();
  await expect(early.goto(home)).rejects.toThrow(/ERR_TUNNEL_CONNECTION_FAILED/);
  expect([fakes.requests, await waiting.cookies()]).toEqual([[], []]);
  await early.close();

  const first = await openCage(browser, { values: fakes.accounts.alice.values });
  expect(first.context).toBe(waiting);
  const page = await first.context.newPage();
  await page.goto(home);
  await expect(page.goto("https://elsewhere.example/")).rejects.toThrow(/ERR_TUNNEL_CONNECTION_FAILED/);
  expect(fakes.requests[0]?.cookie).toContain("auth_token=");
  expect(first.log.lastRefusal("elsewhere.example")).toBe("host_not_allowed");

  const second = await openCage(browser);
  expect(second.context).not.toBe(waiting);
  expect(await second.context.cookies()).toEqual([]);
  await Promise.all([first.context.close(), second.context.close()]);
});

test("a read-only cage is another than the one that is prepared, whose way out knows sockets", async () => {
  await prepareCage(browser);
  const [waiting] = browser.browser.contexts();
  const readOnly = await openCage(browser, { isReadOnly: true });
  expect(readOnly.context).not.toBe(waiting);
  expect((await openCage(browser)).context).toBe(waiting);
  await Promise.all(browser.browser.contexts().map((context) => context.close()));
});
