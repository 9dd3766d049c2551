import { afterAll, beforeAll, expect, test } from "vitest";
import { egressTo, launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../../tests/support/fake-platforms/fake-platforms.ts";
import { playRandom } from "../../../../tests/support/random-pages/play-random.ts";
import type { SingleUseBrowser } from "../browser/launch.ts";

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

// `npm run bench -- random-pages` plays 3,000; each seed is its own page and model.
test("of 50 random pages and models none gets a cookie's value to the model, a step, the end or the html", {
  timeout: 300_000,
}, async () => {
  const { plays, removed, modelCalls, hits } = await playRandom(
    chromium,
    Array.from({ length: 50 }, (_, seed) => seed),
  );
  expect(plays).toBe(50);
  expect(removed).toBeGreaterThan(plays);
  expect(modelCalls).toBeGreaterThan(plays);
  expect(hits).toEqual([]);
});
