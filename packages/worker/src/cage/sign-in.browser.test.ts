import { createServer, type Server } from "node:http";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { openAgentPage } from "../agent/page/agent-page.ts";
import { parseEgress } from "../browser/egress.ts";
import type { SingleUseBrowser } from "../browser/launch.ts";
import { type Cage, openCage } from "./open-cage.ts";

// A stranger's page is open when an account is: whatever it has running must be gone before the cookies are there.

let tmp: TestTmpDir;
let site: Server;
let chromium: SingleUseBrowser;
let cage: Cage;
/** Paths that the stranger's scripts asked for, in order. */
const asked: string[] = [];
const values = { twitterAuthToken: "CANARY-token", twitterCt0: "CANARY-ct0" };

const pages: Record<string, string> = {
  "/ticks": `<title>ticks</title><script>setInterval(() => fetch("/tick"), 20)</script>`,
  "/frame": `<title>frame</title><iframe src="/ticks"></iframe>`,
  "/shared": `<title>shared</title><script>new SharedWorker("/shared.js")</script>`,
  "/worker": `<title>worker</title><script>new Worker("/shared.js")</script>`,
  "/kept": `<title>kept</title><script>addEventListener("freeze", () => 0); setInterval(() => fetch("/tick"), 20)</script>`,
  "/next": `<title>next</title>`,
  "/opens": `<title>opens</title><script>
    setInterval(() => open("/ticks?" + Math.random()), 5);
    for (const end of ["pagehide", "visibilitychange", "unload", "beforeunload"]) addEventListener(end, () => open("/ticks"));
  </script>`,
};

beforeAll(async () => {
  tmp = await ownTmpDir();
  site = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://stranger.example").pathname;
    asked.push(path);
    if (path === "/shared.js")
      return void response
        .writeHead(200, { "content-type": "text/javascript" })
        .end(`setInterval(() => fetch("/tick"), 20)`);
    response.writeHead(200, { "content-type": "text/html" }).end(pages[path] ?? "");
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const bound = site.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has a port");
  const EGRESS_HOST_MAP = `stranger.example:80=127.0.0.1:${bound.port}`;
  chromium = await launchTestBrowser(tmp.path, parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_HOST_MAP }));
});
beforeEach(async () => {
  // Allowed, so that what still runs would be heard of.
  cage = await openCage(chromium, { allowedHosts: [".stranger.example"] });
});
afterEach(() => cage.context.close());
afterAll(async () => {
  await chromium.destroy();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
  await tmp.stop();
});

/** All that Chromium has running, of every context. */
async function targets(): Promise<string[]> {
  const session = await chromium.browser.newBrowserCDPSession();
  const { targetInfos } = await session.send("Target.getTargets");
  await session.detach();
  return targetInfos.map(({ type, url }) => `${type} ${url}`);
}

async function openStranger(path: string): Promise<Page> {
  const page = await cage.context.newPage();
  await page.goto(`http://stranger.example${path}`, { waitUntil: "commit" });
  return page;
}

const ticks = () => asked.filter((path) => path === "/tick").length;

/** Goes a way of its own: it is through when whatever was asked for before has arrived. */
async function roundTrip(): Promise<void> {
  const page = await openStranger("/next");
  await page.waitForLoadState();
  await page.close();
}

test.each(["/ticks", "/frame", "/shared", "/worker"])(
  "of a stranger's page %s no page, frame, worker or running script is left when an account is opened",
  async (path) => {
    asked.length = 0;
    await openStranger(path);
    await expect.poll(ticks, { timeout: 10_000, interval: 10 }).toBeGreaterThan(2); // the control: it runs
    await cage.signIn(values);
    expect((await targets()).filter((target) => target.includes("stranger.example"))).toEqual([]);
    expect(cage.context.pages()).toEqual([]);
    await roundTrip();
    const before = ticks();
    for (let n = 0; n < 3; n++) await roundTrip();
    expect(ticks()).toBe(before);
    expect((await cage.context.cookies()).length).toBeGreaterThan(0);
  },
);

test("a page that was left, and may be kept for going back to, is not there any more either", async () => {
  asked.length = 0;
  const page = await openStranger("/kept");
  await expect.poll(ticks, { timeout: 10_000, interval: 10 }).toBeGreaterThan(2);
  await page.goto("http://stranger.example/next");
  await cage.signIn(values);
  const after = await cage.context.newPage();
  expect(await after.goBack()).toBe(null);
  expect((await targets()).filter((target) => target.includes("stranger.example"))).toEqual([]);
});

test("pop-ups that a page opens while it is closed are closed too", async () => {
  for (let n = 0; n < 5; n++) {
    await openStranger("/opens");
    await expect.poll(() => cage.context.pages().length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(2);
    await cage.signIn(values);
    expect((await targets()).filter((target) => target.includes("stranger.example"))).toEqual([]);
    await roundTrip();
    const before = ticks();
    await roundTrip();
    expect(ticks()).toBe(before);
  }
});

test("the agent goes on with an empty page, and is told so", async () => {
  const { signal } = new AbortController();
  const page = await openAgentPage(cage.context, { viewTokensMax: 1_000, signal, network: cage.log });
  await page.navigate("http://stranger.example/ticks");
  await cage.signIn(values);
  const seen = await page.observe();
  expect(seen).toMatchObject({ ok: true, text: expect.stringContaining("! The page is empty: navigate somewhere.") });
  expect(seen.text).not.toContain("tab");
  expect(await page.navigate("http://stranger.example/next")).toMatchObject({ ok: true });
});
