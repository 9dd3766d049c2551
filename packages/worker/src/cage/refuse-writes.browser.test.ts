import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { createCertificateAuthority } from "../../../../tests/support/fake-platforms/certificates.ts";
import { type WriteChannel, writeChannels } from "../../../../tests/support/write-site/write-channels.ts";
import { pathOf, startWriteSite, type WriteSite } from "../../../../tests/support/write-site/write-site.ts";
import { type Egress, parseEgress } from "../browser/egress.ts";
import type { SingleUseBrowser } from "../browser/launch.ts";
import { type Cage, type CageOptions, openCage } from "./open-cage.ts";

let tmp: TestTmpDir;
let site: WriteSite;
let egress: Egress;
let browser: SingleUseBrowser;
const values = { twitterAuthToken: "CANARY-auth-token", twitterCt0: "CANARY-ct0" };

beforeAll(async () => {
  tmp = await ownTmpDir();
  const authority = await createCertificateAuthority();
  site = await startWriteSite(await authority.issue(["x.com", "twitter.com", "public.example"]));
  const caFile = join(tmp.path, "ca.pem");
  await writeFile(caFile, authority.certificate);
  egress = parseEgress({
    EGRESS_TEST_MODE: "1",
    EGRESS_CA_FILE: caFile,
    EGRESS_HOST_MAP: ["x.com", "twitter.com", "public.example"]
      .map((host) => `${host}:443=127.0.0.1:${site.port}`)
      .join(),
  });
});
beforeEach(async () => {
  site.writes.length = 0;
  browser = await launchTestBrowser(tmp.path, egress);
});
afterEach(() => browser.destroy());
afterAll(async () => {
  await site.stop();
  await tmp.stop();
});

const hasWritten = (channel: WriteChannel) => site.writes.some(({ path }) => path === pathOf(channel));

/** Whether `condition` comes true within `timeoutMs`. */
function comesTrue(condition: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  return expect
    .poll(condition, { timeout: timeoutMs, interval: 20 })
    .toBe(true)
    .then(
      () => true,
      () => false,
    );
}

/** Visits every page of the site that tries to write, signed in, and names those that were not through with trying. */
async function tryEverything(cage: Cage, mode: "read" | "act"): Promise<string[]> {
  const untried: string[] = [];
  // Where it may act, a socket that is opened after the page is done with its script is still waited for.
  const mayBeSilent = ({ quiet, blind }: WriteChannel) => quiet === true && (mode === "read" || blind !== undefined);
  for (const channel of writeChannels) {
    const before = cage.log.refusals();
    const page = await cage.context.newPage();
    await page.goto(`https://x.com/write/${channel.name}`, { waitUntil: "commit" });
    const hasTried = async () => (await page.title().catch(() => "")) === "tried"; // its attempt may have replaced it
    const isThrough = async () =>
      hasWritten(channel) || cage.log.refusals() > before || (mayBeSilent(channel) && (await hasTried()));
    if (!(await comesTrue(isThrough, channel.blind ? 5_000 : 30_000))) untried.push(channel.name);
    // Closing a page that is just being replaced may never come to its end: the browser's end is soon enough.
    for (const open of cage.context.pages()) void open.close().catch(() => undefined);
  }
  const page = await cage.context.newPage();
  await page.goto("https://x.com/late"); // reports are sent with a delay: a full second on this page
  await page.waitForFunction(() => document.title === "tried");
  return untried;
}

test("in a browser that may act each way to write is seen to work, but for those that the table says why", async () => {
  const cage = await openCage(browser, { values });
  await tryEverything(cage, "act");
  const silent = writeChannels.filter((channel) => !hasWritten(channel));
  expect(silent.map(({ name }) => name)).toEqual(writeChannels.flatMap(({ name, blind }) => (blind ? [name] : [])));
  expect(writeChannels.length - silent.length).toBeGreaterThanOrEqual(45);
  expect(site.writes.filter(({ cookie }) => cookie.includes("CANARY-auth-token")).length).toBeGreaterThan(40);
  expect(cage.takeRefusedWrite()).toBe(false);
}, 300_000);

test("in a read-only browser the site sees no write by any of them, and the refusals are counted", async () => {
  const reads = site.reads();
  const cage = await openCage(browser, { values, isReadOnly: true });
  expect(await tryEverything(cage, "read")).toEqual([]);
  expect(site.writes).toEqual([]);
  expect(site.reads() - reads).toBeGreaterThan(writeChannels.length); // reading went on
  const refused = cage.log.visits().filter((visit) => visit.refused === "read_only");
  expect(refused.map(({ host }) => host).sort()).toEqual(["twitter.com", "x.com"]);
  expect(refused.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(40);
  expect([cage.takeRefusedWrite(), cage.takeRefusedWrite()]).toEqual([true, false]);
}, 300_000);

async function post(cage: Cage, url: string): Promise<boolean> {
  const page = await cage.context.newPage();
  await page.goto(new URL("/empty", url).href);
  const passed = await page.evaluate(
    (to) =>
      fetch(to, { method: "POST", body: "d" }).then(
        () => true,
        () => false,
      ),
    url,
  );
  await page.close();
  return passed;
}

const read = "https://x.com/i/api/graphql/q1/SearchTimeline";
const write = "https://x.com/i/api/graphql/q2/CreateTweet";

async function open(options: CageOptions): Promise<Cage> {
  return openCage(browser, { isReadOnly: true, ...options });
}

test("what a platform reads by POST passes", async () => {
  const cage = await open({ values });
  expect(await post(cage, read)).toBe(true);
  expect(cage.takeRefusedWrite()).toBe(false);
});

test("an account that is opened later is under the same rule, and so is a host of no platform", async () => {
  const cage = await open({});
  expect(await post(cage, "https://public.example/i/api/graphql/q/CreateTweet")).toBe(false);
  await cage.signIn(values);
  expect(await post(cage, read)).toBe(true);
  expect(await post(cage, write)).toBe(false);
  expect(site.writes).toEqual([]);
});

test("a site's reports are refused, and not told of", async () => {
  const cage = await open({ values });
  expect(await post(cage, "https://x.com/i/api/1.1/jot/client_event.json")).toBe(false);
  expect(cage.takeRefusedWrite()).toBe(false);
  expect(cage.log.lastRefusal("x.com")).toBe("read_only");
});

test("an address of plain HTTP is opened by HTTPS", async () => {
  const cage = await open({ values });
  const page = await cage.context.newPage();
  await page.goto("http://x.com/empty");
  expect(page.url()).toBe("https://x.com/empty");
});
