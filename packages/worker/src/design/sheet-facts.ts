import { type CssNode, fork, generate, parse, walk } from "css-tree";
import type { PageSnapshot, SnapshotSheet } from "./snapshot.ts";

/** An `@font-face` rule. */
export interface FontFace {
  /** As named in the rule, without quotes. */
  readonly family: string;
  /** Absolute, in the rule's order; without `data:` addresses. */
  readonly urls: readonly string[];
  readonly weightMin: number;
  readonly weightMax: number;
  readonly style: string;
}

/** An attribute of the root element; a class when it is `class`. */
export interface RootAttribute {
  readonly attribute: string;
  readonly value: string;
}

/** Every `@font-face` rule of the sheets, in their order. */
export function fontFacesOf(sheets: readonly SnapshotSheet[]): readonly FontFace[] {
  return sheets.flatMap((sheet) => factsOf(sheet).faces);
}

/**
 * Finds the attributes or classes by which the page's sheets redefine custom properties for a dark scheme.
 *
 * Only what they may stand on the root element for, such as `[data-theme="dark"]` or `.dark`, or both together; of
 * several, what redefines most. Null when there is none.
 */
export function darkSwitchOf(sheets: readonly SnapshotSheet[]): readonly RootAttribute[] | null {
  const counts = new Map<string, number>();
  for (const sheet of sheets)
    for (const [key, count] of factsOf(sheet).darkSwitches) counts.set(key, (counts.get(key) ?? 0) + count);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most ? (JSON.parse(most[0]) as RootAttribute[]) : null; // written below
}

/** Whether the page may look different under another `prefers-color-scheme`. */
export function hasSchemes({ sheets, elements }: Pick<PageSnapshot, "sheets" | "elements">): boolean {
  return (
    sheets.some(({ text, media }) => asksForScheme(text) || asksForScheme(media)) ||
    elements.some(({ tag, attributes }) => {
      if (tag === "meta")
        return attributes["name"]?.toLowerCase() === "color-scheme" && /dark/.test(attributes["content"] ?? "");
      return asksForScheme(attributes["style"] ?? "") || asksForScheme(attributes["media"] ?? "");
    })
  );
}

/** Declarations are looked at one after the other: one expression for it all takes forever where they do not end. */
function asksForScheme(css: string): boolean {
  if (/prefers-color-scheme|light-dark\(/.test(css)) return true;
  return [...css.matchAll(/color-scheme\s*:([^;}]*)/g)].some(([, value]) => value?.includes("dark"));
}

/** The custom properties that `@property` registers, with the value that every element has unless told otherwise. */
export function registeredIn(sheets: readonly SnapshotSheet[]): ReadonlyMap<string, string> {
  return new Map(sheets.flatMap((sheet) => [...factsOf(sheet).registered]));
}

interface SheetFacts {
  readonly faces: readonly FontFace[];
  readonly registered: ReadonlyMap<string, string>;
  /** How many custom properties are set, by the attributes that it takes, as JSON. */
  readonly darkSwitches: ReadonlyMap<string, number>;
}

const known = new WeakMap<SnapshotSheet, SheetFacts>();

function factsOf(sheet: SnapshotSheet): SheetFacts {
  let facts = known.get(sheet);
  if (!facts) {
    facts = readFacts(sheet);
    known.set(sheet, facts);
  }
  return facts;
}

/** Most sheets have none of it, and parsing one takes as long as all else together. */
function isWorthParsing(css: string): boolean {
  if (/@font-face|@property/i.test(css)) return true;
  if (!/dark/i.test(css)) return false;
  const pieces = css.split("{"); // what leads to a block, after the end of the one before
  return pieces.some((piece, nth) => {
    const [block = ""] = (pieces[nth + 1] ?? "").split("}", 1);
    return block.includes("--") && /dark(["'\]\s,.:)]|$)/i.test(piece.slice(piece.lastIndexOf("}") + 1));
  });
}

/** A parser clears all the room that its longest text took before each next one: values have one of their own. */
const { parse: parseSheet } = fork({});

function readFacts({ url, text }: SnapshotSheet): SheetFacts {
  const faces: FontFace[] = [];
  const darkSwitches = new Map<string, number>();
  const registered = new Map<string, string>();
  if (!isWorthParsing(text)) return { faces, registered, darkSwitches };
  const sheet = parseSheet(text, { parseValue: false, parseAtrulePrelude: false, parseRulePrelude: false });
  walk(sheet, (node) => {
    if (node.type === "Atrule" && node.name.toLowerCase() === "font-face" && node.block) {
      const face = faceIn(node.block, url);
      if (face) faces.push(face);
    }
    if (node.type === "Atrule" && node.name.toLowerCase() === "property" && node.block && node.prelude?.type === "Raw")
      registered.set(node.prelude.value.trim(), valuesIn(node.block).get("initial-value") ?? "");
    if (node.type !== "Rule" || node.prelude.type !== "Raw" || !/dark/i.test(node.prelude.value)) return;
    const count = node.block.children
      .toArray()
      .filter((child) => child.type === "Declaration" && child.property.startsWith("--")).length;
    if (count === 0) return;
    for (const attributes of switchesIn(node.prelude.value)) {
      const key = JSON.stringify(attributes);
      darkSwitches.set(key, (darkSwitches.get(key) ?? 0) + count);
    }
  });
  return { faces, registered, darkSwitches };
}

function valuesIn(block: CssNode & { type: "Block" }): Map<string, string> {
  const values = new Map<string, string>();
  for (const child of block.children.toArray())
    if (child.type === "Declaration" && child.value.type === "Raw")
      values.set(child.property.toLowerCase(), child.value.value.trim());
  return values;
}

function faceIn(block: CssNode & { type: "Block" }, sheetUrl: string): FontFace | null {
  const values = valuesIn(block);
  const family = unquoted(values.get("font-family") ?? "");
  if (family === "") return null;
  const [weightMin = 400, weightMax = weightMin] = (values.get("font-weight") ?? "400").split(/\s+/).map(weightOf);
  return {
    family,
    urls: addressesIn(values.get("src") ?? "", sheetUrl),
    weightMin,
    weightMax,
    style: values.get("font-style") ?? "normal",
  };
}

function addressesIn(source: string, base: string): string[] {
  const urls: string[] = [];
  walk(parse(source, { context: "value", onParseError: () => undefined }), (node) => {
    if (node.type !== "Url" || node.value.startsWith("data:")) return;
    if (URL.canParse(node.value, base || undefined)) urls.push(new URL(node.value, base || undefined).href);
  });
  return urls;
}

function weightOf(word: string): number {
  return word === "normal" ? 400 : word === "bold" ? 700 : Number.parseFloat(word) || 400;
}

/** The name in a `font-family` without its quotes. */
export function unquoted(name: string): string {
  return name
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2")
    .replace(/\s+/g, " ");
}

/** The switches in a list of selectors that stand for the root element alone. */
function switchesIn(selectors: string): RootAttribute[][] {
  const list = parse(selectors, { context: "selectorList", onParseError: () => undefined });
  if (list.type !== "SelectorList") return [];
  return list.children.toArray().flatMap((selector) => {
    const attributes = rootAttributesIn(selector);
    return attributes?.some(({ attribute, value }) => /dark/i.test(`${attribute} ${value}`)) ? [attributes] : [];
  });
}

/** The attributes and classes that a selector asks of the root element; null when it may be for another, or asks more. */
function rootAttributesIn(selector: CssNode): RootAttribute[] | null {
  if (selector.type !== "Selector") return null;
  const found: RootAttribute[] = [];
  for (const part of selector.children.toArray()) {
    if (part.type === "ClassSelector") found.push({ attribute: "class", value: part.name });
    else if (part.type === "AttributeSelector") {
      const value = part.value?.type === "String" ? part.value.value : (part.value?.name ?? "");
      found.push({ attribute: part.name.name, value });
    } else if (part.type === "PseudoClassSelector" && /^(where|is)$/.test(part.name)) {
      const [only, ...more] = listedIn(part.children?.first);
      const inner = only && more.length === 0 ? rootAttributesIn(only) : null;
      if (!inner) return null;
      found.push(...inner);
    } else if (!(part.type === "PseudoClassSelector" ? part.name === "root" : generate(part) === "html")) return null;
  }
  return found;
}

function listedIn(list: CssNode | null | undefined): CssNode[] {
  return list?.type === "SelectorList" ? list.children.toArray() : [];
}
