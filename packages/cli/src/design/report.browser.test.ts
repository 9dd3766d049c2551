import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Design, DesignResults } from "@stablehand/contract";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { parseEgress } from "../../../worker/src/browser/egress.ts";
import type { SingleUseBrowser } from "../../../worker/src/browser/launch.ts";
import { sampleDesign } from "../fixtures/sample-design.ts";
import { renderReport } from "./report.ts";

let tmp: TestTmpDir;
let chromium: SingleUseBrowser;

beforeAll(async () => {
  tmp = await ownTmpDir();
  chromium = await launchTestBrowser(tmp.path, parseEgress({ EGRESS_TEST_MODE: "1" }));
});
afterEach(() => Promise.all(chromium.browser.contexts().map((context) => context.close())));
afterAll(async () => {
  await chromium.destroy();
  await tmp.stop();
});

const pixel = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
const files = new Map([["http://127.0.0.1:1/hero", pixel]]);
const at = "2026-11-24T12:00:00.000Z";

interface Opened {
  readonly page: Page;
  /** Everything that was asked for beside the file itself and what lies in it. */
  readonly requests: string[];
  /** What the browser complained of: a style or an image that its policy refused, an error. */
  readonly complaints: string[];
}

async function open(design: Design, { width = 1_200, scheme = "light" as "light" | "dark" } = {}): Promise<Opened> {
  const file = join(tmp.path, "report.html");
  await writeFile(file, renderReport(design, files, at));
  const context = await chromium.browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith("data:") && request.url() !== `file://${file}`) requests.push(request.url());
  });
  page.on("console", (message) => complaints.push(message.text()));
  page.on("dialog", (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  await page.goto(`file://${file}`);
  return { page, requests, complaints };
}

/** The design with every text of it made hostile. */
function poisoned(text: string): Design {
  const poison = (value: unknown): unknown => {
    if (typeof value === "string") return text;
    if (Array.isArray(value)) return value.map(poison);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poison(one)]));
  };
  const { results } = sampleDesign;
  const fonts = {
    fonts: [{ family: text, usage: "body", count: 1, weights: [400], source: "system", downloadUrl: text }],
  };
  const icons = {
    icons: [{ hash: text, source: `<svg onload="alert(1)">${text}</svg>`, size: 1, style: "solid", count: 1 }],
  };
  const colors = { ...(poison(results?.colors) as object) };
  return {
    ...sampleDesign,
    url: text,
    results: { ...(poison(results) as DesignResults), colors, fonts, icons } as DesignResults,
  }; // hostile on purpose: no schema would take it
}

test("shows every part, asks nobody for anything and runs no script", async () => {
  const { page, requests, complaints } = await open(sampleDesign);
  expect([requests, complaints]).toEqual([[], []]);
  const titles = await page.locator("h2").allTextContents();
  expect(titles).toEqual([
    "Logo",
    "Palette",
    "Palette, dark",
    "Contrast",
    "Type",
    "Spacing",
    "Radius",
    "Shadows",
    "Gradients",
    "Motion",
    "Custom properties",
    "Design tokens",
    "Icons",
    "Images",
  ]);
  expect(await page.locator("nav a").allTextContents()).toEqual(titles);
  expect(await page.locator("script, link, iframe, object, embed").count()).toBe(0);
});

test("paints what was found: colours, radii, shadows, gradients, logo, icons and the images that are kept", async () => {
  const { page } = await open(sampleDesign);
  const styleOf = (selector: string, property: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
  expect(await styleOf(".paint", "background-image")).toContain("rgb(67, 83, 255)");
  expect(await styleOf(".sample", "color")).toBe("rgb(154, 160, 180)");
  expect(await styleOf(".corner", "border-top-left-radius")).toBe("2px");
  expect(await styleOf(".shadow", "box-shadow")).toContain("rgba(0, 0, 0, 0.2)");
  expect(await styleOf(".gradient", "background-image")).toContain("linear-gradient(135deg");
  const drawn = await page
    .locator("img")
    .evaluateAll((images) =>
      images.map((image) => image instanceof HTMLImageElement && image.complete && image.naturalWidth > 0),
    );
  expect(drawn).toHaveLength(8); // the logo twice, four icons that have a source, two images
  expect(new Set(drawn)).toEqual(new Set([true]));
});

const hostile = [
  '<script>alert(1)</script><img src=x onerror="alert(1)">',
  '"><svg onload=alert(1)>',
  "'-alert(1)-'</style></title><script>alert(1)</script>",
  "x;background:url(https://evil.example/a)",
  "url(https://evil.example/b)",
  "javascript:alert(1)",
  "https://evil.example/pixel.png",
  "]]><!--",
];
test.each(hostile)("a page that is full of %s gets nothing into the report but text", async (text) => {
  const control = (await open(sampleDesign)).page;
  const tags = await control.evaluate(() => [
    ...new Set([...document.querySelectorAll("*")].map((one) => one.localName)),
  ]);
  const { page, requests, complaints } = await open(poisoned(text));
  expect([requests, complaints]).toEqual([[], []]);
  const found = await page.evaluate(() => [...document.querySelectorAll("*")].map((one) => one.localName));
  expect(found.filter((tag) => !tags.includes(tag) && tag !== "a" && tag !== "span")).toEqual([]);
  const handlers = await page.evaluate(() =>
    [...document.querySelectorAll("*")].flatMap((one) =>
      one.getAttributeNames().filter((name) => name.startsWith("on")),
    ),
  );
  expect(handlers).toEqual([]);
  const targets = await page.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  for (const target of targets) expect(target).toMatch(/^#|^https?:\/\//);
  expect(await page.locator("h1").textContent()).toBe(URL.canParse(text) ? new URL(text).host : text);
});

test.each([360, 768, 1_200])("at %d px nothing hangs over the side", async (width) => {
  const { page } = await open(sampleDesign, { width });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
});

test("is light or dark as the reader's system, until the reader says otherwise", async () => {
  const groundOf = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await open(sampleDesign);
  const dark = await open(sampleDesign, { scheme: "dark" });
  const grounds = [await groundOf(light.page), await groundOf(dark.page)];
  expect(grounds[0]).not.toBe(grounds[1]);
  await light.page.getByText("dark", { exact: true }).first().click();
  expect(await groundOf(light.page)).toBe(grounds[1]);
});

test("says what failed and what was not found", async () => {
  const results: DesignResults = { colors: { error: "no <paint>" }, logo: { logo: { found: false } } };
  const { page } = await open({ ...sampleDesign, results });
  expect(await page.locator("main").textContent()).toMatch(/none found[\s\S]*failed[\s\S]*no <paint>/);
});
