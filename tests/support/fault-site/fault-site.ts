import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** Web sites that misbehave, on loopback, under two names that are different sites to a browser. */
export interface FaultSite {
  /** For `EGRESS_HOST_MAP`. */
  readonly hostMap: string;
  /** Serves a document under a new address of `fault.test`, or of the other name. */
  page(html: string, host?: FaultHost): string;
  /** The address of one of the faults. */
  fault(name: Fault, host?: FaultHost): string;
  /** Every path asked for so far, with its query, in order. */
  readonly paths: readonly string[];
  stop(): Promise<void>;
}

/** The names that lead here. */
export const faultHosts = ["fault.test", "other.test"] as const;

/** One of them. */
export type FaultHost = (typeof faultHosts)[number];

/** What a server can do wrong. */
export type Fault = keyof typeof faults;

const hugeBytes = 50 * 1024 * 1024;

const faults = {
  /** Takes the request and never answers. */
  silent: () => undefined,
  /** Sends the beginning of a document and never its end. */
  unfinished: (_: IncomingMessage, response: ServerResponse) => {
    response.write("<title>Slow</title><h1>The beginning</h1>");
  },
  /** A document with a picture that never comes, so that it never has loaded. */
  unloaded: (_: IncomingMessage, response: ServerResponse) => {
    response.end("<title>Pending</title><h1>All but a picture</h1><img src=/fault/silent>");
  },
  redirects: (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(302, { location: `/fault/redirects?${Math.random()}` }).end();
  },
  download: (_: IncomingMessage, response: ServerResponse) => {
    response.setHeader("content-disposition", 'attachment; filename="invoice.pdf"');
    response.setHeader("content-type", "application/pdf");
    response.end("%PDF-");
  },
  empty: (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(204).end();
  },
  json: (_: IncomingMessage, response: ServerResponse) => {
    response.setHeader("content-type", "application/json");
    response.end('{"items":[12]}');
  },
  /** A document of 50 MB, most of it text. */
  huge: (_: IncomingMessage, response: ServerResponse) => {
    const paragraph = `<p>${"A page without end has many words. ".repeat(200)}</p>\n`;
    response.write("<title>Huge</title><h1>The first heading</h1><button>First button</button>");
    let left = hugeBytes / paragraph.length;
    const more = () => {
      while (left-- > 0) if (!response.write(paragraph)) return void response.once("drain", more);
      response.end("<button>Last button</button>");
    };
    more();
  },
} satisfies Record<string, (request: IncomingMessage, response: ServerResponse) => void>;

/** Starts it on a free port. */
export async function startFaultSite(): Promise<FaultSite> {
  const pages = new Map<string, string>();
  const paths: string[] = [];

  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    paths.push(path);
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.setHeader("cache-control", "no-store");
    const [, folder, name = ""] = path.split(/[/?]/);
    if (folder === "fault" && isFault(name)) faults[name](request, response);
    else if (folder === "echo") response.end(`<title>Echo</title><h1>Received</h1><p>${inHtml(path)}</p>`);
    else response.end(pages.get(path) ?? "<title>Nothing</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has a port");

  return {
    hostMap: faultHosts.map((host) => `${host}:80=127.0.0.1:${bound.port}`).join(","),
    paths,
    page(html, host = "fault.test") {
      const path = `/page/${pages.size}`;
      pages.set(path, html);
      return `http://${host}${path}`;
    },
    fault: (name, host = "fault.test") => `http://${host}/fault/${name}`,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function isFault(name: string): name is Fault {
  return Object.hasOwn(faults, name);
}

function inHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
