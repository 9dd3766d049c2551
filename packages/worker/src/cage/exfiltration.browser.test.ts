import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import { createCertificateAuthority } from "../../../../tests/support/fake-platforms/certificates.ts";
import { type AttackSite, hostOf, sinkDomain, startAttackSite } from "../../../../tests/support/sink/attack-site.ts";
import { type Channel, channels } from "../../../../tests/support/sink/channels.ts";
import { makeResolvingChromium, type ResolvingChromium } from "../../../../tests/support/sink/resolving-chromium.ts";
import { type Sink, startSink } from "../../../../tests/support/sink/sink.ts";
import { parseEgress } from "../browser/egress.ts";
import { launchBrowser } from "../browser/launch.ts";
import { openCage } from "./open-cage.ts";

let tmp: TestTmpDir;
let sink: Sink;
let site: AttackSite;
let executable: ResolvingChromium;
let caFile: string;
const values = { twitterAuthToken: "CANARY-auth-token", twitterCt0: "CANARY-ct0" };
const sandbox = process.getuid?.() !== 0;

beforeEach(async () => {
  tmp = await ownTmpDir();
  const authority = await createCertificateAuthority();
  const certificate = await authority.issue(["x.com", `*.${sinkDomain}`, "localhost"]);
  sink = await startSink(certificate);
  site = await startAttackSite(certificate, sink);
  executable = await makeResolvingChromium(`https://127.0.0.1:${sink.dnsPort}/dns-query`);
  caFile = join(tmp.path, "ca.pem");
  await writeFile(caFile, authority.certificate);
});
afterEach(async () => {
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

/** Whether the sink shows that a channel worked; datagrams count from `datagramsBefore`. */
function worked(channel: Channel, datagramsBefore: number): boolean {
  const host = hostOf(channel);
  const { shows = "request" } = channel;
  if (shows === "datagram") return sink.datagrams() > datagramsBefore;
  if (shows === "raw") return sink.rawStarts.length > 0;
  if (shows === "name") return sink.dnsNames.includes(host);
  if (shows === "connection") return sink.serverNames.includes(host);
  return sink.requests.some((request) => request.host === host);
}

/** Whether `condition` comes true within a time that is generous for a page. */
async function comesTrue(condition: () => boolean): Promise<boolean> {
  return expect
    .poll(condition, { timeout: 5_000, interval: 20 })
    .toBe(true)
    .then(
      () => true,
      () => false,
    );
}

test("outside the cage each channel is seen to work, but for those that the table says why", async () => {
  // A context beside the first one is incognito, where Chromium neither connects early nor prerenders.
  const context = await chromium.launchPersistentContext("", {
    executablePath: executable.path,
    chromiumSandbox: sandbox,
    ignoreDefaultArgs: ["--disable-background-networking"],
    args: [
      ...egress().chromiumFlags,
      `--host-resolver-rules=MAP x.com:443 127.0.0.1:${site.port},MAP *.${sinkDomain} 127.0.0.1:${sink.tcpPort}`,
    ],
  });
  let silent = [...channels];
  try {
    await context.addCookies([{ name: "ct0", value: values.twitterCt0, domain: ".x.com", path: "/", secure: true }]);
    for (let round = 0; round < 3 && silent.some(({ blind }) => !blind); round++) {
      const still: Channel[] = [];
      for (const channel of silent) if (!(await isSeenToWork(context, channel))) still.push(channel);
      silent = still;
    }
  } finally {
    await context.close();
  }
  const names = (some: readonly Channel[]) => some.map(({ name }) => name);
  expect(names(silent)).toEqual(names(channels.filter(({ blind }) => blind)));
  expect(channels.length - silent.length).toBeGreaterThanOrEqual(20);
  expect(sink.requests.map(({ path }) => path).join()).toContain("CANARY-ct0");
}, 300_000);

/** Tries a channel once. A page that does not come within 10 s is a silent channel, too: there is another round. */
async function isSeenToWork(context: BrowserContext, channel: Channel): Promise<boolean> {
  const before = sink.datagrams();
  const page = await context.newPage();
  const come = page.goto(`https://x.com/attack/${channel.name}`, { waitUntil: "commit", timeout: 10_000 });
  const seen = await come.then(
    () => comesTrue(() => worked(channel, before)),
    () => false,
  );
  await page.close();
  return seen;
}

/** Tries every channel in a cage, and tells what the sink got. */
async function attack(allowedHosts: readonly string[]) {
  const browser = await launchBrowser({
    executablePath: executable.path,
    tmpDir: tmp.path,
    mode: "headless",
    egress: egress(),
    sandbox,
  });
  try {
    const cage = await openCage(browser, { values, allowedHosts });
    const untried: string[] = [];
    for (const channel of channels) {
      const page = await cage.context.newPage();
      await page.goto(`https://x.com/attack/${channel.name}`, { waitUntil: "commit" });
      let tried = false;
      const ended = page.waitForFunction(() => document.title === "tried", null, { timeout: 5_000 });
      ended.then(
        () => (tried = true),
        () => undefined,
      );
      const isThrough = () => tried || cage.log.visits().some(({ host }) => host === hostOf(channel));
      if (!(await comesTrue(isThrough))) untried.push(channel.name);
      await page.close();
    }
    await cage.context.close();
    return { log: cage.log, untried, got: counts() };
  } finally {
    await browser.destroy();
  }
}

function counts(): number[] {
  return [sink.bytes(), sink.connections(), sink.datagrams(), sink.dnsNames.length];
}

test("in the cage no channel gives the sink a byte, a connection, a datagram or a DNS query", async () => {
  const { log, untried, got } = await attack([]);
  expect(got).toEqual([0, 0, 0, 0]);
  expect(untried).toEqual([]);
  expect(site.cookies.every((cookie) => cookie.includes("CANARY-auth-token"))).toBe(true); // it was signed in
  const refused = new Set(log.visits().flatMap(({ host, refused }) => (refused === "host_not_allowed" ? [host] : [])));
  expect(refused.size).toBeGreaterThanOrEqual(20); // what came to the door was turned away there
  expect(log.refusals()).toBeGreaterThanOrEqual(refused.size);
}, 200_000);

test("the control: a cage that allows the sink's hosts lets the same pages reach it, by TCP through the proxy only", async () => {
  const { got } = await attack([`.${sinkDomain}`]);
  const [bytes = 0, connections = 0, datagrams, dnsNames] = got;
  expect(bytes).toBeGreaterThan(10_000);
  expect(connections).toBeGreaterThan(20);
  expect([datagrams, dnsNames]).toEqual([0, 0]);
}, 200_000);
