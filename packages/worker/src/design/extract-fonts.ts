import type { DesignFindings } from "@stablehand/contract";
import type { PageSnapshot } from "./snapshot.ts";

/** The fonts of the page. */
export function extractFonts(_snapshot: PageSnapshot): DesignFindings["fonts"] {
  return { fonts: [] };
}
