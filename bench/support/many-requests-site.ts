import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { type Egress, parseEgress } from "../../packages/worker/src/browser/egress.ts";
import { createCertificateAuthority } from "../../tests/support/fake-platforms/certificates.ts";

/** `https://x.com/`, a page of 200 requests, in a process of its own. */
export interface ManyRequestsSite {
  readonly url: string;
  readonly requests: number;
  /** Where the name leads, as in EGRESS_HOST_MAP. */
  readonly hostMap: string;
  readonly egress: Egress;
  stop(): void;
}

/** How long the site's page takes to load in a fresh page of `context`, in ms. Throws when a request of it is missing. */
export async function loadManyRequests({ url, requests }: ManyRequestsSite, context: BrowserContext): Promise<number> {
  const page = await context.newPage();
  const startedAt = performance.now();
  await page.goto(url, { waitUntil: "load" });
  const loaded = performance.now() - startedAt;
  const count = await page.evaluate(() => performance.getEntriesByType("resource").length + 1);
  if (count !== requests) throw new Error(`the page made ${count} requests`);
  return loaded;
}

/** Starts the site; `directory` gets its CA's certificate. */
export async function startManyRequestsSite(directory: string): Promise<ManyRequestsSite> {
  const authority = await createCertificateAuthority();
  const site = fork(join(import.meta.dirname, "many-requests.ts"), { stdio: "inherit" });
  site.send(await authority.issue(["x.com"]));
  const [{ port }] = (await once(site, "message")) as [{ port: number }]; // what it sends
  const caFile = join(directory, "ca.pem");
  await writeFile(caFile, authority.certificate);
  const hostMap = `x.com:443=127.0.0.1:${port}`;
  const egress = parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_HOST_MAP: hostMap, EGRESS_CA_FILE: caFile });
  return { url: "https://x.com/", requests: 200, hostMap, egress, stop: () => site.disconnect() };
}
