import type { DesignFindings } from "@stablehand/contract";
import type { PageSnapshot } from "./snapshot.ts";

/** The colours of the page. */
export function extractColors(_snapshot: PageSnapshot): DesignFindings["colors"] {
  return { colors: [], contrastIssues: [] };
}
