import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { policyOf } from "./egress-policy.ts";
import { type ForwardProxy, greetingUrls, startForwardProxy } from "./forward-proxy.ts";
import { mappedInternet } from "./internet.ts";

let origin: Server;
let proxy: ForwardProxy;
let port: number;
const seen: { url: string; headers: IncomingHttpHeaders }[] = [];
const open: Socket[] = [];

beforeAll(async () => {
  origin = createServer((incoming, response) => {
    seen.push({ url: incoming.url ?? "", headers: incoming.headers });
    if (incoming.url === "/challenge") return void response.writeHead(407, { "proxy-authenticate": "Basic" }).end();
    response.writeHead(200, [
      ...["Set-Cookie", "a=1", "Set-Cookie", "b=2", "Connection", "X-Hop", "X-Hop", "1", "Proxy-Authenticate", "Basic"],
    ]);
    incoming.pipe(response);
  });
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  const bound = origin.address();
  port = bound !== null && typeof bound === "object" ? bound.port : 0;
});
beforeEach(async () => {
  seen.length = 0;
  const place = { address: "127.0.0.1", port };
  const internet = mappedInternet(
    new Map(["x.com:80", "x.com:443", "evil.example:80", "evil.example:443", "x.com:8080"].map((at) => [at, place])),
  );
  proxy = await startForwardProxy(internet, policyOf({ platforms: [], allowedHosts: [] }));
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await proxy.close();
});
afterAll(() => new Promise((resolve) => origin.close(resolve)));

const authorization = () => `Basic ${Buffer.from(`${proxy.username}:${proxy.password}`).toString("base64")}`;

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function get(url: string, headers: Record<string, string> = { "proxy-authorization": authorization() }, body = "") {
  return new Promise<Answer>((resolve, reject) => {
    const { hostname, port: at } = new URL(proxy.server);
    const options = { host: hostname, port: at, path: url, method: body ? "POST" : "GET", headers, agent: false };
    const outgoing = request(options, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode, headers: response.headers, body: text });
    });
    outgoing.once("error", reject).end(body);
  });
}

/** Sends the bytes of a CONNECT and gives the status line's number. */
function tunnel(authority: string, authorized = true): Promise<{ status: number; socket: Socket }> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(proxy.server).port), "127.0.0.1");
    open.push(socket);
    socket.once("error", reject);
    socket.once("data", (data) => resolve({ status: Number(data.toString().split(" ")[1]), socket }));
    const line = authorized ? `Proxy-Authorization: ${authorization()}\r\n` : "";
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${line}\r\n`);
  });
}

test("without its credential, or with another's, nothing is passed on and nothing noted", async () => {
  for (const headers of [{}, { "proxy-authorization": "Basic eDp5" }, { authorization: authorization() }])
    expect((await get("http://x.com/", headers as Record<string, string>)).status).toBe(407); // a union of literals
  expect((await tunnel("x.com:443", false)).status).toBe(407);
  expect(seen).toEqual([]);
  expect(proxy.log.visits()).toEqual([]);
});

test("a request is passed on with its body, without what is between browser and proxy, and so is the answer", async () => {
  const answer = await get(
    "http://x.com/path?q=1",
    {
      "proxy-authorization": authorization(),
      "proxy-connection": "keep-alive",
      connection: "x-secret",
      "x-secret": "1",
      cookie: "c=1",
    },
    "hello",
  );
  expect(answer).toMatchObject({ status: 200, body: "hello", headers: { "set-cookie": ["a=1", "b=2"] } });
  expect(Object.keys(answer.headers)).not.toContain("x-hop");
  expect(Object.keys(answer.headers)).not.toContain("proxy-authenticate");
  expect(seen[0]).toMatchObject({ url: "/path?q=1", headers: { host: "x.com", cookie: "c=1" } });
  for (const name of ["proxy-authorization", "proxy-connection", "x-secret"])
    expect(Object.keys(seen[0]?.headers ?? {})).not.toContain(name);
});

test("a stranger's own 407 does not reach the browser, which would drop its credential", async () => {
  expect((await get("http://x.com/challenge")).status).toBe(502);
});

test.each([
  ["http://x.com:8080/", "port_not_allowed"],
  ["http://127.0.0.1/", "private_address"],
  ["http://0x7f.1/", "private_address"],
])("%s is answered with 403 and %s", async (url, reason) => {
  expect(await get(url)).toMatchObject({ status: 403, body: expect.stringContaining(reason) });
  expect(proxy.log.lastRefusal(new URL(url).hostname)).toBe(reason);
  expect(seen).toEqual([]);
});

test("a name that leads nowhere is not answered, and the log says why", async () => {
  await expect(get("http://nowhere.example/")).rejects.toThrow();
  expect((await tunnel("nowhere.example:443")).status).toBe(502);
  expect(proxy.log.visits()).toMatchObject([
    { port: 80, refused: "not_resolved" },
    { port: 443, refused: "not_resolved" },
  ]);
});

test.each(["x.com", "x.com:0", "x.com:65536", "x.com:443:1", "user@x.com:443", "x.com/:443"])(
  "CONNECT %s is malformed, and goes nowhere",
  async (authority) => {
    expect((await tunnel(authority)).status).toBe(400);
    expect(seen).toEqual([]);
  },
);

test("narrowing cuts what is open to other hosts at once, and nothing else", async () => {
  const [kept, cut] = [await tunnel("x.com:443"), await tunnel("evil.example:443")];
  expect([kept.status, cut.status]).toEqual([200, 200]);
  const ended = new Promise((resolve) => cut.socket.once("close", resolve));
  proxy.setPolicy(policyOf({ platforms: ["twitter"], allowedHosts: [] }));
  await ended;
  expect(kept.socket.destroyed).toBe(false);
  expect((await tunnel("evil.example:443")).status).toBe(403);
  expect((await get("http://evil.example/")).status).toBe(403);
  expect((await get("http://x.com/")).status).toBe(200);
});

test("the log counts hosts and ports and holds no path", async () => {
  await get("http://x.com/secret-path?secret=query");
  await get("http://x.com/other");
  expect(proxy.log.visits()).toEqual([{ host: "x.com", port: 80, refused: null, count: 2 }]);
  expect(proxy.log.refusals()).toBe(0);
});

test("a greeting by a tunnel is seen, with the credential only", async () => {
  expect(proxy.wasGreeted()).toBe(false);
  await tunnel("greeting.invalid:443", false);
  expect(proxy.wasGreeted()).toBe(false);
  await tunnel("greeting.invalid:443");
  expect(proxy.wasGreeted()).toBe(true);
  expect(proxy.log.visits()).toEqual([]);
});

test("the greeting is answered by the proxy itself, and after its end nobody answers", async () => {
  expect((await get(greetingUrls.http)).status).toBe(200);
  expect(proxy.log.visits()).toEqual([]);
  await tunnel("x.com:443");
  await Promise.all([proxy.close(), proxy.close()]);
  await expect(get(greetingUrls.http)).rejects.toThrow();
});
