import { extractorNames } from "@stablehand/contract";
import { openCage } from "../../packages/worker/src/cage/open-cage.ts";
import { collectPage } from "../../packages/worker/src/design/collect-page.ts";
import { openDesignWorld } from "../../packages/worker/src/design/design-world.ts";
import { runExtractors } from "../../packages/worker/src/design/extractors.ts";
import { listenToFiles } from "../../packages/worker/src/design/page-files.ts";
import { visitPage } from "../../packages/worker/src/design/visit-page.ts";
import { launchTestBrowser, ownTmpDir } from "../../tests/support/chromium.ts";
import { designPage } from "../../tests/support/design-truth/design-page.ts";
import { designs } from "../../tests/support/design-truth/design-tokens.ts";
import { startTruthSite } from "../../tests/support/design-truth/truth-site.ts";

/** What this process tells when it has measured a page of one length. Times are per visit, after the page's load. */
export interface DesignTimes {
  readonly elements: number;
  /** By the clock, with all waiting: for the scroll to the end, fonts, pictures, and for this process's turn. */
  readonly clockMs: readonly number[];
  /** What the processor worked for it: in this process, and in the page's main thread. */
  readonly workerMs: readonly number[];
  readonly pageMs: readonly number[];
  /** Of the page's: painting what is scrolled through, so that lazy content comes. */
  readonly scrollMs: readonly number[];
  /** Of the worker's: the six extractors. */
  readonly extractorsMs: readonly number[];
  /** The memory of this process before the first visit, and the most it ever had, in bytes; it serves the page, too. */
  readonly startRss: number;
  readonly peakRss: number;
}

const scrollStepsMax = 60;
const scrollMaxMs = 10_000;

/** A process of its own, so that its memory is a worker's: `design-worker.ts DESIGN CARDS ROUNDS`. */
async function main(): Promise<void> {
  const [name, ...counts] = process.argv.slice(2);
  const [cards, rounds] = counts.map(Number);
  const design = designs.find((one) => one.name === name);
  if (!design || !cards || !rounds) throw new Error("design-worker.ts DESIGN CARDS ROUNDS");
  const page = designPage(design, cards);
  const site = await startTruthSite([page]);
  const temporary = await ownTmpDir();
  const browser = await launchTestBrowser(temporary.path, site.egress);
  const clockMs: number[] = [];
  const workerMs: number[] = [];
  const pageMs: number[] = [];
  const scrollMs: number[] = [];
  const extractorsMs: number[] = [];
  const startRss = process.memoryUsage.rss();
  let elements = 0;
  const signal = new AbortController().signal;
  try {
    for (let round = 0; round < rounds + 1; round += 1) {
      const { context } = await openCage(browser);
      const tab = await context.newPage();
      const session = await context.newCDPSession(tab);
      await session.send("Performance.enable", { timeDomain: "threadTicks" });
      const pageWork = async () => {
        const { metrics } = await session.send("Performance.getMetrics");
        return 1_000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
      };
      const files = listenToFiles(tab, signal);
      await visitPage(tab, page.url, signal);
      const world = await openDesignWorld(session);
      const unscrolled = await pageWork();
      await world.call("scrollThrough", scrollStepsMax, scrollMaxMs);
      const pageBefore = await pageWork();
      const before = process.cpuUsage();
      const startedAt = performance.now();
      const snapshot = await collectPage(tab, session, files, signal);
      const collected = process.cpuUsage(before);
      runExtractors(snapshot, extractorNames);
      const all = process.cpuUsage(before);
      const clock = performance.now() - startedAt;
      const pageAfter = await pageWork();
      files.stop();
      await context.close();
      elements = snapshot.elements.length;
      if (round === 0) continue; // the first one compiles
      clockMs.push(clock);
      workerMs.push((all.user + all.system) / 1_000);
      extractorsMs.push((all.user + all.system - collected.user - collected.system) / 1_000);
      pageMs.push(pageAfter - pageBefore);
      scrollMs.push(pageBefore - unscrolled);
    }
  } finally {
    await browser.destroy();
    await temporary.stop();
    await site.stop();
  }
  const times: DesignTimes = {
    elements,
    clockMs,
    workerMs,
    pageMs,
    scrollMs,
    startRss,
    extractorsMs,
    peakRss: process.resourceUsage().maxRSS * 1_024,
  };
  process.send?.(times);
}

await main();
