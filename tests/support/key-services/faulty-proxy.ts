import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to requests instead of being answered by the service: an answer, none for ever, or a cut connection. */
export type Fault = { readonly status: number; readonly body: string } | "hang" | "drop";

/** A door to an HTTP service that can be told to fail. */
export interface FaultyProxy {
  readonly url: string;
  /** How many requests came, also those that were failed. */
  readonly requests: number;
  /** Fails the next `times` requests. Infinity: until it is told otherwise; 0: no more. */
  fail(fault: Fault, times: number): void;
  stop(): Promise<void>;
}

/**
 * Starts a door to `target`, on loopback. The Host header passes unchanged: what is signed stays so.
 *
 * `correct` puts right an answer that the emulator gives in another form than the service; null leaves it.
 */
export async function startFaultyProxy(
  target: string,
  correct: (status: number, body: string) => Exclude<Fault, string> | null = () => null,
): Promise<FaultyProxy> {
  let fault: Fault = "drop";
  let faults = 0;
  let requests = 0;

  function answer(incoming: IncomingMessage, response: ServerResponse): void {
    requests += 1;
    if (faults > 0) {
      faults -= 1;
      if (fault === "drop") incoming.socket.destroy();
      else if (fault !== "hang")
        response.writeHead(fault.status, { "content-type": "application/json" }).end(fault.body);
      return;
    }
    const { method, headers, url = "/" } = incoming;
    const forwarded = request(new URL(url, target), { method, headers }, (answered) => {
      const chunks: Buffer[] = [];
      answered.on("data", (chunk: Buffer) => chunks.push(chunk));
      answered.once("end", () => {
        const body = Buffer.concat(chunks);
        const status = answered.statusCode ?? 502;
        const corrected = correct(status, body.toString());
        if (corrected) response.writeHead(corrected.status, { "content-type": "application/json" }).end(corrected.body);
        else response.writeHead(status, answered.headers).end(body);
      });
    });
    forwarded.once("error", () => incoming.socket.destroy());
    incoming.pipe(forwarded);
  }

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    get requests() {
      return requests;
    },
    fail(next, times) {
      fault = next;
      faults = times;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
