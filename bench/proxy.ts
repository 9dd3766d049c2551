import { chromium } from "playwright-core";
import { openCage } from "../packages/worker/src/cage/open-cage.ts";
import { executablePath, launchTestBrowser, ownTmpDir } from "../tests/support/chromium.ts";
import type { BenchResult } from "./bench.ts";
import { directFlag, flagsWithoutProxy } from "./support/direct-flags.ts";
import { loadManyRequests, startManyRequestsSite } from "./support/many-requests-site.ts";

const ratioMax = 1.1;

/** What the proxy adds to the time of loading a page of 200 requests, against the same page without one. */
export async function benchProxy({ quick }: { quick: boolean }): Promise<BenchResult> {
  const rounds = quick ? 5 : 40;
  const tmp = await ownTmpDir();
  const site = await startManyRequestsSite(tmp.path);
  const { egress, hostMap, requests } = site;
  const direct = await chromium.launch({
    executablePath,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...flagsWithoutProxy, ...egress.chromiumFlags, directFlag(hostMap)],
  });
  const caged = await launchTestBrowser(tmp.path, egress);
  try {
    const ways = {
      direct: () => direct.newContext({ serviceWorkers: "block", acceptDownloads: false }),
      proxy: async () => (await openCage(caged)).context,
    };
    const times = { direct: [] as number[], proxy: [] as number[] };
    const openings = { direct: [] as number[], proxy: [] as number[] };
    for (let round = -2; round < rounds; round++) {
      const order = round % 2 === 0 ? (["direct", "proxy"] as const) : (["proxy", "direct"] as const);
      for (const way of order) {
        const startedAt = performance.now();
        const context = await ways[way]();
        const opened = performance.now() - startedAt;
        const loaded = await loadManyRequests(site, context);
        await context.close();
        if (round < 0) continue; // both browsers warm up
        openings[way].push(opened);
        times[way].push(loaded);
      }
    }
    const ratio = median(times.proxy.map((time, n) => time / (times.direct[n] ?? Number.NaN)));
    const row = (what: "direct" | "proxy") => ({
      what,
      "load p50 ms": Math.round(median(times[what])),
      "load p90 ms": Math.round(times[what].toSorted((a, b) => a - b)[Math.floor(times[what].length * 0.9)] ?? 0),
      "open a context p50 ms": Math.round(median(openings[what])),
    });
    return {
      title: `A page of ${requests} requests over HTTPS, ${rounds} interleaved rounds, each in a fresh context`,
      table: [row("direct"), row("proxy")],
      bars: [
        {
          bar: `median of the rounds' ratios proxy : direct ≤ ${ratioMax.toFixed(2)}`,
          measured: ratio.toFixed(3),
          met: ratio <= ratioMax,
        },
      ],
      notes: ["Opening a context includes, with the proxy, its start and the greeting: once per task."],
    };
  } finally {
    await Promise.all([direct.close(), caged.destroy()]);
    site.stop();
    await tmp.stop();
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
