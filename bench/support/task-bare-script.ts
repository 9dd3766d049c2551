import { chromium } from "playwright-core";
import type { BareSteps } from "./task-bare.ts";

// What the measured task is compared with: the least that a Playwright program does for the same two pages. It is told by
// its arguments and answers with one line of JSON.
const [executablePath = "", url = "", link = "", ...args] = process.argv.slice(2);

const steps: Record<string, number> = {};
let before = performance.now();
const startedAt = before;
function lap(name: keyof BareSteps): void {
  const now = performance.now();
  steps[name] = now - before;
  before = now;
}

const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0, args });
lap("launchMs");
const page = await (await browser.newContext()).newPage();
lap("contextMs");
await page.goto(url);
await page.locator("body").textContent();
lap("firstPageMs");
await page.getByText(link).click();
await page.waitForURL("**/order");
await page.locator("body").textContent();
lap("secondPageMs");
await browser.close();
lap("closeMs");
process.stdout.write(JSON.stringify({ ...steps, totalMs: performance.now() - startedAt }));
