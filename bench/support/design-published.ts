import { type CssNode, generate, parse } from "css-tree";
import { converter, formatHex, formatRgb } from "culori";
import type { PropertyTruth } from "../../tests/support/design-truth/design-truth.ts";

/** Tokens as a package publishes them: by their whole name, such as `$blue` or `--size-3`, as written. */
export type Published = ReadonlyMap<string, string>;

/** Reads the variables of a Sass or Less file, and the entries of its maps by their keys; the first of a name counts. */
export function variablesIn(text: string): Published {
  const found = new Map<string, string>();
  const add = (name: string, value: string) => {
    if (!found.has(name))
      found.set(
        name,
        value
          .replace(/!default/, "")
          .replace(/\/\/.*$/, "")
          .trim(),
      );
  };
  for (const [, name = "", value = ""] of text.matchAll(/^\s*([$@][\w-]+):\s*([^;{]*);/gm)) add(name, value);
  for (const [, key = "", value = ""] of text.matchAll(/^\s+"?([\w-]+)"?:\s*([^,;{}\n]*),?\s*$/gm)) add(key, value);
  return found;
}

/** The custom properties that a style sheet gives the root. */
export interface RootProperties {
  readonly light: Published;
  /** Under the dark scheme, where they are others. */
  readonly dark: Published;
}

/** Reads the custom properties in rules with one of these selectors; the last of a name counts, as all are of one weight. */
export function rootPropertiesIn(
  text: string,
  lightSelectors: readonly string[],
  darkSelectors: readonly string[],
): RootProperties {
  const light = new Map<string, string>();
  const dark = new Map<string, string>();
  const read = (node: CssNode, isDark: boolean): void => {
    if (node.type === "StyleSheet" || node.type === "Block") {
      for (const child of node.children) read(child, isDark);
    } else if (node.type === "Atrule" && node.block) {
      const condition = node.prelude ? generate(node.prelude) : "";
      const isDarkRule = node.name === "media" && condition === "(prefers-color-scheme:dark)";
      if (isDarkRule || node.name === "layer" || node.name === "supports") read(node.block, isDark || isDarkRule);
    } else if (node.type === "Rule") {
      const selectors =
        node.prelude.type === "SelectorList" ? [...node.prelude.children].map((one) => generate(one)) : [];
      const isLight = selectors.some((selector) => lightSelectors.includes(selector));
      const isOther = selectors.some((selector) => darkSelectors.includes(selector));
      for (const declaration of node.block.children) {
        if (declaration.type !== "Declaration" || !declaration.property.startsWith("--")) continue;
        const value = generate(declaration.value).trim();
        if (isLight) (isDark ? dark : light).set(declaration.property, value);
        else if (isOther) dark.set(declaration.property, value);
      }
    }
  };
  read(parse(text), false);
  return { light, dark };
}

const depthMax = 20;
const toHsl = converter("hsl");

/** The value of a token with everything that it names put in; null for one that takes more than that to work out. */
export function resolvedIn(published: Published, value: string, depth = 0): string | null {
  if (depth > depthMax || /^(inherit|initial|unset|revert)$/.test(value)) return null;
  let isKnown = true;
  let text = value.replaceAll(/[$@][\w-]+/g, (name) => {
    const of = published.get(name);
    const inner = of === undefined ? null : resolvedIn(published, of, depth + 1);
    isKnown &&= inner !== null;
    return inner ?? name;
  });
  while (isKnown && text.includes("var(")) {
    const before = text;
    text = text.replace(
      /var\(\s*(--[\w-]+)\s*(?:,((?:[^()]|\([^()]*\))*))?\)/,
      (_whole, name: string, other?: string) => {
        const inner = published.get(name) ?? other;
        const whole = inner === undefined ? null : resolvedIn(published, inner, depth + 1);
        isKnown &&= whole !== null;
        return whole ?? "";
      },
    );
    if (before === text) return null;
  }
  if (!isKnown) return null;
  text = text.replaceAll(/rgba\((#[0-9a-f]{3,8}),\s*([\d.]+)\)/gi, (_whole, hex: string, alpha: string) => {
    return (formatRgb(hex) ?? hex).replace("rgb(", "rgba(").replace(")", `, ${alpha})`);
  });
  text = text.replaceAll(
    /(lighten|darken)\((#[0-9a-f]{3,8}),\s*([\d.]+)%\)/gi,
    (whole, way: string, hex: string, step: string) => {
      const color = toHsl(hex);
      return color ? formatHex({ ...color, l: color.l + (Number(step) / 100) * (way === "darken" ? -1 : 1) }) : whole;
    },
  );
  const [, length, unit, factor] = /^([\d.]+)(rem|px)\s*\*\s*([\d.]+)$/.exec(text) ?? [];
  return length ? `${Number(length) * Number(factor)}${unit}` : text.trim();
}

/** The root's custom properties with their values under both schemes; those that name what nobody gives have none. */
export function propertyTruths(light: Published, dark: Published): PropertyTruth[] {
  const both = new Map([...light, ...dark]);
  return [...light].flatMap(([name, written]) => {
    const value = resolvedIn(light, written);
    const other = resolvedIn(both, both.get(name) ?? written);
    if (value === null) return [];
    return [{ name, value, ...(other !== null && other !== value && { dark: other }) }];
  });
}

/** A length in pixels; null for what is none. */
export function pixelsOf(value: string, remPixels: number): number | null {
  const [, number, unit] = /^([\d.]+)(rem|px)$/.exec(value) ?? [];
  if (number === undefined) return null;
  return Math.round(Number(number) * (unit === "rem" ? remPixels : 1) * 100) / 100;
}
