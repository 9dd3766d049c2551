import type { DesignFindings } from "@stablehand/contract";
import { colorsIn, hexOf, parseColor, type Rgba } from "./color-values.ts";
import { partsOf, wordsOf } from "./css-lists.ts";
import type { PageTokens } from "./extract-tokens.ts";
import { unquoted } from "./sheet-facts.ts";

type Token = Readonly<Record<string, unknown>>;
type Group = Readonly<Record<string, unknown>>;

/** Where the format leaves no place for something: its own namespace, as the format asks. */
const extension = "dev.stablehand";

/**
 * Writes tokens as a file of the Design Tokens Format Module, 2025.10.
 *
 * Scales are numbered in their order, colours named by role. A gradient of the format has stops and no direction: its CSS
 * stands beside it. Custom properties are there as far as the format has a type for them, with their dark value beside.
 */
export function designTokensOf(
  { spacing, radii, shadows, gradients, motionDurationsMs, cssVariables }: PageTokens,
  colors: DesignFindings["colors"]["colors"],
  fonts: DesignFindings["fonts"]["fonts"],
): Group {
  const groups = {
    color: group(
      "color",
      named(colors, ({ role }) => role),
      ({ hex }) => token(colorValue(parseColor(hex))),
    ),
    fontFamily: group(
      "fontFamily",
      named(fonts, ({ usage }) => usage),
      ({ family }) => token(family),
    ),
    fontWeight: group("fontWeight", numbered(weightsOf(fonts)), (weight) => token(weight)),
    spacing: group("dimension", numbered(spacing), (pixels) => token({ value: pixels, unit: "px" })),
    radius: group("dimension", numbered(radii), (pixels) => token({ value: pixels, unit: "px" })),
    shadow: group("shadow", numbered(shadows), (css) => token(shadowValue(css))),
    gradient: group("gradient", numbered(gradients), (css) => token(gradientValue(css), { css })),
    duration: group("duration", numbered(motionDurationsMs), (ms) => token({ value: ms, unit: "ms" })),
    customProperty: propertyGroup(cssVariables),
  };
  return Object.fromEntries(
    Object.entries(groups).filter(([, { $type: _, ...tokens }]) => Object.keys(tokens).length > 0),
  );
}

function token(value: unknown, more?: Readonly<Record<string, unknown>>): Token {
  return { $value: value, ...(more && { $extensions: { [extension]: more } }) };
}

function group<Value>(
  type: string,
  values: readonly (readonly [string, Value])[],
  write: (value: Value) => Token,
): Group {
  return { $type: type, ...Object.fromEntries(values.map(([name, value]) => [name, write(value)])) };
}

function numbered<Value>(values: readonly Value[]): [string, Value][] {
  return values.map((value, nth) => [String(nth + 1), value]);
}

/** `text`, `neutral`, `neutral-2`, … */
function named<Value>(values: readonly Value[], nameOf: (value: Value) => string): [string, Value][] {
  const counts = new Map<string, number>();
  return values.map((value) => {
    const name = nameOf(value);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return [count === 1 ? name : `${name}-${count}`, value];
  });
}

function weightsOf(fonts: DesignFindings["fonts"]["fonts"]): number[] {
  return [...new Set(fonts.flatMap(({ weights }) => weights))].filter(isWeight).sort((a, b) => a - b);
}

function isWeight(weight: number): boolean {
  return weight >= 1 && weight <= 1_000;
}

function colorValue(color: Rgba | null) {
  const { r, g, b, alpha } = color ?? { r: 0, g: 0, b: 0, alpha: 0 };
  const components = [r, g, b].map((part) => Math.round(part * 10_000) / 10_000);
  return { colorSpace: "srgb", components, alpha: Math.round(alpha * 1_000) / 1_000, hex: hexOf({ r, g, b, alpha }) };
}

function shadowValue(css: string) {
  const layers = partsOf(css).map((layer) => {
    const [color] = colorsIn(layer);
    const words = wordsOf(layer);
    const lengths = words
      .filter((word) => /^-?[\d.]+(?:e[+-]?\d+)?px$/.test(word))
      .map((word) => Number.parseFloat(word));
    const [offsetX, offsetY, blur, spread] = [0, 1, 2, 3].map((nth) => ({ value: lengths[nth] ?? 0, unit: "px" }));
    return {
      color: colorValue(color ?? null),
      offsetX,
      offsetY,
      blur,
      spread,
      ...(words.includes("inset") && { inset: true }),
    };
  });
  return layers.length === 1 ? layers[0] : layers;
}

/** Stops in percent or degrees stand there; the others halfway between their neighbours, as CSS has it. */
function gradientValue(css: string) {
  const parts = partsOf(css.slice(css.indexOf("(") + 1, -1));
  const stops = parts.flatMap((part): { color: Rgba; position: number | null }[] => {
    const [color] = colorsIn(part);
    if (!color) return [];
    const positions = wordsOf(part).flatMap((word) => positionOf(word) ?? []);
    return positions.length > 0 ? positions.map((position) => ({ color, position })) : [{ color, position: null }];
  });
  const positions = spreadOut(stops.map(({ position }) => position));
  return stops.map(({ color }, nth) => ({ color: colorValue(color), position: positions[nth] ?? 0 }));
}

function positionOf(word: string): number | null {
  const [, number, unit] = /^(-?[\d.]+)(%|deg)$/.exec(word) ?? [];
  if (number === undefined) return null;
  const position = Number(number) / (unit === "%" ? 100 : 360);
  return Math.min(Math.max(position, 0), 1);
}

function spreadOut(positions: readonly (number | null)[]): number[] {
  const known = positions.map((position, nth) => position ?? (nth === 0 ? 0 : nth === positions.length - 1 ? 1 : null));
  const spread: number[] = [];
  let before = 0;
  for (const [nth, to] of known.entries()) {
    if (to === null) continue;
    const from = spread[before] ?? 0;
    for (let at = before + 1; at < nth; at += 1)
      spread.push(Math.round((from + ((to - from) * (at - before)) / (nth - before)) * 10_000) / 10_000);
    spread.push(to);
    before = nth;
  }
  return spread;
}

function propertyGroup(properties: PageTokens["cssVariables"]): Group {
  const tokens = new Map<string, Token>();
  for (const { name, value, dark } of properties) {
    const typed = typedValue(name, value);
    if (!typed) continue;
    const darkTyped = dark === undefined ? null : typedValue(name, dark);
    // The format keeps these letters for itself, and readers in JavaScript choke on the last.
    const bare =
      name
        .slice(2)
        .replace(/[.{}]/g, "-")
        .replace(/^(\$|__proto__$)/, "-") || "-";
    const free = tokens.has(bare) ? `${bare}-${tokens.size}` : bare;
    tokens.set(free, {
      $type: typed.type,
      ...token(typed.value, darkTyped?.type === typed.type ? { dark: darkTyped.value } : undefined),
    });
  }
  return Object.fromEntries(tokens);
}

/** A custom property in the format's terms; null for what it has no type for. */
function typedValue(name: string, value: string): { readonly type: string; readonly value: unknown } | null {
  const color = parseColor(value);
  if (color) return { type: "color", value: colorValue(color) };
  const [, number, unit] = /^(-?(?:\d+\.?\d*|\.\d+))(px|rem|ms|s)?$/i.exec(value) ?? [];
  if (number !== undefined) {
    const amount = Number(number);
    if (unit)
      return {
        type: /^m?s$/i.test(unit) ? "duration" : "dimension",
        value: { value: amount, unit: unit.toLowerCase() },
      };
    return /weight/i.test(name) && isWeight(amount)
      ? { type: "fontWeight", value: amount }
      : { type: "number", value: amount };
  }
  const [, list] = /^cubic-bezier\(([^)]*)\)$/i.exec(value) ?? [];
  const curve = list?.split(",").map(Number) ?? [];
  const isCurve =
    curve.length === 4 && curve.every(Number.isFinite) && [curve[0], curve[2]].every((x = -1) => x >= 0 && x <= 1);
  if (isCurve) return { type: "cubicBezier", value: curve };
  const isFamily = /font/i.test(name) && /^[^()]*$/.test(value) && /^["']|,/.test(value);
  return isFamily ? { type: "fontFamily", value: partsOf(value).map(unquoted) } : null;
}
