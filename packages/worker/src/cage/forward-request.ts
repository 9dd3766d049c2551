import {
  Agent,
  type ClientRequestArgs,
  type IncomingMessage,
  request as openRequest,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream";
import { type DialPublic, UnreachableError } from "./dial-public.ts";
import type { AbsoluteTarget } from "./parse-target.ts";

/** Headers of one connection, and those that are between the browser and the proxy (RFC 9110 §7.6.1). */
const ownOfAConnection = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authorization",
  "proxy-authenticate",
  "proxy-authentication-info",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const headerBytesMax = 64 * 1024;
const socketsMax = 64;
const socketsPerHostMax = 8;

/** Keeps connections that were dialled to checked addresses, and hands them to no other host and port. */
export class CheckedAgent extends Agent {
  readonly #dial: DialPublic;
  readonly #signal: AbortSignal;

  constructor(dial: DialPublic, signal: AbortSignal) {
    super({ keepAlive: true, maxSockets: socketsPerHostMax, maxTotalSockets: socketsMax, timeout: 60_000 });
    this.#dial = dial;
    this.#signal = signal;
  }

  override createConnection(
    { host, port }: ClientRequestArgs,
    callback: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#dial({ host: String(host), port: Number(port) }, this.#signal).then(
      (socket) => callback(null, socket),
      // Node's type wants a stream beside the error, which it does not look at.
      (error: Error) => callback(error, undefined as unknown as Duplex),
    );
  }
}

/**
 * Passes one plain HTTP request on, and its answer back, without what belongs to the proxy.
 *
 * Resolves when the answer has begun. Errors: UnreachableError, when nothing has been answered yet.
 */
export function forwardRequest(
  { host, port, authority, path }: AbsoluteTarget,
  { request, response, agent }: { request: IncomingMessage; response: ServerResponse; agent: Agent },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = passedOn(request.rawHeaders).filter(([name]) => name.toLowerCase() !== "host");
    const outgoing = openRequest({
      agent,
      host,
      port,
      path,
      method: request.method,
      setHost: false,
      headers: ["Host", authority, ...headers.flat()],
      maxHeaderSize: headerBytesMax,
    });
    response.once("close", () => outgoing.destroy());
    outgoing.once("response", (answer) => {
      // A stranger's 407 would make the browser ask for, or forget, the credential of this proxy.
      const status = answer.statusCode === 407 || answer.statusCode === undefined ? 502 : answer.statusCode;
      response.writeHead(status, passedOn(answer.rawHeaders).flat());
      pipeline(answer, response, () => undefined);
      resolve();
    });
    outgoing.once("error", (cause) =>
      reject(cause instanceof UnreachableError ? cause : new UnreachableError("not_reached", { cause })),
    );
    pipeline(request, outgoing, () => undefined);
  });
}

function passedOn(rawHeaders: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) pairs.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
  const named = pairs.flatMap(([name, value]) => (name.toLowerCase() === "connection" ? value.split(",") : []));
  const dropped = new Set(named.map((name) => name.trim().toLowerCase()));
  return pairs.filter(([name]) => !ownOfAConnection.has(name.toLowerCase()) && !dropped.has(name.toLowerCase()));
}
