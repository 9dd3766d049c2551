import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { createCertificateAuthority } from "../../../../tests/support/fake-platforms/certificates.ts";
import { type AttackSite, hostOf, sinkDomain, startAttackSite } from "../../../../tests/support/sink/attack-site.ts";
import { type Channel, channels } from "../../../../tests/support/sink/channels.ts";
import { makeResolvingChromium, type ResolvingChromium } from "../../../../tests/support/sink/resolving-chromium.ts";
import { type Sink, startSink } from "../../../../tests/support/sink/sink.ts";
import { parseEgress } from "../browser/egress.ts";
import { launchBrowser, type SingleUseBrowser } from "../browser/launch.ts";
import { type Cage, openCage } from "./open-cage.ts";

let tmp: TestTmpDir;
let sink: Sink;
let site: AttackSite;
let executable: ResolvingChromium;
let caFile: string;
const values = { twitterAuthToken: "CANARY-auth-token", twitterCt0: "CANARY-ct0" };
const sandbox = process.getuid?.() !== 0;

beforeAll(async () => {
  tmp = await ownTmpDir();
  const authority = await createCertificateAuthority();
  const certificate = await authority.issue(["x.com", `*.${sinkDomain}`, "localhost"]);
  sink = await startSink(certificate);
  site = await startAttackSite(certificate, sink);
  executable = await makeResolvingChromium(`https://127.0.0.1:${sink.dnsPort}/dns-query`);
  caFile = join(tmp.path, "ca.pem");
  await writeFile(caFile, authority.certificate);
});
afterAll(async () => {
  await Promise.all([sink.stop(), site.stop()]);
  await executable.remove();
  await tmp.stop();
});

/** Where the proxy's internet has everything, the sink too: only the policy keeps the page from it. */
function egress() {
  const hosts = channels.map(hostOf).flatMap((host) => [`${host}:443`, `${host}:80`]);
  return parseEgress({
    EGRESS_TEST_MODE: "1",
    EGRESS_CA_FILE: caFile,
    EGRESS_HOST_MAP: [
      `x.com:443=127.0.0.1:${site.port}`,
      ...hosts.map((at) => `${at}=127.0.0.1:${sink.tcpPort}`),
    ].join(),
  });
}

function worked(channel: Channel): boolean {
  const host = hostOf(channel);
  const { shows = "request" } = channel;
  if (shows === "datagram") return sink.datagrams() > 0;
  if (shows === "raw") return sink.rawStarts.length > 0;
  if (shows === "name") return sink.dnsNames.includes(host);
  if (shows === "connection") return sink.serverNames.includes(host);
  return sink.requests.some((request) => request.host === host);
}

test("outside the cage each channel is seen to work", async () => {
  const own = await startSink(await (await createCertificateAuthority()).issue(["localhost"]));
  await own.stop();
  let browser: Browser | undefined;
  const failed: string[] = [];
  try {
    browser = await chromium.launch({
      executablePath: executable.path,
      chromiumSandbox: sandbox,
      args: [
        ...egress().chromiumFlags,
        `--host-resolver-rules=MAP x.com:443 127.0.0.1:${site.port},MAP *.${sinkDomain} 127.0.0.1:${sink.tcpPort}`,
      ],
    });
    const context = await browser.newContext();
    await context.addCookies([{ name: "ct0", value: values.twitterCt0, domain: ".x.com", path: "/", secure: true }]);
    for (const channel of channels) {
      const before = sink.datagrams();
      const page = await context.newPage();
      await page.goto(`https://x.com/attack/${channel.name}`, { waitUntil: "commit" });
      const seen = () => (channel.shows === "datagram" ? sink.datagrams() > before : worked(channel));
      await expect
        .poll(seen, { timeout: 4_000, interval: 20 })
        .toBe(true)
        .catch(() => failed.push(channel.name));
      await page.close();
    }
  } finally {
    await browser?.close();
  }
  expect(failed).toEqual([]);
});
