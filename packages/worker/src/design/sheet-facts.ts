import { type CssNode, generate, parse, walk } from "css-tree";
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

/** What turns a page dark when it is set on the root element. */
export interface DarkSwitch {
  readonly attribute: string;
  readonly value: string;
}

/** Every `@font-face` rule of the sheets, in their order. */
export function fontFacesOf(sheets: readonly SnapshotSheet[]): readonly FontFace[] {
  return sheets.flatMap((sheet) => factsOf(sheet).faces);
}

/**
 * Finds the attribute or class by which the page's sheets redefine custom properties for a dark scheme.
 *
 * Only one that they set on the root element, such as `[data-theme="dark"]` or `.dark`; of several, the one that
 * redefines most. Null when there is none.
 */
export function darkSwitchOf(sheets: readonly SnapshotSheet[]): DarkSwitch | null {
  const counts = new Map<string, number>();
  for (const sheet of sheets)
    for (const [key, count] of factsOf(sheet).darkSwitches) counts.set(key, (counts.get(key) ?? 0) + count);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  if (!most) return null;
  const [attribute = "", value = ""] = most[0].split("=");
  return { attribute, value };
}

/** Whether the page may look different under another `prefers-color-scheme`. */
export function hasSchemes({ sheets, elements }: Pick<PageSnapshot, "sheets" | "elements">): boolean {
  const isAsked = /prefers-color-scheme|light-dark\(|color-scheme\s*:[^;}]*dark/;
  return (
    sheets.some(({ text, media }) => isAsked.test(text) || isAsked.test(media)) ||
    elements.some(({ tag, attributes }) => {
      if (tag === "meta")
        return attributes["name"]?.toLowerCase() === "color-scheme" && /dark/.test(attributes["content"] ?? "");
      return isAsked.test(attributes["style"] ?? "") || isAsked.test(attributes["media"] ?? "");
    })
  );
}

interface SheetFacts {
  readonly faces: readonly FontFace[];
  /** How many custom properties are set, by `attribute=value`. */
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

/** Most sheets have neither, and parsing one takes as long as all else together. */
const isWorthParsing = /@font-face|dark["'\]\s,{.:)][^{}]*\{[^{}]*--/i;

function readFacts({ url, text }: SnapshotSheet): SheetFacts {
  const faces: FontFace[] = [];
  const darkSwitches = new Map<string, number>();
  if (!isWorthParsing.test(text)) return { faces, darkSwitches };
  const sheet = parse(text, { parseValue: false, parseAtrulePrelude: false, parseRulePrelude: false });
  walk(sheet, (node) => {
    if (node.type === "Atrule" && node.name.toLowerCase() === "font-face" && node.block) {
      const face = faceIn(node.block, url);
      if (face) faces.push(face);
    }
    if (node.type !== "Rule" || node.prelude.type !== "Raw" || !/dark/i.test(node.prelude.value)) return;
    const count = node.block.children
      .toArray()
      .filter((child) => child.type === "Declaration" && child.property.startsWith("--")).length;
    if (count === 0) return;
    for (const key of switchesIn(node.prelude.value)) darkSwitches.set(key, (darkSwitches.get(key) ?? 0) + count);
  });
  return { faces, darkSwitches };
}

function faceIn(block: CssNode & { type: "Block" }, sheetUrl: string): FontFace | null {
  const values = new Map<string, string>();
  for (const child of block.children.toArray())
    if (child.type === "Declaration" && child.value.type === "Raw")
      values.set(child.property.toLowerCase(), child.value.value.trim());
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
function switchesIn(selectors: string): string[] {
  const found: string[] = [];
  const list = parse(selectors, { context: "selectorList", onParseError: () => undefined });
  if (list.type !== "SelectorList") return found;
  for (const selector of list.children.toArray()) {
    const text = generate(selector);
    const bare = text.replace(/^:(?:where|is)\((.*)\)$/, "$1").replace(/^(?::root|html)(?=[.[:])/, "");
    const [, attribute, value] = /^\[([\w-]+)=["']?([\w-]*dark[\w-]*)["']?\]$/i.exec(bare) ?? [];
    const [, className] = /^\.([\w-]*dark[\w-]*)$/i.exec(bare) ?? [];
    if (attribute && value) found.push(`${attribute}=${value}`);
    else if (className) found.push(`class=${className}`);
  }
  return found;
}
