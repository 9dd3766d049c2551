import type { DesignFindings } from "@stablehand/contract";
import type { PageSnapshot } from "./snapshot.ts";

/** The tokens of the page. */
export function extractTokens(_snapshot: PageSnapshot): DesignFindings["tokens"] {
  return {
    tokens: { dtcg: {}, spacing: [], radii: [], shadows: [], gradients: [], motionDurationsMs: [], cssVariables: [] },
  };
}
