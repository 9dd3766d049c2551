import type { DesignResults, ExtractorName } from "@stablehand/contract";
import type { Page } from "playwright-core";

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

/**
 * Visits `url` in `page`, a fresh one of a caged context without cookies, and extracts its design. Deterministic.
 *
 * Errors: PageUnreachableError when the page does not load. An extractor that fails leaves `{ error }` under its name.
 */
export async function extractDesign(_page: Page, _options: ExtractionOptions): Promise<DesignExtraction> {
  throw new Error("written in the other clone");
}
