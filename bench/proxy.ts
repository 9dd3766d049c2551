import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { parseEgress } from "../packages/worker/src/browser/egress.ts";
import { openCage } from "../packages/worker/src/cage/open-cage.ts";
import { executablePath, launchTestBrowser, ownTmpDir } from "../tests/support/chromium.ts";
import { createCertificateAuthority } from "../tests/support/fake-platforms/certificates.ts";
import type { BenchResult } from "./main.ts";
import { directFlag, flagsWithoutProxy } from "./support/direct-flags.ts";

const url = "https://x.com/";
const requests = 200;
const ratioMax = 1.1;

/** What the proxy adds to the time of loading a page of 200 requests, against the same page without one. */
export async function benchProxy({ quick }: { quick: boolean }): Promise<BenchResult> {
  const rounds = quick ? 5 : 40;
  const tmp = await ownTmpDir();
  const authority = await createCertificateAuthority();
  const site = fork(join(import.meta.dirname, "support/many-requests.ts"), { stdio: "inherit" });
  site.send(await authority.issue(["x.com"]));
  const [{ port }] = (await once(site, "message")) as [{ port: number }]; // what it sends
  const caFile = join(tmp.path, "ca.pem");
  await writeFile(caFile, authority.certificate);
  const hostMap = `x.com:443=127.0.0.1:${port}`;
  const egress = parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_HOST_MAP: hostMap, EGRESS_CA_FILE: caFile });
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
        const loaded = await loadOnce(context);
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
    site.disconnect();
    await tmp.stop();
  }
}

async function loadOnce(context: BrowserContext): Promise<number> {
  const page = await context.newPage();
  const startedAt = performance.now();
  await page.goto(url, { waitUntil: "load" });
  const loaded = performance.now() - startedAt;
  const count = await page.evaluate(() => performance.getEntriesByType("resource").length + 1);
  if (count !== requests) throw new Error(`the page made ${count} requests`);
  await context.close();
  return loaded;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
