import { type Color, clampRgb, converter, formatHex, parse, wcagContrast } from "culori";

/** A colour in sRGB, each part from 0 to 1, not multiplied by its alpha. */
export interface Rgba {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly alpha: number;
}

const toRgb = converter("rgb");
const rememberedMax = 10_000;
const remembered = new Map<string, Rgba | null>();

/** The colour a computed value stands for, clipped to sRGB as it is on most screens; null when it is none. */
export function parseColor(value: string): Rgba | null {
  let color = remembered.get(value);
  if (color === undefined) {
    color = readColor(value);
    if (remembered.size >= rememberedMax) remembered.clear();
    remembered.set(value, color);
  }
  return color;
}

function readColor(value: string): Rgba | null {
  const color = parsed(value);
  if (!color) return null;
  const { r, g, b, alpha = 1 } = clampRgb(toRgb(color));
  return { r, g, b, alpha };
}

function parsed(value: string): Color | undefined {
  try {
    return parse(value);
  } catch {
    return undefined; // culori fails on some values that begin like a colour, such as a list of numbers after a name
  }
}

/** The colours in a computed gradient or shadow, in their order. */
export function colorsIn(value: string): Rgba[] {
  const words = value.match(/\b(?:rgba?|hsla?|oklab|oklch|lab|lch|color)\([^()]*\)/g) ?? [];
  return words.map(parseColor).filter((color) => color !== null);
}

/** `upper` painted over `lower`. */
export function over(upper: Rgba, lower: Rgba): Rgba {
  if (upper.alpha >= 1) return upper;
  const rest = lower.alpha * (1 - upper.alpha);
  const alpha = upper.alpha + rest;
  if (alpha === 0) return upper;
  const mix = (part: "r" | "g" | "b") => (upper[part] * upper.alpha + lower[part] * rest) / alpha;
  return { r: mix("r"), g: mix("g"), b: mix("b"), alpha };
}

/** `#rrggbb`: its alpha is left out. */
export function hexOf({ r, g, b }: Rgba): string {
  return formatHex({ mode: "rgb", r, g, b });
}

/** WCAG 2.2's contrast ratio of two opaque colours, 1 to 21, not rounded. */
export function contrastOf(a: Rgba, b: Rgba): number {
  return wcagContrast({ mode: "rgb", r: a.r, g: a.g, b: a.b }, { mode: "rgb", r: b.r, g: b.g, b: b.b });
}
