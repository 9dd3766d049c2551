import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { isPublicAddress } from "@stablehand/contract";
import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launchTestBrowser, ownTmpDir, type TestTmpDir } from "../../../../tests/support/chromium.ts";
import type { SingleUseBrowser } from "../browser/launch.ts";
import type { Internet } from "./internet.ts";
import { type Cage, openCage } from "./open-cage.ts";

const publicAddress = "8.8.8.8";
/** What names lead to; "rebind" is public when it is checked and private from then on. */
const names: Record<string, (asked: number) => readonly string[]> = {
  "public.example": () => [publicAddress],
  "private.example": () => ["10.0.0.5"],
  "mixed.example": () => [publicAddress, "192.168.1.1"],
  "mapped.example": () => ["::ffff:10.0.0.5"],
  "nat64.example": () => ["64:ff9b::a00:5"],
  "metadata.example": () => ["169.254.169.254"],
  "rebind.example": (asked) => [asked === 0 ? publicAddress : "127.0.0.1"],
  "private-first.example": (asked) => [asked === 0 ? "127.0.0.1" : publicAddress],
};
const privateHosts = [
  ...["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "0.0.0.0", "127.255.255.254"],
  ...["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]"],
  ...["localhost", "localhost.", "app.localhost", "printer.local", "db.internal", "router.home.arpa"],
  ...["10.0.0.5", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "[fd00:ec2::254]", "224.0.0.1"],
  ...["private.example", "mixed.example", "mapped.example", "nat64.example", "metadata.example"],
];

let tmp: TestTmpDir;
let chromium: SingleUseBrowser;
let site: Server;
let internal: Server;
let internalPort: number;
let cage: Cage;
let reached = 0;
const asked = new Map<string, number>();
const dialled: string[] = [];

beforeAll(async () => {
  tmp = await ownTmpDir();
  internal = createServer((socket) => {
    reached++;
    socket.destroy();
  });
  site = createHttpServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://public.example");
    const to = searchParams.get("to") ?? "";
    const status = Number(pathname.slice(1));
    if (status) return void response.writeHead(status, { location: to }).end();
    response.writeHead(200, { "content-type": "text/html" }).end(searchParams.get("html") ?? "<p>public</p>");
  });
  internalPort = await listen(internal);
  const sitePort = await listen(site);
  const internet: Internet = {
    async resolveName(host) {
      const count = asked.get(host) ?? 0;
      asked.set(host, count + 1);
      const addresses = names[host]?.(count);
      if (!addresses) throw new Error("no such host");
      return addresses;
    },
    dial(address) {
      dialled.push(address);
      // Every address but the public one is the operator's network, and answers.
      return connect({ host: "127.0.0.1", port: address === publicAddress ? sitePort : internalPort });
    },
  };
  chromium = await launchTestBrowser(tmp.path, { internet, chromiumFlags: [] });
});
beforeEach(async () => {
  [reached, dialled.length] = [0, 0];
  asked.clear();
  cage = await openCage(chromium);
  return () => cage.context.close();
});
afterAll(async () => {
  await chromium.destroy();
  for (const server of [site, internal]) await new Promise((resolve) => server.close(resolve));
  await tmp.stop();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has a port");
  return bound.port;
}

const forms = () =>
  privateHosts.flatMap((host) => [`http://${host}/`, `https://${host}/`, `http://${host}:${internalPort}/`]);

async function visit(context: BrowserContext, url: string): Promise<number | null> {
  const page = await context.newPage();
  const response = await page.goto(url).catch(() => null);
  await page.close();
  return response?.status() ?? null;
}

function expectNothingReached(): void {
  expect(reached).toBe(0);
  expect(dialled.filter((address) => !isPublicAddress(address))).toEqual([]);
}

test("the control: the internal server is there, and the public one is reached through the proxy", async () => {
  const socket = connect(internalPort, "127.0.0.1");
  await expect.poll(() => reached, { interval: 10 }).toBe(1);
  socket.destroy();
  expect(await visit(cage.context, "http://public.example/")).toBe(200);
  expect(dialled).toEqual([publicAddress]);
});

test("no form of a private address, and no name that leads to one, is reached by navigation", async () => {
  for (const url of forms()) expect([403, null], url).toContain(await visit(cage.context, url));
  expectNothingReached();
  expect(cage.log.refusals()).toBeGreaterThanOrEqual(privateHosts.length);
}, 180_000); // a hundred navigations

test("nor as a sub-resource: image, frame, script, fetch and WebSocket", async () => {
  const page = await cage.context.newPage();
  await page.goto("http://public.example/");
  await page.evaluate(async (urls) => {
    await Promise.all(
      urls.flatMap((url) => {
        const settled = (name: "img" | "script" | "iframe") =>
          new Promise((resolve) => {
            const element = document.createElement(name);
            element.onload = element.onerror = resolve;
            element.src = url;
            document.body.append(element);
          });
        const socket = new Promise((resolve) => {
          try {
            new WebSocket(url.replace(/^http/, "ws")).onclose = resolve;
          } catch {
            resolve(null);
          }
        });
        return [
          settled("img"),
          settled("script"),
          settled("iframe"),
          socket,
          fetch(url, { mode: "no-cors" }).catch(() => 0),
        ];
      }),
    );
  }, forms());
  expectNothingReached();
});

test.each([301, 302, 303, 307, 308])("nor by a redirect with status %i", async (status) => {
  for (const to of [
    "http://127.0.0.1/",
    `http://127.0.0.1:${internalPort}/`,
    "http://private.example/",
    "http://[::1]/",
  ])
    await visit(cage.context, `http://public.example/${status}?to=${encodeURIComponent(to)}`);
  expectNothingReached();
  expect(dialled.length).toBeGreaterThan(0); // the redirects were really followed
  expect(cage.log.lastRefusal("127.0.0.1")).not.toBe(null);
});

test.each([
  ["meta refresh", (to: string) => `<meta http-equiv="refresh" content="0;url=${to}">`],
  ["script", (to: string) => `<script>location = ${JSON.stringify(to)}</script>`],
  ["a form", (to: string) => `<form method="post" action="${to}"></form><script>document.forms[0].submit()</script>`],
])("nor by %s", async (_what, htmlOf) => {
  for (const host of ["127.0.0.1", "private.example", "localhost"]) {
    const page = await cage.context.newPage();
    const html = encodeURIComponent(htmlOf(`http://${host}/`));
    await page.goto(`http://public.example/?html=${html}`, { waitUntil: "commit" }).catch(() => undefined);
    await expect.poll(() => cage.log.lastRefusal(host), { timeout: 5_000, interval: 10 }).toBe("private_address");
    await page.close();
  }
  expectNothingReached();
});

test("a name that changes between check and connection is dialled at the address that was checked", async () => {
  for (let time = 0; time < 3; time++) await visit(cage.context, "http://rebind.example/");
  await visit(cage.context, "http://private-first.example/");
  expect(dialled.length).toBeGreaterThan(0);
  expectNothingReached();
});

test("a tab led by DevTools to a file, to the browser's own pages or to a data address is taken away from it", async () => {
  const schemes = ["file:", "chrome:", "data:"];
  for (const url of ["file:///etc/hostname", "chrome://version/", "data:text/html,hi"]) {
    const page = await cage.context.newPage();
    await page.goto(url).catch(() => undefined);
    await expect.poll(() => page.url(), { timeout: 5_000, interval: 10 }).toMatch(/^(about:blank|chrome-error:.*)$/);
    await page.close();
  }
  const noted = cage.log.visits().filter(({ refused }) => refused === "scheme_not_allowed");
  expect(noted.map(({ host }) => host)).toEqual(schemes);
});

test("no page leads a tab to such an address", async () => {
  for (const url of [
    "file:///etc/hostname",
    "chrome://version/",
    "view-source:http://public.example/",
    "data:text/html,hi",
  ]) {
    const page = await cage.context.newPage();
    const refused = page.waitForEvent("console", {
      predicate: (message) => message.type() === "error",
      timeout: 10_000,
    });
    const script = `<script>location.href = ${JSON.stringify(url)}</script>`;
    await page.goto(`http://public.example/?html=${encodeURIComponent(script)}`, { waitUntil: "commit" });
    expect((await refused).text(), url).toMatch(/^Not allowed to /);
    expect(new URL(page.url()).protocol).toBe("http:");
    await page.close();
  }
});

test("the source view of a private address is no way to it", async () => {
  await visit(cage.context, "view-source:http://127.0.0.1/");
  await visit(cage.context, `view-source:http://127.0.0.1:${internalPort}/`);
  expectNothingReached();
});

test("nor where it is allowed by name: what is private stays closed in a signed-in cage too", async () => {
  const hosts = ["private.example", "mixed.example", "127.0.0.1", "10.0.0.5", "localhost", "metadata.example"];
  const values = { twitterAuthToken: "CANARY-token", twitterCt0: "CANARY-ct0" };
  const signedIn = await openCage(chromium, { values, allowedHosts: [...hosts, "public.example"] });
  for (const host of hosts) {
    await visit(signedIn.context, `http://${host}/`);
    expect(signedIn.log.lastRefusal(host), host).toBe("private_address");
  }
  expectNothingReached();
  expect(await visit(signedIn.context, "http://public.example/")).toBe(200); // the control: the list is used
  await signedIn.context.close();
});

test("a browser's context without a cage reaches nothing at all", async () => {
  const context = await chromium.browser.newContext();
  for (const url of ["http://public.example/", `http://127.0.0.1:${internalPort}/`, "http://[::1]/"])
    expect(await visit(context, url), url).toBe(null);
  await context.close();
  expectNothingReached();
  expect(dialled).toEqual([]);
});
