import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Egress, parseEgress } from "../packages/worker/src/browser/egress.ts";
import { openCage } from "../packages/worker/src/cage/open-cage.ts";
import { launchTestBrowser, ownTmpDir } from "../tests/support/chromium.ts";
import { createCertificateAuthority } from "../tests/support/fake-platforms/certificates.ts";
import type { BenchResult } from "./main.ts";

const url = "https://x.com/";
const requests = 200;
const modes = ["act", "read"] as const;

/** What judging every request adds to the time of loading a page of 200 requests, against the same cage without it. */
export async function benchReadOnly({ quick }: { quick: boolean }): Promise<BenchResult> {
  const rounds = quick ? 5 : 30;
  const tmp = await ownTmpDir();
  const authority = await createCertificateAuthority();
  const site = fork(join(import.meta.dirname, "support/many-requests.ts"), { stdio: "inherit" });
  site.send(await authority.issue(["x.com"]));
  const [{ port }] = (await once(site, "message")) as [{ port: number }]; // what it sends
  const caFile = join(tmp.path, "ca.pem");
  await writeFile(caFile, authority.certificate);
  const egress = parseEgress({
    EGRESS_TEST_MODE: "1",
    EGRESS_HOST_MAP: `x.com:443=127.0.0.1:${port}`,
    EGRESS_CA_FILE: caFile,
  });
  const times = { act: [] as number[], read: [] as number[] };
  try {
    for (let round = 0; round < rounds; round++)
      for (const mode of round % 2 === 0 ? modes : modes.toReversed())
        times[mode].push(await loadOnce(tmp.path, egress, mode === "read"));
  } finally {
    site.disconnect();
    await tmp.stop();
  }
  const ratio = median(times.read.map((time, round) => time / (times.act[round] ?? Number.NaN)));
  return {
    title: `A page of ${requests} requests over HTTPS, ${rounds} interleaved rounds, each in a fresh browser`,
    table: modes.map((mode) => ({ mode, "load p50 ms": Math.round(median(times[mode])) })),
    bars: [],
    notes: [`The median of the rounds' ratios read : act is ${ratio.toFixed(3)}.`],
  };
}

async function loadOnce(tmpDir: string, egress: Egress, isReadOnly: boolean): Promise<number> {
  const browser = await launchTestBrowser(tmpDir, egress);
  try {
    const { context } = await openCage(browser, { isReadOnly });
    const page = await context.newPage();
    const startedAt = performance.now();
    await page.goto(url, { waitUntil: "load" });
    const loaded = performance.now() - startedAt;
    const count = await page.evaluate(() => performance.getEntriesByType("resource").length + 1);
    if (count !== requests) throw new Error(`the page made ${count} requests`);
    return loaded;
  } finally {
    await browser.destroy();
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
