import { createServer } from "node:http";

/** The two pages of the measured task, on a server of their own. */
export interface TaskSite {
  /** For `EGRESS_HOST_MAP`. */
  readonly hostMap: string;
  /** The first page; a public name, since agents open no other. */
  readonly url: string;
  /** When each document was asked for, by `Date.now()`; emptied by `visits.length = 0`. */
  readonly visits: number[];
  stop(): Promise<void>;
}

const host = "pages.example";
const page = (title: string, body: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,"></head>
<body><main><h1>${title}</h1>${body}</main></body></html>`;
const items = Array.from({ length: 30 }, (_, n) => `<li><h2>Offer ${n + 1}</h2><p>${n + 2} in stock</p></li>`).join("");
const first = page("Offers", `<ul>${items}</ul><a href="/order">To the order</a>`);
const second = page("Your order", "<p>Nothing in it yet.</p>");

/** The text of the first page's link, and the heading of the page that it leads to. */
export const taskLink = { text: "To the order", leadsTo: "Your order" } as const;

/** Serves a list with a link, and the page behind the link, on loopback. */
export async function startTaskSite(): Promise<TaskSite> {
  const visits: number[] = [];
  const server = createServer(({ url }, response) => {
    visits.push(Date.now());
    response.setHeader("content-type", "text/html; charset=utf-8").end(url === "/order" ? second : first);
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(address && typeof address === "object" ? address.port : 0);
    });
  });
  return {
    hostMap: `${host}:80=127.0.0.1:${port}`,
    url: `http://${host}/offers`,
    visits,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
