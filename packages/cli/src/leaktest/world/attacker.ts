import { createSocket } from "node:dgram";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Socket } from "node:net";
import type { SinkPart } from "../search/search-sink.ts";
import { answerTo, questionOf } from "./dns-message.ts";
import { listen, readBody, readBytes } from "./listen.ts";
import type { ServerCertificate } from "./self-signed-certificate.ts";

/** How much a stranger's servers got. */
export interface AttackerCounts {
  readonly connections: number;
  readonly bytes: number;
  readonly datagrams: number;
  readonly namesLookedUp: number;
}

/** A stranger's servers, to whom hostile pages send what they know. */
export interface Attacker {
  /** Of HTTP, HTTPS, TURN over TCP and whatever else comes. */
  readonly tcpPort: number;
  readonly udpPort: number;
  /** Of a resolver over HTTPS: `https://127.0.0.1:port/dns-query`. */
  readonly dnsPort: number;
  counts(): AttackerCounts;
  /** All that came, as it was read. */
  requests(): SinkPart[];
  datagrams(): SinkPart[];
  names(): SinkPart[];
  stop(): Promise<void>;
}

/** The domain of the attacker's hosts. */
export const attackerDomain = "attacker.example";

/** Asked for by Chromium itself, to see whether a resolver of this kind is there at all. */
const resolversOwnProbe = "www.gstatic.com";
const keptMax = 20_000;
const queryBytesMin = 17; // a header, a name of no label, type and class

/** Starts the attacker on loopback. */
export async function startAttacker(certificate: ServerCertificate): Promise<Attacker> {
  const sockets: Socket[] = [];
  const requests: string[] = [];
  const datagrams: Buffer[] = [];
  const names: string[] = [];
  const note = <Kept>(list: Kept[], one: Kept): void => void (list.length < keptMax && list.push(one));

  const take = async (request: IncomingMessage) => {
    const head = `${request.method} ${request.url}\n${request.rawHeaders.join("\n")}`;
    note(requests, head); // at once: the body may never end
    note(requests, await readBody(request).catch(() => ""));
  };
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    void take(request);
    response.writeHead(200, { "content-type": "text/html", "access-control-allow-origin": "*" }).end("<p>thanks</p>");
  };
  const plain = createHttpServer(answer);
  const secure = createHttpsServer(
    {
      ...certificate,
      SNICallback: (name, callback) => {
        note(requests, `TLS handshake for ${name}`);
        callback(null);
      },
    },
    answer,
  );
  for (const server of [plain, secure]) {
    server.on("upgrade", (request, socket) => {
      void take(request);
      socket.destroy();
    });
    server.on("clientError", (_error, socket) => socket.destroy());
  }
  secure.on("tlsClientError", () => undefined);

  const tcp = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.once("data", (start) => {
      socket.pause();
      if (start[0] === 0x16) secure.emit("connection", socket);
      else if (/^[A-Z]{3,8} /.test(start.toString("latin1", 0, 9))) plain.emit("connection", socket);
      else return void note(requests, start.toString("latin1"));
      socket.unshift(start);
      socket.resume();
    });
  });
  const udp = createSocket("udp4", (message) => note(datagrams, message));
  const dns = createHttpsServer(certificate, async (request, response) => {
    const body = await readBytes(request).catch(() => Buffer.alloc(0));
    const asked = new URL(request.url ?? "/", "https://dns.invalid").searchParams.get("dns");
    const query = asked === null ? body : Buffer.from(asked, "base64url");
    if (query.length < queryBytesMin) return void response.writeHead(400).end();
    const name = questionOf(query);
    if (name !== resolversOwnProbe) note(names, name);
    response.writeHead(200, { "content-type": "application/dns-message" }).end(answerTo(query));
  });
  dns.on("tlsClientError", () => undefined);

  const [tcpPort, dnsPort] = [await listen(tcp), await listen(dns)];
  await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));

  return {
    tcpPort,
    dnsPort,
    udpPort: udp.address().port,
    counts: () => ({
      connections: sockets.length,
      bytes: sockets.reduce((sum, socket) => sum + socket.bytesRead, 0),
      datagrams: datagrams.length,
      namesLookedUp: names.length,
    }),
    requests: () => [{ where: "requests", bytes: Buffer.from(requests.join("\n")) }],
    datagrams: () => datagrams.map((bytes) => ({ where: "datagrams", bytes })),
    names: () => [{ where: "names", bytes: Buffer.from(names.join("\n")) }],
    async stop() {
      for (const socket of sockets) socket.destroy();
      dns.closeAllConnections();
      udp.close();
      await Promise.all([tcp, dns].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
