import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createDialPublic, type Target, UnreachableError } from "./dial-public.ts";
import { createEgressLog, type EgressLog, type RefusalReason } from "./egress-log.ts";
import type { EgressPolicy } from "./egress-policy.ts";
import { CheckedAgent, forwardRequest } from "./forward-request.ts";
import type { Internet } from "./internet.ts";
import { parseAbsoluteForm, parseAuthority } from "./parse-target.ts";

/** The one door of a task's browser to the network. */
export interface ForwardProxy {
  /** For the browser's context: `http://127.0.0.1:port`. */
  readonly server: string;
  readonly username: string;
  readonly password: string;
  readonly log: EgressLog;
  /** Whether a browser has shown its credential, by one of `greetingUrls`. */
  wasGreeted(): boolean;
  /** Takes effect at once: what is open to hosts that may not be reached any more is cut. */
  setPolicy(policy: EgressPolicy): void;
  /** Cuts everything. Safe twice. */
  close(): Promise<void>;
}

const greetingHost = "greeting.invalid";

/** A host of no one, where a browser shows its credential to the proxy before anything else; never passed on. */
export const greetingUrls = { http: `http://${greetingHost}/`, https: `https://${greetingHost}/` } as const;

const connectionsMax = 256;
const headerBytesMax = 64 * 1024;
const headersMs = 10_000;
const idleMs = 300_000;
const ports = new Set([80, 443]);

/** Something open to a host, and the way to end it. */
interface Passage extends Target {
  cut(): void;
}

/**
 * Starts a forward proxy on a free loopback port: absolute-form HTTP and CONNECT, for whoever has its credential.
 *
 * In this order a request needs: the policy's consent, port 80 or 443, a public name or address, and every address of
 * the name public. At most 256 connections, 64 KB of headers, 5 min of silence.
 */
export async function startForwardProxy(internet: Internet, firstPolicy: EgressPolicy): Promise<ForwardProxy> {
  const [username, password] = [randomBytes(9).toString("base64url"), randomBytes(24).toString("base64url")];
  const credential = digest(`Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`);
  const log = createEgressLog(internet.onRefused);
  const dial = createDialPublic(internet);
  const closing = new AbortController();
  const agent = new CheckedAgent(dial, closing.signal);
  const clients = new Set<Socket>();
  const passages = new Set<Passage>();
  let policy = firstPolicy;
  let greeted = false;
  let closed: Promise<void> | undefined;

  const isKnown = ({ headers }: IncomingMessage) =>
    timingSafeEqual(digest(headers["proxy-authorization"] ?? ""), credential);
  const refusalOf = ({ host, port }: Target): RefusalReason | null =>
    policy(host, port) ?? (ports.has(port) ? null : "port_not_allowed");

  /** Runs `work` as long as the policy lets it, and notes how it went. */
  async function pass(passage: Passage, work: () => Promise<void>): Promise<RefusalReason | null> {
    const { host, port } = passage;
    let refused = refusalOf(passage);
    if (!refused) {
      passages.add(passage);
      try {
        await work();
      } catch (error) {
        refused = error instanceof UnreachableError ? error.reason : "not_reached";
      }
    }
    log.note(host, port, refused);
    return refused;
  }

  const server = createServer({ maxHeaderSize: headerBytesMax, headersTimeout: headersMs, requestTimeout: 0 });
  server.maxConnections = connectionsMax;
  server.on("connection", (socket) => {
    clients.add(socket);
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.on("error", () => undefined);
    socket.on("close", () => clients.delete(socket));
  });
  server.on("drop", () => log.note("", 0, "too_many_connections"));
  server.on("clientError", (_error, socket) => socket.destroy());

  server.on("request", async (request: IncomingMessage, response: ServerResponse) => {
    if (!isKnown(request)) return answer(response, 407);
    const target = parseAbsoluteForm(request.url ?? "");
    if (!target) return answer(response, 400);
    if (target.host === greetingHost) {
      greeted = true;
      return answer(response, 200);
    }
    const passage = { ...target, cut: () => response.destroy() };
    response.once("close", () => passages.delete(passage));
    const refused = await pass(passage, () => forwardRequest(target, { request, response, agent }));
    if (!refused || response.destroyed) return;
    // Where nothing answers, nothing does here either: a page of ours would pass for one of the site.
    if (response.headersSent || statusOf(refused) === 502) response.destroy();
    else answer(response, 403, refused);
  });

  server.on("connect", async (request: IncomingMessage, client: Duplex, head: Buffer) => {
    client.on("error", () => undefined);
    if (!isKnown(request)) return end(client, 407);
    const target = parseAuthority(request.url ?? "");
    if (!target) return end(client, 400);
    if (target.host === greetingHost) {
      greeted = true;
      return end(client, 502);
    }
    const gone = new AbortController();
    const passage = { ...target, cut: () => client.destroy() };
    client.once("close", () => {
      gone.abort();
      passages.delete(passage);
    });
    const refused = await pass(passage, async () => {
      const upstream = await dial(target, gone.signal);
      if (client.destroyed) return void upstream.destroy();
      join(client, upstream, head);
    });
    if (refused) end(client, statusOf(refused), refused);
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has a port");

  function close(): Promise<void> {
    const ended = new Promise<void>((resolve) => server.close(() => resolve()));
    closing.abort();
    agent.destroy();
    for (const client of clients) client.destroy();
    return ended;
  }

  return {
    server: `http://127.0.0.1:${bound.port}`,
    username,
    password,
    log,
    wasGreeted: () => greeted,
    setPolicy(next) {
      policy = next;
      for (const passage of [...passages]) if (refusalOf(passage)) passage.cut();
    },
    close: () => (closed ??= close()),
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Tells Chromium apart what is forbidden and what failed: the first is never tried again. */
function statusOf(refused: RefusalReason): number {
  return refused === "not_resolved" || refused === "not_reached" ? 502 : 403;
}

const challenge = 'Basic realm="this task only"';

function answer(response: ServerResponse, status: number, refused?: RefusalReason): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(status === 407 && { "proxy-authenticate": challenge }),
    ...(status !== 200 && status !== 407 && { connection: "close" }),
  });
  response.end(refused && `This browser does not open this address: ${refused}.\n`);
}

function end(client: Duplex, status: number, refused?: RefusalReason): void {
  const authenticate = status === 407 ? `Proxy-Authenticate: ${challenge}\r\n` : "";
  const body = refused ? `${refused}\n` : "";
  client.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${authenticate}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

/** Makes a tunnel; when either side is gone, so is the other. */
function join(client: Duplex, upstream: Socket, head: Buffer): void {
  upstream.setTimeout(idleMs, () => upstream.destroy());
  upstream.on("error", () => undefined);
  upstream.on("close", () => client.destroy());
  client.on("close", () => upstream.destroy());
  client.write("HTTP/1.1 200 Connection established\r\n\r\n");
  if (head.length > 0) upstream.write(head);
  upstream.pipe(client);
  client.pipe(upstream);
}
