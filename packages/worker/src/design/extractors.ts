import type { DesignFindings, DesignResults, ExtractorName } from "@stablehand/contract";
import { extractColors } from "./extract-colors.ts";
import { extractFonts } from "./extract-fonts.ts";
import { extractIcons } from "./extract-icons.ts";
import { extractImages } from "./extract-images.ts";
import { extractLogo } from "./extract-logo.ts";
import { extractTokens } from "./extract-tokens.ts";
import type { PageSnapshot } from "./snapshot.ts";

/** One pure function per extractor: the same snapshot gives the same findings. */
export type Extractors = { readonly [Name in ExtractorName]: (snapshot: PageSnapshot) => DesignFindings[Name] };

/** The six. */
export const extractors: Extractors = {
  images: extractImages,
  fonts: extractFonts,
  colors: extractColors,
  icons: extractIcons,
  tokens: extractTokens,
  logo: extractLogo,
};

/** Runs the named extractors of `all`. One that throws leaves `{ error }` under its name; the others live on. */
export function runExtractors(
  snapshot: PageSnapshot,
  names: readonly ExtractorName[],
  all: Extractors = extractors,
): DesignResults {
  return Object.fromEntries(names.map((name) => [name, run(() => all[name](snapshot))]));
}

function run<Findings>(extract: () => Findings): Findings | { error: string } {
  try {
    return extract();
  } catch (error) {
    return {
      error: `This extractor failed on this page: ${error instanceof Error ? error.message.slice(0, 300) : "unknown"}`,
    };
  }
}
