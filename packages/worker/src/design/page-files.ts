import type { Page, Request, Response } from "playwright-core";
import { within } from "../agent/page/within.ts";
import type { DesignAsset } from "./extract-design.ts";

/** The pictures and fonts that a page loads. */
export interface PageFiles {
  /** By the address that was asked for, before redirects; in the order of their addresses. */
  types(): ReadonlyMap<string, string>;
  /** The text of a file; null when it has none, or is over a megabyte. */
  textOf(url: string): Promise<string | null>;
  /** The files with these addresses, each once, as far as the visit received them and the bounds allow. */
  assets(urls: readonly string[]): Promise<DesignAsset[]>;
  stop(): void;
}

const heardMax = 5_000;
const assetsMax = 200;
const assetBytesMax = 5_000_000;
const allBytesMax = 50_000_000;
const textBytesMax = 1_000_000;
const readMs = 5_000;
const readAllMs = 20_000;

/**
 * Listens to what `page` loads from now on.
 *
 * Bytes are the browser's own copies, read after the visit: Node asks no site for anything. At most 200 files are handed
 * out, of 5 MB each, 50 MB in all, and within 20 s; whatever is beyond, or has not come whole, is left on the site.
 */
export function listenToFiles(page: Page, signal: AbortSignal): PageFiles {
  const heard = new Map<string, Response>();
  const finished = new WeakSet<Request>();
  const onFinished = (request: Request): void => {
    finished.add(request);
  };
  const onResponse = (response: Response): void => {
    const kind = response.request().resourceType();
    const isFile = kind === "image" || kind === "font" || typeOf(response).startsWith("image/");
    if (!isFile || !response.ok() || heard.size >= heardMax) return;
    let first = response.request();
    for (let before = first.redirectedFrom(); before; before = before.redirectedFrom()) first = before;
    if (!heard.has(first.url())) heard.set(first.url(), response);
  };
  page.on("response", onResponse);
  page.on("requestfinished", onFinished);

  async function bytesOf(response: Response, bytesMax: number): Promise<Uint8Array | null> {
    if (!finished.has(response.request())) return null;
    if (Number(response.headers()["content-length"] ?? 0) > bytesMax) return null;
    // The browser keeps no copy of what is too large for it, or was taken over by another document.
    const bytes = await within(response.body(), readMs, signal).catch(() => {
      signal.throwIfAborted();
      return null;
    });
    return bytes && bytes.length > 0 && bytes.length <= bytesMax ? bytes : null;
  }

  return {
    types: () => new Map([...heard].map(([url, response]) => [url, typeOf(response)] as const).sort(byName)),
    async textOf(url) {
      const response = heard.get(url);
      const bytes = response && (await bytesOf(response, textBytesMax));
      return bytes ? new TextDecoder().decode(bytes) : null;
    },
    async assets(urls) {
      const assets: DesignAsset[] = [];
      let total = 0;
      const until = performance.now() + readAllMs;
      for (const sourceUrl of new Set(urls)) {
        const response = heard.get(sourceUrl);
        if (!response || assets.length >= assetsMax || performance.now() > until) continue;
        const bytes = await bytesOf(response, Math.min(assetBytesMax, allBytesMax - total));
        if (!bytes) continue;
        total += bytes.length;
        assets.push({ sourceUrl, contentType: typeOf(response), bytes });
      }
      return assets;
    },
    stop() {
      page.off("response", onResponse);
      page.off("requestfinished", onFinished);
    },
  };
}

function typeOf(response: Response): string {
  return (response.headers()["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
