import type { DesignResults, ExtractorName } from "@stablehand/contract";
import type { CDPSession, Page } from "playwright-core";
import { within } from "../agent/page/within.ts";
import { addressesOf } from "./asset-addresses.ts";
import { collectPage } from "./collect-page.ts";
import { runExtractors } from "./extractors.ts";
import { listenToFiles, type PageFiles } from "./page-files.ts";
import { PageUnreachableError } from "./page-unreachable-error.ts";
import type { PageSnapshot } from "./snapshot.ts";
import { visitPage } from "./visit-page.ts";

/** A file of the page that the results refer to by its address. */
export interface DesignAsset {
  /** As in `originalSrc` or `originalFaceUrl`. */
  readonly sourceUrl: string;
  /** Of the response; the bytes decide nothing. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** What one visit to a page gave. */
export interface DesignExtraction {
  readonly results: DesignResults;
  /** Bounded in number and bytes; in the order of their first use. */
  readonly assets: readonly DesignAsset[];
}

/** What an extraction begins with. */
export interface ExtractionOptions {
  readonly url: string;
  readonly extractors: readonly ExtractorName[];
  readonly signal: AbortSignal;
}

const collectMs = 60_000;
const newsMs = 2_000;
const readsMax = 3;

/**
 * Visits `url` in `page`, a fresh one of a caged context without cookies, and extracts its design. Deterministic.
 *
 * Errors: PageUnreachableError when the page does not load. An extractor that fails leaves `{ error }` under its name.
 */
export async function extractDesign(
  page: Page,
  { url, extractors, signal }: ExtractionOptions,
): Promise<DesignExtraction> {
  const files = listenToFiles(page, signal);
  try {
    const session = await page.context().newCDPSession(page);
    await visitPage(page, url, signal);
    const snapshot = await collectSettled(page, session, files, signal);
    const results = runExtractors(snapshot, extractors);
    return { results, assets: await files.assets(addressesOf(results)) };
  } finally {
    files.stop();
  }
}

/** A page may lead on to another while it is read, by a script or a `refresh`: then that one is read. */
async function collectSettled(
  page: Page,
  session: CDPSession,
  files: PageFiles,
  signal: AbortSignal,
): Promise<PageSnapshot> {
  for (let read = 1; ; read += 1) {
    const { promise: replaced, resolve: onReplaced } = Promise.withResolvers<true>();
    const onNavigated = (frame: object) => {
      if (frame === page.mainFrame()) onReplaced(true);
    };
    page.on("framenavigated", onNavigated);
    try {
      return await within(collectPage(page, session, files, signal), collectMs, signal);
    } catch (error) {
      // The session may have learnt of it sooner than the page does.
      const isReplaced = await within(replaced, newsMs, signal).catch(() => signal.throwIfAborted());
      if (!isReplaced || read === readsMax) throw new PageUnreachableError("it does not stand still", { cause: error });
      await within(page.waitForLoadState("load", { timeout: collectMs }), collectMs, signal).catch(() =>
        signal.throwIfAborted(),
      );
    } finally {
      page.off("framenavigated", onNavigated);
    }
  }
}
