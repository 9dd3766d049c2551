import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ServerCertificate } from "./fake-platforms/certificates.ts";

/** A request as it came. */
export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How the receiver answers: a status with headers, or in a way of its own; one that never ends the answer hangs. */
export type ReceiverAnswer =
  | { readonly status: number; readonly headers?: Record<string, string> }
  | ((response: ServerResponse) => void);

/** An HTTP server of a business that is sent events. */
export interface WebhookReceiver {
  readonly url: string;
  readonly port: number;
  readonly received: readonly ReceivedWebhook[];
  /** The most requests that were open at once. */
  readonly openMax: number;
  answerWith(answer: ReceiverAnswer): void;
  stop(): Promise<void>;
}

/** An answer that never comes. */
export const hang: ReceiverAnswer = () => {};

/** Starts a receiver on loopback that answers 200; over TLS when it is given a certificate. */
export async function startWebhookReceiver(certificate?: ServerCertificate): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  let answer: ReceiverAnswer = { status: 200 };
  let open = 0;
  let openMax = 0;
  const server = certificate ? createTlsServer(certificate) : createServer();
  server.on("request", (request, response) => {
    open += 1;
    openMax = Math.max(openMax, open);
    response.once("close", () => {
      open -= 1;
    });
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.once("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body });
      if (typeof answer === "function") answer(response);
      else response.writeHead(answer.status, answer.headers).end("thanks");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // of a server that listens on a port
  return {
    url: `${certificate ? "https" : "http"}://127.0.0.1:${port}/hooks`,
    port,
    received,
    get openMax() {
      return openMax;
    },
    answerWith(next) {
      answer = next;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
