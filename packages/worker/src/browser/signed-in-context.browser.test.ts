import { type CredentialField, credentialFieldNames, credentialFields } from "@stablehand/contract";
import type { BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { egressTo, launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../../tests/support/fake-platforms/fake-platforms.ts";
import { openCage } from "../cage/open-cage.ts";
import type { SingleUseBrowser } from "./launch.ts";
import { CookieRefusedError } from "./signed-in-context.ts";

let tmp: TestTmpDir;
let fakes: FakePlatforms;
let chromium: SingleUseBrowser;

beforeAll(async () => {
  tmp = await ownTmpDir();
  fakes = await startFakePlatforms();
  chromium = await launchTestBrowser(tmp.path, egressTo(fakes));
});
afterEach(async () => {
  await Promise.all(chromium.browser.contexts().map((context) => context.close()));
  fakes.requests.length = 0;
});
afterAll(async () => {
  await chromium.destroy();
  await fakes.stop();
  await tmp.stop();
});

async function cookieHeaderAt(context: BrowserContext, url: string): Promise<string[]> {
  const page = await context.newPage();
  await page.goto(url);
  const request = fakes.requests.find(({ host, path }) => `https://${host}${path}` === url);
  return request?.cookie ? request.cookie.split("; ").sort() : [];
}

test("every one of the twelve cookies is in the jar with the table's attributes, on each of its domains", async () => {
  const { values } = fakes.accounts.alice;
  const { context } = await openCage(chromium, { values: values });
  const expected = credentialFieldNames.flatMap((field) => {
    const { cookie: name, domains, httpOnly } = credentialFields[field];
    const rest = { path: "/", secure: true, sameSite: "None", expires: -1 };
    return domains.map((domain) => expect.objectContaining({ name, domain, value: values[field], httpOnly, ...rest }));
  });
  const jar = await context.cookies();
  expect(jar).toHaveLength(expected.length);
  expect(jar).toEqual(expect.arrayContaining(expected));
});

const twitterCookies = ["auth_token=CANARY-twitterAuthToken-alice", "ct0=CANARY-twitterCt0-alice"];
const googleCookies = ["HSID", "SAPISID", "SID", "SSID"].map(
  (name) => `${name}=CANARY-youtube${name[0]}${name.slice(1).toLowerCase()}-alice`,
);

test.each([
  ["https://x.com/home", twitterCookies],
  ["https://api.x.com/anything", twitterCookies],
  ["https://twitter.com/home", twitterCookies],
  ["https://www.youtube.com/account", googleCookies],
  ["https://accounts.google.com/anything", googleCookies],
  ["https://elsewhere.example/", []],
])("%s is sent exactly the cookies meant for it", async (url, cookies) => {
  const { context } = await openCage(chromium, {
    values: fakes.accounts.alice.values,
    allowedHosts: ["elsewhere.example"],
  });
  expect(await cookieHeaderAt(context, url)).toEqual(cookies);
});

test("a context with one platform's cookies is signed in nowhere else", async () => {
  const { twitterAuthToken, twitterCt0 } = fakes.accounts.alice.values;
  const { context } = await openCage(chromium, {
    values: { twitterAuthToken, twitterCt0 },
    allowedHosts: [".reddit.com"],
  });
  expect(await cookieHeaderAt(context, "https://www.reddit.com/settings")).toEqual([]);
  expect(await cookieHeaderAt(context, "https://x.com/home")).toEqual(twitterCookies);
});

test("script sees the cookies that are not HttpOnly, and only those", async () => {
  const { context } = await openCage(chromium, { values: fakes.accounts.alice.values });
  const page = await context.newPage();
  for (const [url, visible] of [
    ["https://x.com/home", ["ct0"]],
    ["https://www.reddit.com/settings", []],
    ["https://www.tiktok.com/setting", []],
    ["https://www.youtube.com/account", ["SAPISID", "SID"]],
    ["https://www.instagram.com/accounts/edit/", ["csrftoken", "ds_user_id"]],
  ] as const) {
    await page.goto(url);
    const names = await page.evaluate(() => document.cookie.split("; ").map((pair) => pair.split("=")[0] ?? ""));
    expect(names.filter(Boolean).sort()).toEqual(visible);
  }
});

test("the platforms' own requests across sites carry the cookies", async () => {
  const { context } = await openCage(chromium, { values: fakes.accounts.alice.values });
  const page = await context.newPage();
  await page.goto("https://twitter.com/home");
  await page.setContent(`<form method="post" action="https://x.com/migrate"><button>go</button></form>`);
  await page.getByRole("button").click();
  await page.waitForURL("https://x.com/migrate");
  const post = fakes.requests.find(({ method }) => method === "POST");
  expect(post?.cookie.split("; ").sort()).toEqual(twitterCookies);
});

const cannotTake: readonly (readonly [string, string])[] = [
  ["too long for a cookie", `CANARY-${"x".repeat(4096)}`],
  ["with a line end", "CANARY-line\r\nend"],
  ["with a semicolon", "CANARY-one; CANARY-two"],
];

test.each(cannotTake)("a value %s fails by the names of its fields, never by its value", async (_what, value) => {
  const fields = { redditSession: value, twitterCt0: "fine", tiktokSessionId: value };
  const error: unknown = await openCage(chromium, { values: fields }).catch((thrown: unknown) => thrown);
  if (!(error instanceof CookieRefusedError)) throw new Error("the context opened");
  const refused: CredentialField[] = ["redditSession", "tiktokSessionId"];
  expect(error.fields).toEqual(expect.arrayContaining(refused));
  expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain("CANARY");
  expect(chromium.browser.contexts()).toEqual([]);
});

test("a download is refused and a service worker does not start", async () => {
  const { context } = await openCage(chromium, { values: fakes.accounts.alice.values });
  const page = await context.newPage();
  await page.goto("https://x.com/home");
  const download = page.waitForEvent("download");
  await page.setContent(`<a href="data:application/zip,x" download="x.zip">save</a>`);
  await page.getByRole("link").click();
  expect(await (await download).failure()).not.toBeNull();
  const registered = await page.evaluate(() =>
    navigator.serviceWorker.register("/worker.js").then((it) => !!it?.active),
  );
  expect(registered).toBe(false);
});
