import type { DesignFindings } from "@stablehand/contract";
import { colorsIn } from "./color-values.ts";
import { partsOf } from "./css-lists.ts";
import { designTokensOf } from "./design-token-format.ts";
import { extractColors } from "./extract-colors.ts";
import { extractFonts } from "./extract-fonts.ts";
import { registeredIn } from "./sheet-facts.ts";
import { type ComputedStyle, type PageSnapshot, styleOf } from "./snapshot.ts";
import { spacingIn } from "./spacing-values.ts";
import { gradientsOf, pictureProperties } from "./style-urls.ts";

/** What of the tokens is read from the page; the Design Tokens file is made of it. */
export type PageTokens = Omit<DesignFindings["tokens"]["tokens"], "dtcg">;

/**
 * Lists the values that the page's design is made of, as they are in effect on elements that have a box.
 *
 * Numbers are CSS pixels and milliseconds, ascending; texts are CSS, in the order of the page. Spacing is margins,
 * paddings and gaps above zero that are lengths; a radius in percent is none. Custom properties are the root's, by name,
 * with their value under the dark scheme where that is another.
 */
export function extractTokens(snapshot: PageSnapshot): DesignFindings["tokens"] {
  const tokens: PageTokens = { ...valuesOf(snapshot), cssVariables: propertiesOf(snapshot) };
  const { colors } = extractColors(snapshot);
  return { tokens: { dtcg: designTokensOf(tokens, colors, extractFonts(snapshot).fonts), ...tokens } };
}

function valuesOf(snapshot: PageSnapshot): Omit<PageTokens, "cssVariables"> {
  const spacing = new Set<number>();
  const radii = new Set<number>();
  const shadows = new Set<string>();
  const gradients = new Set<string>();
  const durations = new Set<number>();
  const seen = new Set<string>();
  const fluid = new Set(snapshot.fluidLengths);
  for (const element of snapshot.elements) {
    const style = styleOf(snapshot, element);
    if (!style) continue;
    const isPseudo = element.tag.startsWith("::");
    const key = `${element.style} ${isPseudo}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const [, value] of spacingIn(style, isPseudo)) if (!fluid.has(value)) addLength(spacing, value);
    for (const corner of corners) for (const radius of style[corner].split(" ")) addLength(radii, radius);
    const shadow = visibleShadow(style["box-shadow"]);
    if (shadow) shadows.add(shadow);
    for (const property of pictureProperties)
      for (const gradient of gradientsOf(style[property])) gradients.add(gradient);
    for (const ms of durationsOf(style)) durations.add(ms);
  }
  return {
    spacing: ascending(spacing),
    radii: ascending(radii),
    shadows: [...shadows],
    gradients: [...gradients],
    motionDurationsMs: ascending(durations),
  };
}

const corners = [
  "border-top-left-radius",
  "border-top-right-radius",
  "border-bottom-left-radius",
  "border-bottom-right-radius",
] as const;

function addLength(found: Set<number>, value: string): void {
  const pixels = value.endsWith("px") ? rounded(Number.parseFloat(value)) : 0;
  if (pixels > 0) found.add(pixels);
}

/** The shadow without its layers that show nothing; null when none is left. */
function visibleShadow(value: string): string | null {
  const layers = partsOf(value).filter((layer) => {
    const [color] = colorsIn(layer);
    const isSpread = (layer.replace(/\([^)]*\)/g, "").match(/-?[\d.]+px/g) ?? []).some(
      (length) => Number.parseFloat(length) !== 0,
    );
    return color && color.alpha > 0 && isSpread;
  });
  return layers.length > 0 ? layers.join(", ") : null;
}

function durationsOf(style: ComputedStyle): number[] {
  const lists = [
    style["transition-property"] === "none" ? "" : style["transition-duration"],
    style["animation-name"] === "none" ? "" : style["animation-duration"],
  ];
  const seconds = lists.flatMap((list) => partsOf(list)).map((part) => Number.parseFloat(part));
  return seconds.filter((value) => value > 0).map((value) => rounded(value * 1_000));
}

function propertiesOf({ rootProperties, darkRootProperties, sheets }: PageSnapshot): PageTokens["cssVariables"] {
  const registered = registeredIn(sheets);
  const names = [...new Set([...Object.keys(rootProperties), ...Object.keys(darkRootProperties ?? {})])].sort();
  return names.flatMap((name) => {
    const value = rootProperties[name] ?? "";
    const dark = darkRootProperties?.[name] ?? value;
    if (value === registered.get(name) && dark === value) return []; // it is every element's, and nobody set it
    return [{ name, value, ...(dark !== value && { dark }) }];
  });
}

function ascending(values: ReadonlySet<number>): number[] {
  return [...values].sort((a, b) => a - b);
}

/** Layout counts in 64ths of a pixel, and rem in binary fractions. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
