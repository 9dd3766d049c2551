import { createHash } from "node:crypto";
import { createServer } from "node:https";
import type { ServerCertificate } from "../fake-platforms/certificates.ts";
import { persuadingPage } from "./persuading-page.ts";
import { type WriteChannel, writeChannels } from "./write-channels.ts";

/** A request that changes something on the fake platform, and came through. */
export interface Write {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly cookie: string;
}

/** x.com and twitter.com as they are when a stranger's script runs in them: pages that try to write, and a count of what was written. */
export interface WriteSite {
  readonly port: number;
  /** In order; emptied by `writes.length = 0`. */
  readonly writes: Write[];
  /** Requests that change nothing, the pages' own included. */
  reads(): number;
  stop(): Promise<void>;
}

/** The path of a channel's write: the name of a mutation of X's, under one that is the channel's. */
export function pathOf({ name }: WriteChannel): string {
  return `/i/api/graphql/${name}/CreateTweet`;
}

const write = /\/(?:CreateTweet|FavoriteTweet|friendships\/create\.json)$/;

/** Where a POST only reads, so that it may redirect. */
const readPath = "/i/api/graphql/q1/SearchTimeline";

/** Serves `/persuading`, and `/write/CHANNEL`, which sets its title to "tried" when it is through, and what those pages need. */
export async function startWriteSite(certificate: ServerCertificate): Promise<WriteSite> {
  const writes: Write[] = [];
  let reads = 0;

  const server = createServer(certificate, (request, response) => {
    const { headers, method = "" } = request;
    const { host = "", cookie = "" } = headers;
    const { pathname, searchParams } = new URL(request.url ?? "/", "https://x.com");
    request.resume();
    const to = searchParams.get("to") ?? "";
    const cors = { "access-control-allow-origin": headers.origin ?? "*", "access-control-allow-credentials": "true" };
    const html = { "content-type": "text/html", "cache-control": "no-store", ...cors };
    if (method === "OPTIONS")
      return void response
        .writeHead(204, { ...cors, "access-control-allow-methods": "PUT", "access-control-allow-headers": "x-any" })
        .end();
    if (write.test(pathname)) {
      writes.push({ method, host, path: pathname, cookie });
      return void response.writeHead(200, html).end("written");
    }
    reads++;
    if (pathname === "/redirect" || (pathname === readPath && to))
      return void response.writeHead(Number(searchParams.get("status")), { ...cors, location: to }).end();
    const script = searchParams.get("script") ?? "";
    if (pathname === "/runs.js")
      return void response.writeHead(200, { ...html, "content-type": "text/javascript" }).end(script);
    if (pathname === "/runs") return void response.writeHead(200, html).end(`<script>${script}</script>`);
    if (pathname === "/csp")
      return void response
        .writeHead(200, { ...html, "content-security-policy": `img-src 'none'; report-uri ${to}` })
        .end(`<title>tried</title><img src="/any.png">`);
    if (pathname === "/report-to")
      return void response
        .writeHead(200, {
          ...html,
          "reporting-endpoints": `main="${to}"`,
          "content-security-policy": "img-src 'none'; report-to main",
        })
        .end(`<title>tried</title><img src="/any.png">`);
    if (pathname === "/persuading") return void response.writeHead(200, html).end(persuadingPage);
    if (pathname === "/late")
      return void response
        .writeHead(200, html)
        .end(`<script>setTimeout(() => (document.title = "tried"), 1000)</script>`);
    const channel = writeChannels.find(({ name }) => pathname === `/write/${name}`);
    response.writeHead(200, html).end(channel ? pageOf(channel) : "<title>tried</title>");
  });
  server.on("upgrade", ({ headers, method = "", url: path = "" }, socket) => {
    const { host = "", cookie = "" } = headers;
    writes.push({ method: `${method} upgrade`, host, path, cookie });
    const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept.digest("base64")}\r\n\r\n`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has a port");

  return {
    port: bound.port,
    writes,
    reads: () => reads,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pageOf(channel: WriteChannel): string {
  const path = pathOf(channel);
  return `<!doctype html><title>trying</title><link rel="icon" href="data:,"><body><script>
    const post = "https://x.com${path}", get = post, other = "https://twitter.com${path}", socket = "wss://x.com${path}";
    const read = "${readPath}", redirect = (status, to) => "/redirect?status=" + status + "&to=" + encodeURIComponent(to);
    const add = (tag, properties) => {
      const element = Object.assign(document.createElement(tag), properties);
      (tag === "meta" || tag === "link" ? document.head : document.body).append(element);
      return element;
    };
    addEventListener("load", async () => { try { ${channel.script} } finally { document.title = "tried" } });
  </script>`;
}
