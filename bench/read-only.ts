import { openCage } from "../packages/worker/src/cage/open-cage.ts";
import { launchTestBrowser, ownTmpDir } from "../tests/support/chromium.ts";
import type { BenchResult } from "./bench.ts";
import { loadManyRequests, type ManyRequestsSite, startManyRequestsSite } from "./support/many-requests-site.ts";

const modes = ["act", "read"] as const;

/** What judging every request adds to the time of loading a page of 200 requests, against the same cage without it. */
export async function benchReadOnly({ quick }: { quick: boolean }): Promise<BenchResult> {
  const rounds = quick ? 5 : 30;
  const tmp = await ownTmpDir();
  const site = await startManyRequestsSite(tmp.path);
  const times = { act: [] as number[], read: [] as number[] };
  try {
    for (let round = 0; round < rounds; round++)
      for (const mode of round % 2 === 0 ? modes : modes.toReversed())
        times[mode].push(await loadOnce(tmp.path, site, mode === "read"));
  } finally {
    site.stop();
    await tmp.stop();
  }
  const ratio = median(times.read.map((time, round) => time / (times.act[round] ?? Number.NaN)));
  return {
    title: `A page of ${site.requests} requests over HTTPS, ${rounds} interleaved rounds, each in a fresh browser`,
    table: modes.map((mode) => ({ mode, "load p50 ms": Math.round(median(times[mode])) })),
    bars: [],
    notes: [`The median of the rounds' ratios read : act is ${ratio.toFixed(3)}.`],
  };
}

async function loadOnce(tmpDir: string, site: ManyRequestsSite, isReadOnly: boolean): Promise<number> {
  const browser = await launchTestBrowser(tmpDir, site.egress);
  try {
    return await loadManyRequests(site, (await openCage(browser, { isReadOnly })).context);
  } finally {
    await browser.destroy();
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
