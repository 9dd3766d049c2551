import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { parseEgress } from "../../packages/worker/src/browser/egress.ts";
import { openCage } from "../../packages/worker/src/cage/open-cage.ts";
import { collectPage } from "../../packages/worker/src/design/collect-page.ts";
import {
  type DesignExtraction,
  type ExtractionOptions,
  extractDesign,
} from "../../packages/worker/src/design/extract-design.ts";
import { listenToFiles } from "../../packages/worker/src/design/page-files.ts";
import type { PageSnapshot } from "../../packages/worker/src/design/snapshot.ts";
import { visitPage } from "../../packages/worker/src/design/visit-page.ts";
import { launchTestBrowser, ownTmpDir } from "./chromium.ts";

/** A file of the site: what a path answers with. */
export interface SiteFile {
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** It begins and never ends. */
  readonly isEndless?: true;
}

/** A real Chromium, and a site of two names, http://site.test and http://cdn.test, that it reaches. */
export interface DesignBrowser {
  /** What the site answers, by path with its query; HTML when it is only text. */
  readonly files: Map<string, SiteFile | string>;
  /** Paths that are never answered. */
  readonly silent: Set<string>;
  /** Every path asked for, in order. */
  readonly paths: readonly string[];
  /** Extracts from the site's `path` in a fresh context, as a task does. */
  extract(path: string, options?: Partial<ExtractionOptions>): Promise<DesignExtraction>;
  /** The snapshot of the site's `path`, in a fresh context. */
  collect(path: string): Promise<PageSnapshot>;
  stop(): Promise<void>;
}

/** What was found by an extractor that did not fail. */
export function found<Name extends keyof DesignExtraction["results"]>({ results }: DesignExtraction, name: Name) {
  const result = results[name];
  if (!result || "error" in result) throw new Error(`${name}: ${JSON.stringify(result)}`);
  return result as Exclude<typeof result, { error: string }>; // TypeScript does not narrow by a generic key
}

/** The colours that were found. */
export function hexesOf(extraction: DesignExtraction): string[] {
  return found(extraction, "colors").colors.map(({ hex }) => hex);
}

const names = ["site.test", "cdn.test"];

/** Starts both, for one test file. */
export async function startDesignBrowser(): Promise<DesignBrowser> {
  const tmp = await ownTmpDir();
  const files = new Map<string, SiteFile | string>();
  const paths: string[] = [];
  const silent = new Set<string>();
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    paths.push(path);
    if (silent.has(path)) return;
    const file = files.get(path);
    if (file === undefined) return void response.writeHead(404, { "content-type": "text/plain" }).end();
    if (typeof file === "string")
      return void response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(file);
    response.writeHead(file.status ?? 200, {
      "content-type": file.type,
      "access-control-allow-origin": "*",
      ...file.headers,
    });
    if (file.isEndless) response.write(file.body);
    else response.end(file.body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo; // it listens on an address, not on a pipe
  const hostMap = names.flatMap((name) => [`${name}:80=127.0.0.1:${port}`]).join(",");
  const chromium = await launchTestBrowser(tmp.path, parseEgress({ EGRESS_TEST_MODE: "1", EGRESS_HOST_MAP: hostMap }));

  async function open(): Promise<Page> {
    const { context } = await openCage(chromium);
    return context.newPage();
  }

  return {
    files,
    silent,
    paths,
    async collect(path) {
      const page = await open();
      const session = await page.context().newCDPSession(page);
      const { signal } = new AbortController();
      const listening = listenToFiles(page, signal);
      try {
        await visitPage(page, `http://site.test${path}`, signal);
        return await collectPage(page, session, listening, signal);
      } finally {
        listening.stop();
        await page.context().close();
      }
    },
    async extract(path, options) {
      const page = await open();
      const { signal } = new AbortController();
      const extractors = ["images", "fonts", "colors", "icons", "tokens", "logo"] as const;
      try {
        return await extractDesign(page, { url: `http://site.test${path}`, extractors, signal, ...options });
      } finally {
        await page.context().close();
      }
    },
    async stop() {
      await chromium.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await tmp.stop();
    },
  };
}
