import { egressTo, launchTestBrowser, ownTmpDir } from "../tests/support/chromium.ts";
import { startFakePlatforms } from "../tests/support/fake-platforms/fake-platforms.ts";
import { playRandom, type RandomPlays } from "../tests/support/random-pages/play-random.ts";
import type { BenchResult } from "./bench.ts";

const seedsOfBrowser = 250; // then a fresh one, as no task's browser lives for long
const atOnce = 2;

/** Plays 3,000 random pages and models, and looks for the cookies' values in all that came out: a proof, not a time. */
export async function benchRandomPages({ quick }: { quick: boolean }): Promise<BenchResult> {
  const seeds = Array.from({ length: quick ? 60 : 3_000 }, (_, seed) => seed);
  const tmp = await ownTmpDir();
  const fakes = await startFakePlatforms();
  const all: RandomPlays[] = [];
  const startedAt = performance.now();
  try {
    const chunks: number[][] = [];
    for (let from = 0; from < seeds.length; from += seedsOfBrowser)
      chunks.push(seeds.slice(from, from + seedsOfBrowser));
    const work = async () => {
      for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
        const chromium = await launchTestBrowser(tmp.path, egressTo(fakes));
        try {
          all.push(await playRandom(chromium, chunk));
        } finally {
          await chromium.destroy();
        }
        process.stderr.write(`random-pages: ${sum(all, ({ plays }) => plays)} of ${seeds.length}\n`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    await fakes.stop();
    await tmp.stop();
  }
  const hits = all.flatMap((one) => one.hits);
  const plays = sum(all, (one) => one.plays);
  return {
    title: "Random pages and models, and what came out of a cookie's value",
    table: [
      {
        "pages and models": plays,
        "model calls": sum(all, (one) => one.modelCalls),
        "MB searched": Number((sum(all, (one) => one.bytes) / 1e6).toFixed(1)),
        "values removed": sum(all, (one) => one.removed),
        "values found": hits.length,
        seconds: Math.round((performance.now() - startedAt) / 1_000),
      },
    ],
    bars: [
      {
        bar: `${seeds.length} random pages and models: no value in a model's request, a step, an end or html`,
        measured:
          hits.length === 0
            ? "0 found"
            : hits
                .slice(0, 5)
                .map(({ seed, name, encoding }) => `seed ${seed}: ${name} ${encoding}`)
                .join("; "),
        met: hits.length === 0 && plays === seeds.length,
      },
    ],
    notes: ["Each seed is its own page and its own model; the search shares no code with the redactor."],
  };
}

const sum = (all: readonly RandomPlays[], pick: (one: RandomPlays) => number) =>
  all.reduce((total, one) => total + pick(one), 0);
