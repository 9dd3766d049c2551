import { fieldsOf, type Health, type Platform, platforms } from "@stablehand/contract";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { egressTo, launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import type { Mode } from "../../../../tests/support/fake-platforms/behaviour.ts";
import { type FakePlatforms, startFakePlatforms } from "../../../../tests/support/fake-platforms/fake-platforms.ts";
import type { SingleUseBrowser } from "../browser/launch.ts";
import type { CredentialValues } from "../browser/signed-in-context.ts";
import { openCage } from "../cage/open-cage.ts";
import { type CheckOptions, type CheckResult, checkPlatform } from "./check-platform.ts";

let tmp: TestTmpDir;
let fakes: FakePlatforms;
let chromium: SingleUseBrowser;

beforeAll(async () => {
  tmp = await ownTmpDir();
  fakes = await startFakePlatforms();
  chromium = await launchTestBrowser(tmp.path, egressTo(fakes));
});
afterEach(async () => {
  for (const platform of platforms) fakes.setMode(platform, "signed-in");
  await Promise.all(chromium.browser.contexts().map((context) => context.close()));
  const own = fakes.requests.splice(0).filter(({ path }) => path.startsWith("/ListAccounts"));
  expect(own).toEqual([]); // what Chromium asks by itself, see --gaia-url
});
afterAll(async () => {
  await chromium.destroy();
  await fakes.stop();
  await tmp.stop();
});

const patient = { deadlineMs: 15_000, settleMs: 100 };
const hasty = { deadlineMs: 700, settleMs: 100 };

async function check(
  platform: Platform,
  options: CheckOptions = patient,
  values: CredentialValues = fakes.accounts.alice.values,
): Promise<CheckResult> {
  const { context } = await openCage(chromium, { values });
  const result = await checkPlatform(context, platform, options);
  await context.close();
  return result;
}

const outcomes: readonly (readonly [Mode, Health, CheckOptions])[] = [
  ["signed-in", "valid", patient],
  ["popup", "valid", patient],
  ["logged-out", "expired", patient],
  ["script-logout", "expired", patient],
  ["challenge", "challenged", patient],
  ["server-error", "unknown", patient],
  ["too-many", "unknown", patient],
  ["broken", "unknown", patient],
  ["unknown-page", "unknown", patient],
  ["slow", "unknown", hasty],
  ["slow-script", "unknown", hasty],
  ["hang-script", "unknown", hasty],
  ["redirect-loop", "unknown", hasty],
];

describe.each(platforms)("%s", (platform) => {
  test.each(outcomes)("in mode %s is %s, and nothing that is said holds a cookie", async (mode, health, options) => {
    fakes.setMode(platform, mode);
    const startedAt = performance.now();
    const result = await check(platform, options);
    expect(result.health, result.reason).toBe(health);
    expect(result.reason === undefined).toBe(health === "valid");
    expect(result.reason ?? "").not.toMatch(/CANARY|https?:|\?/);
    expect(performance.now() - startedAt).toBeLessThan(options.deadlineMs + 5_000);
  });

  test("with one cookie of its set wrong is expired", async () => {
    for (const field of fieldsOf(platform)) {
      const values = { ...fakes.accounts.alice.values, [field]: "CANARY-wrong" };
      expect((await check(platform, patient, values)).health, field).toBe("expired");
    }
  });
});

test("twitter's page that turns into the login page by script alone, without a request, is expired", async () => {
  fakes.setMode("twitter", "history-logout");
  const settleMs = 500; // longer than each of the page's two steps, shorter than both together
  expect(await check("twitter", { ...patient, settleMs })).toEqual({
    health: "expired",
    reason: "the platform asks to sign in",
  });
});

test("tiktok's captcha over the page is a challenge although the address stays", async () => {
  fakes.setMode("tiktok", "challenge-overlay");
  expect((await check("tiktok")).health).toBe("challenged");
});

test("a renderer that crashes is unknown at once, not at the deadline", async () => {
  fakes.setMode("twitter", "redirect-loop"); // which would keep a check busy until then
  const { context } = await openCage(chromium, { values: fakes.accounts.alice.values });
  context.once("page", (page) => {
    // On each load: a command that meets the page between two documents is lost.
    page.on("load", async () => {
      const session = await context.newCDPSession(page).catch(() => undefined);
      await session?.send("Page.crash").catch(() => undefined); // its answer dies with the page
    });
  });
  expect(await checkPlatform(context, "twitter", patient)).toEqual({ health: "unknown", reason: "the page crashed" });
});

test("a check whose browser is killed is unknown, and so is one that starts after that", async () => {
  const own = await launchTestBrowser(tmp.path, egressTo(fakes));
  fakes.setMode("reddit", "slow");
  const { context } = await openCage(own, { values: fakes.accounts.alice.values });
  const checking = checkPlatform(context, "reddit", patient);
  await context.waitForEvent("request");
  process.kill(own.processId, "SIGKILL");
  expect((await checking).health).toBe("unknown");
  expect((await checkPlatform(context, "reddit", patient)).health).toBe("unknown");
  await own.destroy();
});

test("a cancelled check is unknown at once and leaves no page open", async () => {
  fakes.setMode("reddit", "slow");
  const { context } = await openCage(chromium, { values: fakes.accounts.alice.values });
  const cancel = new AbortController();
  const page = context.waitForEvent("page");
  const checking = checkPlatform(context, "reddit", { ...patient, signal: cancel.signal });
  const closed = (await page).waitForEvent("close");
  cancel.abort();
  expect(await checking).toEqual({ health: "unknown", reason: "the check was cancelled" });
  await closed;
  expect(await checkPlatform(context, "reddit", { ...patient, signal: cancel.signal })).toMatchObject({
    reason: "the check was cancelled",
  });
});

test("a check leaves no page, pop-up or listener behind in its context", async () => {
  fakes.setMode("instagram", "popup");
  const { context } = await openCage(chromium, {
    values: fakes.accounts.alice.values,
    allowedHosts: ["elsewhere.example"],
  });
  const popup = context.waitForEvent("page", (page) => page.url() !== "about:blank" || context.pages().length > 1);
  expect((await checkPlatform(context, "instagram", patient)).health).toBe("valid");
  const closing = (await popup).isClosed() ? undefined : (await popup).waitForEvent("close");
  await closing;
  const page = await context.newPage(); // would be closed by a listener that was left
  await page.goto("https://elsewhere.example/");
  expect(await page.title()).toBe("Somewhere else");
});

test("a platform whose certificate is not to be trusted is unknown, and says so", async () => {
  const foreign = await startFakePlatforms();
  const own = await launchTestBrowser(tmp.path, egressTo({ hostMap: foreign.hostMap, caFile: fakes.caFile }));
  const { context } = await openCage(own, { values: fakes.accounts.alice.values });
  expect(await checkPlatform(context, "tiktok", patient)).toEqual({
    health: "unknown",
    reason: "the platform's certificate was refused (ERR_CERT_AUTHORITY_INVALID)",
  });
  await own.destroy();
  await foreign.stop();
});
