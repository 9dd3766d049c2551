import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  egressTo,
  launchTestBrowser,
  ownTmpDir,
  processesOf,
  type TestTmpDir,
} from "../../../../tests/support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../../tests/support/fake-platforms/fake-platforms.ts";
import { openCage } from "./open-cage.ts";

let tmp: TestTmpDir;
let fakes: FakePlatforms;

beforeAll(async () => {
  tmp = await ownTmpDir();
  fakes = await startFakePlatforms();
});
afterAll(async () => {
  await fakes.stop();
  await tmp.stop();
});

test("when Chromium's network process dies, the next one knows neither a way out nor a cookie", async () => {
  const chromium = await launchTestBrowser(tmp.path, egressTo(fakes));
  try {
    const { twitterAuthToken, twitterCt0 } = fakes.accounts.alice.values;
    const { context } = await openCage(chromium, { values: { twitterAuthToken, twitterCt0 } });
    const page = await context.newPage();
    expect((await page.goto("https://x.com/home"))?.status()).toBe(200);
    const seen = fakes.requests.length;
    for (const pid of await processesOf(tmp.path))
      if ((await readFile(`/proc/${pid}/cmdline`, "utf8")).includes("network.mojom.NetworkService"))
        process.kill(pid, "SIGKILL");
    for (const url of ["https://x.com/home", "http://x.com/", "https://elsewhere.example/"])
      expect(await (await context.newPage()).goto(url).catch(String), url).toMatch(/net::ERR_/);
    expect(fakes.requests.length).toBe(seen);
    expect(await context.cookies()).toEqual([]);
  } finally {
    await chromium.destroy();
  }
});
