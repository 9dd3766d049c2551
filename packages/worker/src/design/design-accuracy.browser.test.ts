import { extractorNames } from "@stablehand/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { designPage } from "../../../../tests/support/design-truth/design-page.ts";
import { designs } from "../../../../tests/support/design-truth/design-tokens.ts";
import {
  precisionOf,
  recallOf,
  type Score,
  scoreFindings,
  totalOf,
} from "../../../../tests/support/design-truth/score-findings.ts";
import { startTruthSite, type TruthSite } from "../../../../tests/support/design-truth/truth-site.ts";
import type { SingleUseBrowser } from "../browser/launch.ts";
import { openCage } from "../cage/open-cage.ts";
import { extractDesign } from "./extract-design.ts";

const pages = designs.map((design) => designPage(design));
const scores: Score[] = [];
let temporary: TestTmpDir;
let site: TruthSite;
let browser: SingleUseBrowser;

async function extract(url: string) {
  const { context } = await openCage(browser);
  try {
    const page = await context.newPage();
    return await extractDesign(page, { url, extractors: extractorNames, signal: new AbortController().signal });
  } finally {
    await context.close();
  }
}

beforeAll(async () => {
  temporary = await ownTmpDir();
  site = await startTruthSite(pages);
  browser = await launchTestBrowser(temporary.path, site.egress);
});

afterAll(async () => {
  await browser?.destroy();
  await site?.stop();
  await temporary?.stop();
});

describe("on ten pages of known design", () => {
  test.each(pages)("everything is found on $name, and byte for byte the same again", async ({ url, truth }) => {
    const { results } = await extract(url);
    for (const name of extractorNames) expect(results[name], name).not.toHaveProperty("error");
    scores.push(...scoreFindings(results, truth));
    const again = await extract(url);
    expect(JSON.stringify(again.results)).toBe(JSON.stringify(results));
  });

  test.each([
    ["colors", 0.98],
    ["other scheme", 0.98],
    ["roles", 0.95],
    ["contrast", 0.98],
    ["fonts", 0.98],
    ["properties", 0.98],
    ["spacing", 0.95],
    ["radii", 0.95],
    ["shadows", 0.95],
    ["gradients", 0.95],
    ["motion", 0.95],
    ["images", 1],
    ["icons", 1],
    ["logo", 0.9],
  ])("%s: precision and recall are %d or more", (of, bar) => {
    const total = totalOf(of, scores);
    const found = { precision: precisionOf(total), recall: recallOf(total), false: total.false, missed: total.missed };
    expect(total.right, "the control: there was something to find").toBeGreaterThan(0);
    expect(Math.min(found.precision, found.recall), JSON.stringify(found)).toBeGreaterThanOrEqual(bar);
  });
});
