import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { egressTo, launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../../tests/support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../../../tests/support/fake-platforms/fake-platforms.ts";
import type { SingleUseBrowser } from "../../browser/launch.ts";
import { type Cage, openCage } from "../../cage/open-cage.ts";
import { type AgentPage, openAgentPage } from "./agent-page.ts";

let tmp: TestTmpDir;
let fakes: FakePlatforms;
let chromium: SingleUseBrowser;
let cage: Cage;

beforeAll(async () => {
  tmp = await ownTmpDir();
  fakes = await startFakePlatforms();
  chromium = await launchTestBrowser(tmp.path, egressTo(fakes));
});
afterEach(async () => {
  fakes.setMode("twitter", "signed-in");
  await cage.context.close();
});
afterAll(async () => {
  await chromium.destroy();
  await fakes.stop();
  await tmp.stop();
});

async function openSignedIn(): Promise<AgentPage> {
  const { twitterAuthToken, twitterCt0 } = fakes.accounts.alice.values;
  cage = await openCage(chromium, { values: { twitterAuthToken, twitterCt0 } });
  const { signal } = new AbortController();
  return openAgentPage(cage.context, { viewTokensMax: 2_000, signal, network: cage.log });
}

const refused = (host: string, reason: string) => ({
  ok: false,
  text: expect.stringContaining(`! ${host} is not reachable for this task: ${reason} (`),
});

test("an address that the cage refuses is told to the model in words, over HTTPS and plain HTTP, and was not visited", async () => {
  const page = await openSignedIn();
  for (const url of ["https://elsewhere.example/", "http://elsewhere.example/", "http://elsewhere.example:8080/a"])
    expect(await page.navigate(url)).toMatchObject(refused("elsewhere.example", "host_not_allowed"));
  expect(await page.navigate("https://x.com:8443/")).toMatchObject(refused("x.com", "port_not_allowed"));
  expect(await page.navigate("https://unknown.x.com/")).toMatchObject(refused("unknown.x.com", "not_resolved"));
  expect(page.visitedHosts).toEqual([]);
  expect((await page.navigate("https://x.com/home")).ok).toBe(true);
  expect(page.visitedHosts).toEqual(["x.com"]);
});

test("so is where a site's redirect or script leads", async () => {
  const page = await openSignedIn();
  fakes.setMode("twitter", "unknown-page");
  expect(await page.navigate("https://x.com/home")).toMatchObject(refused("elsewhere.example", "host_not_allowed"));
  fakes.setMode("twitter", "popup");
  expect(await page.navigate("https://x.com/home")).toMatchObject(refused("elsewhere.example", "host_not_allowed"));
  expect(page.visitedHosts).toEqual(["x.com"]);
  expect(fakes.requests.filter(({ host }) => host === "elsewhere.example")).toEqual([]);
});
