import { fork } from "node:child_process";
import { join } from "node:path";
import { extractorNames } from "@stablehand/contract";
import { workerMemory } from "../packages/cli/src/programs.ts";
import { openCage } from "../packages/worker/src/cage/open-cage.ts";
import { extractDesign } from "../packages/worker/src/design/extract-design.ts";
import { launchTestBrowser, ownTmpDir } from "../tests/support/chromium.ts";
import { designPage } from "../tests/support/design-truth/design-page.ts";
import { designs } from "../tests/support/design-truth/design-tokens.ts";
import type { TruthPage } from "../tests/support/design-truth/design-truth.ts";
import {
  precisionOf,
  recallOf,
  type Score,
  scoreFindings,
  totalOf,
} from "../tests/support/design-truth/score-findings.ts";
import { startTruthSite, type TruthSite } from "../tests/support/design-truth/truth-site.ts";
import type { BenchResult } from "./bench.ts";
import { type DembrandtFindings, dembrandtFindings, dembrandtVersion } from "./support/design-dembrandt.ts";
import { realPages } from "./support/design-real-pages.ts";
import type { DesignTimes } from "./support/design-worker.ts";

/** How much of a page's design is found, beside dembrandt; and the time and memory that it takes on long pages. */
export async function benchDesign({ quick }: { quick: boolean }): Promise<BenchResult> {
  tell("building the pages");
  const generated = designs.map((design) => designPage(design));
  const real = await realPages();
  const pages = [...generated, ...real];
  const site = await startTruthSite(pages);
  try {
    const scores = await extractAll(pages, site);
    tell(`dembrandt: installing it, then its look at ${quick ? "two pages" : "each page"}`);
    const looked = quick ? [...generated.slice(0, 1), ...real.slice(0, 1)] : pages;
    const peer = await dembrandtFindings(looked, site.hostMap);
    const times: LongPages = {
      short: await measureTimes(oneScheme, shortCards, quick ? 1 : 5),
      long: await measureTimes(oneScheme, longCards, quick ? 1 : 3),
      shortTwice: await measureTimes(twoSchemes, shortCards, quick ? 1 : 5),
    };
    return report(pages, scores, looked, peer, times);
  } finally {
    await site.stop();
  }
}

const oneScheme = "fir";
const twoSchemes = "acorn";

interface LongPages {
  readonly short: DesignTimes;
  readonly long: DesignTimes;
  /** As long as the short one, and read in two schemes. */
  readonly shortTwice: DesignTimes;
}

/** They make a page of 3,000 and one of 20,000 elements. */
const shortCards = 328;
const longCards = 2_220;

type PageScores = ReadonlyMap<string, readonly Score[]>;

async function extractAll(pages: readonly TruthPage[], site: TruthSite): Promise<PageScores> {
  const temporary = await ownTmpDir();
  const single = await launchTestBrowser(temporary.path, site.egress);
  try {
    const scores = new Map<string, Score[]>();
    for (const { name, url, truth } of pages) {
      const { context } = await openCage(single);
      const { signal } = new AbortController();
      const { results } = await extractDesign(await context.newPage(), { url, extractors: extractorNames, signal });
      await context.close();
      scores.set(name, scoreFindings(results, truth));
      for (const { of, false: wrong, missed } of scores.get(name) ?? [])
        if (wrong.length + missed.length > 0)
          tell(
            `${name}, ${of}: false ${JSON.stringify(wrong.slice(0, 5))}, missed ${JSON.stringify(missed.slice(0, 5))}`,
          );
    }
    return scores;
  } finally {
    await single.destroy();
    await temporary.stop();
  }
}

async function measureTimes(design: string, cards: number, rounds: number): Promise<DesignTimes> {
  tell(`${design} with ${cards} cards, ${rounds} visits after a first`);
  const script = join(import.meta.dirname, "support/design-worker.ts");
  const child = fork(script, [design, String(cards), String(rounds)], {
    execArgv: [...workerMemory.flags, "--conditions=worker"],
    env: { ...process.env, ...workerMemory.env },
  });
  return new Promise((resolve, reject) => {
    child.once("message", (times) => resolve(times as DesignTimes)); // our own script's only message
    child.once("exit", (code) => reject(new Error(`design-worker.ts ended with ${code} and told nothing`)));
  });
}

const bars: Readonly<Record<string, number>> = {
  colors: 0.98,
  fonts: 0.98,
  properties: 0.98,
  spacing: 0.95,
  radii: 0.95,
  shadows: 0.95,
  gradients: 0.95,
  images: 1,
  logo: 0.9,
};

function report(
  pages: readonly TruthPage[],
  scores: PageScores,
  looked: readonly TruthPage[],
  peer: DembrandtFindings,
  { short, long, shortTwice }: LongPages,
): BenchResult {
  const all = [...scores.values()].flat();
  const beside = looked.flatMap(({ name }) => scores.get(name) ?? []);
  const theirs =
    "missing" in peer ? [] : looked.flatMap(({ name, truth }) => scoreFindings(peer.get(name)?.results ?? {}, truth));
  const unlisted = new Set(["images", "icons", "fonts", "other scheme", "roles", "contrast"]);
  const kinds = [...new Set(all.map(({ of }) => of))];
  const growth = workOf(long) / long.elements / (workOf(short) / short.elements);
  return {
    title: `What is found of ${pages.length} pages' designs, and dembrandt ${dembrandtVersion} on ${looked.length} of them`,
    table: kinds.map((of) => {
      const [total, ours, peers] = [totalOf(of, all), totalOf(of, beside), totalOf(of, theirs)];
      const isCompared = !("missing" in peer) && !unlisted.has(of);
      return {
        of,
        "there are": total.right + total.missed.length,
        precision: rounded(precisionOf(total)),
        recall: rounded(recallOf(total)),
        "ours on its pages": `${rounded(precisionOf(ours))} / ${rounded(recallOf(ours))}`,
        dembrandt: isCompared ? `${rounded(precisionOf(peers))} / ${rounded(recallOf(peers))}` : "–",
      };
    }),
    bars: [
      ...Object.entries(bars).map(([of, bar]) => {
        const total = totalOf(of, all);
        const [precision, recall] = [rounded(precisionOf(total)), rounded(recallOf(total))];
        return {
          bar: `${of}: precision and recall ≥ ${bar}`,
          measured: `${precision}, ${recall}`,
          met: Math.min(precision, recall) >= bar,
        };
      }),
      {
        bar: `${short.elements} elements: page and worker time after load and scrolling ≤ 300 ms`,
        measured: `${Math.round(workOf(short))} ms: ${told(short)}`,
        met: workOf(short) <= 300,
      },
      {
        bar: `${shortTwice.elements} elements in two schemes, the same`,
        measured: `${Math.round(workOf(shortTwice))} ms: ${told(shortTwice)}`,
        met: workOf(shortTwice) <= 300,
      },
      {
        bar: `${long.elements} elements: no worse than linear × 1.3`,
        measured: `× ${growth.toFixed(2)}, ${Math.round(workOf(long))} ms: ${told(long)}`,
        met: growth <= 1.3,
      },
      {
        bar: `peak memory of the worker on ${short.elements} elements ≤ 300 MB`,
        measured: `${megabytes(short.peakRss)} MB, ${megabytes(short.startRss)} before the first visit; on ${long.elements}: ${megabytes(long.peakRss)} MB`,
        met: megabytes(short.peakRss) <= 300,
      },
    ],
    notes: [
      `Pages: ${pages.map(({ name }) => name).join(", ")}. Times are processor time, medians.`,
      "dembrandt lists neither pictures nor icons, and fonts by text style: of fonts only the families are compared. An icon that a page declares is no logo to it.",
      "missing" in peer
        ? `dembrandt has no column: ${peer.missing}.`
        : `dembrandt took ${(median([...peer.values()].map(({ ms }) => ms)) / 1_000).toFixed(1)} s a page by the clock.`,
    ],
  };
}

/** Of one visit, the processor's time in the worker and in the page, without painting what was scrolled through. */
function workOf({ workerMs, pageMs, scrollMs }: DesignTimes): number {
  return median(workerMs.map((ms, nth) => ms + (pageMs[nth] ?? 0) - (scrollMs[nth] ?? 0)));
}

function told({ workerMs, pageMs, scrollMs, extractorsMs, clockMs }: DesignTimes): string {
  const [worker, page, scroll, extractors, clock] = [workerMs, pageMs, scrollMs, extractorsMs, clockMs].map((ms) =>
    Math.round(median(ms)),
  );
  return `worker ${worker} (extractors ${extractors}), page ${page} (scrolling ${scroll}); ${clock} by the clock`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}

function rounded(part: number): number {
  return Number(part.toFixed(3));
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
