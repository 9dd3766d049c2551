import { afterAll, beforeAll, expect, test } from "vitest";
import { egressTo, launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../../tests/support/fake-platforms/fake-platforms.ts";
import type { SingleUseBrowser } from "./launch.ts";

let tmp: TestTmpDir;
let fakes: FakePlatforms;
let foreign: FakePlatforms;
const browsers: SingleUseBrowser[] = [];

beforeAll(async () => {
  tmp = await ownTmpDir();
  [fakes, foreign] = await Promise.all([startFakePlatforms(), startFakePlatforms()]);
});
afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.destroy()));
  await Promise.all([fakes.stop(), foreign.stop()]);
  await tmp.stop();
});

async function newPage(platforms: Pick<FakePlatforms, "hostMap" | "caFile">) {
  const chromium = await launchTestBrowser(tmp.path, egressTo(platforms));
  browsers.push(chromium);
  return chromium.browser.newPage();
}

test("a mapped name is reached under its own name, and every other name does not resolve", async () => {
  const page = await newPage(fakes);
  const response = await page.goto("https://www.instagram.com/accounts/login/");
  expect(response?.status()).toBe(200);
  expect(fakes.requests.at(-1)?.host).toBe("www.instagram.com");
  const port = fakes.hostMap.split(":").at(-1);
  for (const url of [
    "https://example.com/",
    "https://x.com.evil.example/",
    "http://x.com/",
    "https://x.com:444/",
    "http://192.0.2.1/",
    `https://127.0.0.1:${port}/`,
    `https://localhost:${port}/`,
  ])
    await expect(page.goto(url), url).rejects.toThrow("net::ERR_NAME_NOT_RESOLVED");
});

test("a mapped host with a certificate of another CA is refused before it sees a request", async () => {
  const page = await newPage({ hostMap: foreign.hostMap, caFile: fakes.caFile });
  await expect(page.goto("https://x.com/login")).rejects.toThrow("net::ERR_CERT_AUTHORITY_INVALID");
  expect(foreign.requests).toEqual([]);
});
