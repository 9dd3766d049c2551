import { createSocket } from "node:dgram";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Socket } from "node:net";
import { answerTo, questionOf } from "../../../packages/cli/src/leaktest/world/dns-message.ts";
import { listen, readBytes } from "../../../packages/cli/src/leaktest/world/listen.ts";
import type { ServerCertificate } from "../fake-platforms/certificates.ts";

/** What a stranger's server noticed. */
export interface Sink {
  /** Of HTTP, HTTPS, TURN over TCP and whatever else comes. */
  readonly tcpPort: number;
  readonly udpPort: number;
  /** Of the resolver: `https://127.0.0.1:port/dns-query`. */
  readonly dnsPort: number;
  /** Connections accepted, the resolver's own not counted. */
  connections(): number;
  /** Bytes received over TCP and UDP, the resolver's own not counted. */
  bytes(): number;
  datagrams(): number;
  /** Host and path of every request that could be read, in order. */
  readonly requests: { readonly host: string; readonly path: string; readonly upgrade: boolean }[];
  /** Names in TLS handshakes. */
  readonly serverNames: string[];
  /** Names that were looked up. */
  readonly dnsNames: string[];
  /** First bytes of connections that are neither TLS nor HTTP, as hexadecimal digits. */
  readonly rawStarts: string[];
  stop(): Promise<void>;
}

/** Asked for by Chromium itself, to see whether a resolver of this kind is there at all. */
const resolversOwnProbe = "www.gstatic.com";

/** Starts a stranger's servers on loopback, which write down every byte, connection, datagram and DNS query they get. */
export async function startSink(certificate: ServerCertificate): Promise<Sink> {
  const sockets: Socket[] = [];
  const requests: Sink["requests"] = [];
  const [serverNames, dnsNames, rawStarts]: string[][] = [[], [], []];
  let datagramBytes = 0;
  let datagrams = 0;

  const write = (request: IncomingMessage) =>
    requests.push({
      host: request.headers.host ?? "",
      path: request.url ?? "",
      upgrade: request.headers.upgrade !== undefined,
    });
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    write(request);
    response.writeHead(200, { "content-type": "text/html", "access-control-allow-origin": "*" }).end("<p>thanks</p>");
  };
  const plain = createHttpServer(answer);
  const secure = createHttpsServer(
    {
      ...certificate,
      SNICallback: (name, callback) => {
        serverNames?.push(name);
        callback(null);
      },
    },
    answer,
  );
  for (const server of [plain, secure])
    server.on("upgrade", (request, socket) => {
      write(request);
      socket.destroy();
    });
  for (const server of [plain, secure]) server.on("clientError", (_error, socket) => socket.destroy());
  secure.on("tlsClientError", () => undefined);

  const tcp = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.once("data", (start) => {
      socket.pause();
      if (start[0] === 0x16) secure.emit("connection", socket);
      else if (/^[A-Z]{3,8} /.test(start.toString("latin1", 0, 9))) plain.emit("connection", socket);
      else return void rawStarts?.push(start.toString("hex", 0, 20));
      socket.unshift(start);
      socket.resume();
    });
  });
  const udp = createSocket("udp4", (message) => {
    datagrams++;
    datagramBytes += message.length;
  });
  const dns = createHttpsServer(certificate, async (request, response) => {
    const body = await readBytes(request);
    const asked = new URL(request.url ?? "/", "https://dns.invalid").searchParams.get("dns");
    const query = asked === null ? body : Buffer.from(asked, "base64url");
    const name = questionOf(query);
    if (name !== resolversOwnProbe) dnsNames?.push(name);
    response.writeHead(200, { "content-type": "application/dns-message" }).end(answerTo(query));
  });
  dns.on("tlsClientError", () => undefined);

  const [tcpPort, dnsPort] = await Promise.all([listen(tcp), listen(dns)]);
  await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));

  return {
    tcpPort,
    dnsPort,
    udpPort: udp.address().port,
    connections: () => sockets.length,
    bytes: () => datagramBytes + sockets.reduce((sum, socket) => sum + socket.bytesRead, 0),
    datagrams: () => datagrams,
    requests,
    serverNames: serverNames ?? [],
    dnsNames: dnsNames ?? [],
    rawStarts: rawStarts ?? [],
    async stop() {
      for (const socket of sockets) socket.destroy();
      dns.closeAllConnections();
      udp.close();
      await Promise.all([tcp, dns].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
