import { z } from "zod";

/** What can be extracted from a page's design. */
export const extractorNames = ["images", "fonts", "colors", "icons", "tokens", "logo"] as const;

/** One of the six. */
export type ExtractorName = (typeof extractorNames)[number];

const downloadUrl = z.string().optional().meta({ description: "A copy kept here; the address is signed and expires." });

const images = z.object({
  images: z.array(
    z.object({
      src: z.string(),
      type: z.string().meta({ description: "Where it stands: `img`, `svg`, `background`, `poster`." }),
      naturalWidth: z.number(),
      naturalHeight: z.number(),
      alt: z.string(),
      svgSource: z.string().optional(),
      downloadUrl,
      originalSrc: z.string().optional().meta({ description: "The address on the site itself, which lasts." }),
      alternatives: z
        .array(z.string())
        .optional()
        .meta({ description: "What `srcset` and `picture` offer besides `src`." }),
    }),
  ),
});

const fonts = z.object({
  fonts: z.array(
    z.object({
      family: z.string(),
      usage: z.enum(["headings", "body", "decorative"]),
      count: z.int().meta({ description: "Characters rendered in it." }),
      weights: z.array(z.number()),
      source: z.enum(["google", "self-hosted", "cdn", "system"]),
      faceUrl: z.string().optional(),
      downloadUrl,
      originalFaceUrl: z.string().optional(),
    }),
  ),
});

const colorList = z.array(
  z.object({
    hex: z.string(),
    rgb: z.string(),
    count: z.int(),
    role: z.enum(["primary", "background", "text", "error", "success", "warning", "neutral"]),
  }),
);

const colors = z.object({
  colors: colorList,
  contrastIssues: z
    .array(
      z.object({ fg: z.string(), bg: z.string(), ratio: z.number(), passesAA: z.boolean(), passesAAA: z.boolean() }),
    )
    .meta({ description: "Every pair of text and background that is painted, the lowest contrast (WCAG 2.2) first." }),
  otherScheme: z
    .object({ scheme: z.enum(["light", "dark"]), colors: colorList })
    .optional()
    .meta({ description: "The colours under the scheme that is not the page's default, if it has two." }),
});

const icons = z.object({
  icons: z.array(
    z.object({
      hash: z.string(),
      source: z.string().optional(),
      size: z.number(),
      style: z.enum(["outline", "solid", "duotone"]),
      count: z.int(),
    }),
  ),
});

const tokens = z.object({
  tokens: z.object({
    dtcg: z.record(z.string(), z.unknown()).meta({ description: "Design Tokens Format Module, 2025.10." }),
    spacing: z.array(z.number()),
    radii: z.array(z.number()),
    shadows: z.array(z.string()),
    gradients: z.array(z.string()),
    motionDurationsMs: z.array(z.number()),
    cssVariables: z.array(z.object({ name: z.string(), value: z.string(), dark: z.string().optional() })),
  }),
});

const logo = z.object({
  logo: z.object({
    found: z.boolean(),
    src: z.string().optional(),
    type: z.string().optional(),
    width: z.number().optional(),
    height: z.number().optional(),
    downloadUrl,
    svgSource: z.string().optional(),
    alt: z.string().optional(),
  }),
});

/** What an extractor that failed leaves in its place; the others are not touched by it. */
const failed = z.object({ error: z.string() });

/** The results of an extraction, by extractor; only those that were asked for. */
export const designResults = z
  .object({
    images: z.union([images, failed]),
    fonts: z.union([fonts, failed]),
    colors: z.union([colors, failed]),
    icons: z.union([icons, failed]),
    tokens: z.union([tokens, failed]),
    logo: z.union([logo, failed]),
  })
  .partial()
  .meta({ id: "DesignResults" });

/** The results of an extraction. */
export type DesignResults = z.output<typeof designResults>;

/** What each extractor finds when it does not fail. */
export interface DesignFindings {
  readonly images: z.output<typeof images>;
  readonly fonts: z.output<typeof fonts>;
  readonly colors: z.output<typeof colors>;
  readonly icons: z.output<typeof icons>;
  readonly tokens: z.output<typeof tokens>;
  readonly logo: z.output<typeof logo>;
}

/** What a task of an extraction was asked for and, once it completed, what it found. */
export const designRecord = z
  .object({
    url: z.string(),
    extractors: z.array(z.enum(extractorNames)),
    enableIpRotation: z.boolean(),
    durationMs: z.int().min(0).optional().meta({ description: "As the task's." }),
    results: designResults.optional().meta({ description: "Absent until the task has completed." }),
  })
  .meta({ id: "Design" });

/** A design extraction on the wire. */
export type Design = z.output<typeof designRecord>;
