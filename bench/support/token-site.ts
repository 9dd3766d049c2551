import { createServer } from "node:http";
import { type Egress, parseEgress } from "../../packages/worker/src/browser/egress.ts";
import { formSentPage } from "../pages/form-page.ts";
import { savedPages } from "../pages/pages.ts";
import { directFlag } from "./direct-flags.ts";

/** The saved pages on a server of their own. */
export interface TokenSite {
  /** What a Chromium needs to find it by its name, and nothing outside this machine. */
  readonly egress: Egress;
  /** The same for a Chromium without our proxy. */
  readonly directFlags: readonly string[];
  /** The address of a saved page, such as `list`; a public name, since agents open no other. */
  urlOf(name: string): string;
  stop(): Promise<void>;
}

const host = "pages.example";
const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>';

/** Serves each saved page as `/NAME`, and what the form's submission leads to, on loopback. Pictures are empty. */
export async function startTokenSite(): Promise<TokenSite> {
  const documents = new Map(savedPages.map(({ name, html }) => [`/${name}`, html()]));
  documents.set("/form/sent", formSentPage());
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const html = documents.get(path);
    if (html !== undefined) response.setHeader("content-type", "text/html; charset=utf-8").end(html);
    else if (path.endsWith(".svg")) response.setHeader("content-type", "image/svg+xml").end(picture);
    else response.writeHead(404, { "content-type": "text/html" }).end("<title>Not found</title><h1>Not found</h1>");
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(address && typeof address === "object" ? address.port : 0);
    });
  });
  const hostMap = `${host}:80=127.0.0.1:${port}`;
  return {
    egress: parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_HOST_MAP: hostMap }),
    directFlags: [directFlag(hostMap)],
    urlOf: (name) => `http://${host}/${name}`,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
