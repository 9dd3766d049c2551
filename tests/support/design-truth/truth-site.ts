import { createServer } from "node:http";
import { type Egress, parseEgress } from "../../../packages/worker/src/browser/egress.ts";
import type { TruthPage } from "./design-truth.ts";

/** Pages of known design on a server of their own. */
export interface TruthSite {
  /** What a Chromium needs to find their hosts, and nothing outside this machine. */
  readonly egress: Egress;
  /** What `egress` is made of: an `EGRESS_HOST_MAP`. */
  readonly hostMap: string;
  stop(): Promise<void>;
}

/** Serves every file of the pages at its address, on loopback. Fonts may be used from any origin, as font hosts allow. */
export async function startTruthSite(pages: readonly TruthPage[]): Promise<TruthSite> {
  const files = new Map(pages.flatMap((page) => [...page.files]));
  const server = createServer((request, response) => {
    const address = `http://${request.headers.host}${request.url}`;
    const file = files.get(address) ?? files.get(address.split("?", 1)[0] ?? "");
    if (!file) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": file.type, "access-control-allow-origin": "*" }).end(file.body);
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(address && typeof address === "object" ? address.port : 0);
    });
  });
  const hosts = new Set([...files.keys()].map((address) => new URL(address).host));
  const hostMap = [...hosts].map((host) => `${host}:80=127.0.0.1:${port}`).join(",");
  return {
    hostMap,
    egress: parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_HOST_MAP: hostMap }),
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
