import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { egressTo, launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../../tests/support/fake-platforms/fake-platforms.ts";
import type { SingleUseBrowser } from "../browser/launch.ts";
import { openCage } from "../cage/open-cage.ts";
import { watchNavigation } from "./watch-navigation.ts";

let tmp: TestTmpDir;
let fakes: FakePlatforms;
let chromium: SingleUseBrowser;

beforeAll(async () => {
  tmp = await ownTmpDir();
  fakes = await startFakePlatforms();
  chromium = await launchTestBrowser(tmp.path, egressTo(fakes));
});
afterAll(async () => {
  await chromium.destroy();
  await fakes.stop();
  await tmp.stop();
});

test("a page that has asked for another is not quiet until the answer is there, however long it takes", async () => {
  const page = await (await openCage(chromium)).context.newPage();
  const answer = Promise.withResolvers<void>();
  await page.route("**/verification", async (route) => {
    await answer.promise;
    await route.continue();
  });
  const navigation = watchNavigation(page);
  await page.goto("https://www.reddit.com/login");
  expect(await navigation.quiet(5)).toEqual({ url: "https://www.reddit.com/login", status: 200 });

  const asked = page.waitForRequest("**/verification");
  await page.evaluate(() => location.replace("/verification"));
  await asked;
  expect(navigation.isAt("https://www.reddit.com/login")).toBe(false);
  const quiet = navigation.quiet(5);
  expect(await Promise.race([quiet, setTimeout(50, "still under way")])).toBe("still under way");
  answer.resolve();
  expect(await quiet).toEqual({ url: "https://www.reddit.com/verification", status: 200 });
});
