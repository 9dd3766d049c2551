import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";

// Each of these writes what pages, requests or the browser hold to somewhere that the redactor does not see.
const captures: readonly (readonly [what: string, sign: RegExp, example: string])[] = [
  ["a trace", /\btracing\b/i, "await context.tracing.start({ snapshots: true })"],
  ["a recorded HAR file", /\brecordHar\b/, 'browser.newContext({ recordHar: { path: "a.har" } })'],
  ["a replayed HAR file", /\brouteFromHAR\b/, 'page.routeFromHAR("a.har", { update: true })'],
  ["a video", /\brecordVideo\b|screencast/i, 'browser.newContext({ recordVideo: { dir: "videos" } })'],
  ["a screenshot", /\bscreenshot\(|captureScreenshot|captureSnapshot/, "await page.screenshot({ fullPage: true })"],
  ["a PDF", /\.pdf\(|printToPDF/, "await page.pdf()"],
  ["the console", /\b(on|once|addListener|waitForEvent)\(\s*["'`](console|weberror)["'`]/, 'page.on("console", print)'],
  ["the console by protocol", /["'`](Runtime|Log|Console)\.enable["'`]/, 'session.send("Log.enable")'],
  ["all cookies in a file", /\bstorageState\b/, 'context.storageState({ path: "state.json" })'],
  ["Playwright's own log", /\bDEBUG\b|\bpw:/, 'process.env.DEBUG = "pw:protocol"'],
  ["the browser's own log", /--(log-net-log|enable-logging|net-log)/, '"--log-net-log=net.json"'],
];

/** Where `DEBUG` is read, to refuse it. */
const refusesDebug = "packages/worker/src/config.ts";
/** Reads a page that is visited without any cookie, for the findings of an extraction. */
const readsDesigns = "packages/worker/src/design/collect-elements.ts";

const sources = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "packages/*/src/*.ts"], {
  cwd: checkout,
  encoding: "utf8",
})
  .trim()
  .split("\n")
  .filter((file) => !file.endsWith(".test.ts"));

function capturing(text: string): string[] {
  return captures.filter(([, sign]) => sign.test(text)).map(([what]) => what);
}

test.each(captures)("the control: %s would be noticed", (what, _, example) => {
  expect(capturing(example)).toContain(what);
});

test("the control: the code that drives browsers is looked at, and the two allowed places are found", () => {
  expect(sources).toContain("packages/worker/src/browser/launch.ts");
  expect(sources).toContain("packages/worker/src/agent/page/page-tab.ts");
  expect(capturing(readFileSync(join(checkout, refusesDebug), "utf8"))).toEqual(["Playwright's own log"]);
  expect(capturing(readFileSync(join(checkout, readsDesigns), "utf8"))).toEqual(["a screenshot"]);
});

test("a run leaves no trace, HAR, video, screenshot or console: what leaves it goes through the redactor", () => {
  const found = sources
    .filter((file) => file !== refusesDebug && file !== readsDesigns)
    .flatMap((file) => capturing(readFileSync(join(checkout, file), "utf8")).map((what) => `${file}: ${what}`));
  expect(found, "take it out, or give its text to the run's redactor and allow it here with the reason").toEqual([]);
});
