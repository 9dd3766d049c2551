import { afterAll, beforeAll, expect, test } from "vitest";
import { egressTo, launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../../tests/support/fake-platforms/fake-platforms.ts";
import { openCage } from "../cage/open-cage.ts";
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

async function open(platforms: Pick<FakePlatforms, "hostMap" | "caFile">) {
  const chromium = await launchTestBrowser(tmp.path, egressTo(platforms));
  browsers.push(chromium);
  const { context, log } = await openCage(chromium);
  return { context, log };
}

test("a mapped name is reached under its own name, and every other name and port is not", async () => {
  const { context, log } = await open(fakes);
  const response = await (await context.newPage()).goto("https://www.instagram.com/accounts/login/");
  expect(response?.status()).toBe(200);
  expect(fakes.requests.at(-1)?.host).toBe("www.instagram.com");
  const port = fakes.hostMap.split(":").at(-1);
  const seen = fakes.requests.length;
  for (const [url, reason] of [
    ["https://example.com/", "not_resolved"],
    ["https://x.com.evil.example/", "not_resolved"],
    ["http://x.com/", "not_reached"],
    ["https://x.com:444/", "port_not_allowed"],
    ["http://192.0.2.1/", "private_address"],
    [`https://127.0.0.1:${port}/`, "port_not_allowed"],
    [`https://localhost:${port}/`, "port_not_allowed"],
  ] as const) {
    const page = await context.newPage(); // Chromium may still be showing its error page in the one before
    const status = await page.goto(url).then(
      (answer) => answer?.status(),
      (error: Error) => error.message,
    );
    expect(status, url).toBeOneOf([403, expect.stringMatching(/net::ERR_(TUNNEL_CONNECTION_FAILED|EMPTY_RESPONSE)/)]);
    expect(log.visits().at(-1), url).toMatchObject({ host: new URL(url).hostname, refused: reason });
  }
  expect(fakes.requests.length).toBe(seen);
});

test("a mapped host with a certificate of another CA is refused before it sees a request", async () => {
  const { context } = await open({ hostMap: foreign.hostMap, caFile: fakes.caFile });
  const page = await context.newPage();
  await expect(page.goto("https://x.com/login")).rejects.toThrow("net::ERR_CERT_AUTHORITY_INVALID");
  expect(foreign.requests).toEqual([]);
});
