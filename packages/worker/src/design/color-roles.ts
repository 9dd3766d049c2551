import type { DesignFindings } from "@stablehand/contract";
import { converter } from "culori";
import { bodyOfCanvas } from "./backdrops.ts";
import { hexOf, parseColor, type Rgba } from "./color-values.ts";
import type { PaintedColor, PaintKind } from "./painted-colors.ts";
import { shownOf } from "./shown-elements.ts";
import type { PageView } from "./snapshot.ts";

/** What a colour is for. */
export type ColorRole = DesignFindings["colors"]["colors"][number]["role"];

/** A colour of the page with all that is painted in it. */
export interface ColorGroup {
  readonly color: Rgba;
  readonly uses: readonly PaintedColor[];
  readonly areas: Readonly<Record<PaintKind, number>>;
}

/** From this chroma (OKLCH) on a colour is strong enough to be a signal or a brand's. */
const strongChromaMin = 0.08;
/** Up to this one it may be a tinted grey: text or a surface that is not the brand's. */
const tintChromaMax = 0.12;
/** What covers this share of the page is its background. */
const groundShareMin = 0.9;
/** A background that covers this share of the page is one of its surfaces. */
const surfaceShareMin = 0.02;

/** Names, and the hues (OKLCH degrees) that the named thing may have. */
const signals = [
  {
    role: "error",
    name: /(^|[^a-z])(error|danger|invalid|destructive|critical|negative|fail(ed|ure)?)([^a-z]|$)/i,
    from: 345,
    to: 60,
  },
  { role: "success", name: /(^|[^a-z])(success|valid|positive|confirm(ed)?|ok)([^a-z]|$)/i, from: 110, to: 200 },
  { role: "warning", name: /(^|[^a-z])(warn(ing)?|caution|attention|pending)([^a-z]|$)/i, from: 30, to: 115 },
] as const;
const brandName = /(^|[^a-z])(primary|brand|accent|theme)([^a-z]|$)/i;
/** What belongs to the named thing without being it. */
const besideName = /contrast|inverse|on-|text|foreground|-fg|hover|active|disabled|focus|border|shadow/i;

const toOklch = converter("oklch");

/**
 * Says what each colour is for. In the order of their claims: the first of each role is the one that stands for it.
 *
 * The rules and their reasons: docs/decisions/0012-roles-of-colours.md.
 */
export function rolesOf(
  groups: readonly ColorGroup[],
  view: PageView,
  rootProperties: Readonly<Record<string, string>>,
): Map<ColorGroup, ColorRole> {
  const roles = new Map<ColorGroup, ColorRole>();
  const named = namesByColor(rootProperties);
  const page = groundOf(groups, view);
  const text = largest(
    groups.filter((group) => group !== page),
    ({ areas }) => areas.text,
  );
  if (page) roles.set(page, "background");
  if (text && text.areas.text > 0) roles.set(text, "text");

  const open = () => groups.filter((group) => !roles.has(group));
  const namesOf = ({ color }: ColorGroup) => named.get(hexOf(color)) ?? [];
  const claimSignals = (candidates: readonly ColorGroup[]) => {
    for (const group of candidates) {
      const role = signalOf(group, view, namesOf(group));
      if (role) roles.set(group, role);
    }
  };
  claimSignals(open().filter((group) => !isBrand(namesOf(group))));
  const primary = largest(open(), (group) => brandScore(group, view, namesOf(group)));
  if (primary && brandScore(primary, view, namesOf(primary)) > 0) roles.set(primary, "primary");
  claimSignals(open());

  const surfaceMin = view.pageWidth * view.pageHeight * surfaceShareMin;
  for (const group of open()) {
    const { text: ink, background, border, fill } = group.areas;
    const isTint = chromaOf(group.color) < tintChromaMax;
    if (isTint && ink > 0 && ink >= background && ink >= border + fill) roles.set(group, "text");
    else if (isTint && background >= surfaceMin) roles.set(group, "background");
    else roles.set(group, "neutral");
  }
  return roles;
}

/** The group of the last background that covers the page, which is what lies behind all else. */
function groundOf(groups: readonly ColorGroup[], view: PageView): ColorGroup | undefined {
  const areaMin = view.pageWidth * view.pageHeight * groundShareMin;
  const body = bodyOfCanvas(view);
  let ground: ColorGroup | undefined;
  let last = -1;
  for (const group of groups)
    for (const { element, kind } of group.uses) {
      const [, , width = 0, height = 0] = shownOf(view, element)?.box ?? [];
      const isGround = view.elements[element]?.parent === -1 || element === body || width * height >= areaMin;
      if (kind !== "background" || !isGround || element < last) continue;
      ground = group;
      last = element;
    }
  return ground ?? largest(groups, ({ areas }) => areas.background);
}

function signalOf({ color, uses }: ColorGroup, view: PageView, names: readonly string[]): ColorRole | null {
  const { c, h = 0 } = toOklch({ mode: "rgb", ...color });
  if (c < strongChromaMin) return null;
  for (const { role, name, from, to } of signals) {
    if (names.some((property) => name.test(property) && !besideName.test(property))) return role;
    const isHue = from < to ? h >= from && h < to : h >= from || h < to;
    if (!isHue) continue;
    const named = uses.filter(({ element }) => name.test(nameAround(view, element)));
    if (named.length * 2 >= uses.length) return role;
  }
  return null;
}

/** How much speaks for the brand's colour: area that can be clicked, links, and a name of its own above all. */
function brandScore({ color, uses, areas }: ColorGroup, view: PageView, names: readonly string[]): number {
  if (chromaOf(color) < strongChromaMin) return 0;
  let score = 0;
  for (const { element, kind, area } of uses) {
    const isAction = isActionAt(view, element);
    if (isAction) score += kind === "background" ? area * 4 : kind === "text" ? area * 2 : area;
  }
  score += (areas.background + areas.fill + areas.text) / 20;
  return isBrand(names) ? score + view.pageWidth * view.pageHeight * 10 : score;
}

function isBrand(names: readonly string[]): boolean {
  return names.some((name) => brandName.test(name) && !besideName.test(name));
}

function isActionAt({ elements }: PageView, nth: number): boolean {
  for (let at = elements[nth], depth = 0; at && depth < 3; at = elements[at.parent], depth += 1) {
    const { tag, attributes } = at;
    if (tag === "a" || tag === "button" || attributes["role"] === "button") return true;
    if (tag === "input" && /^(submit|button)$/.test(attributes["type"] ?? "")) return true;
  }
  return false;
}

function nameAround({ elements }: PageView, nth: number): string {
  const names: string[] = [];
  for (let at = elements[nth], depth = 0; at && depth < 2; at = elements[at.parent], depth += 1)
    names.push(
      at.attributes["class"] ?? "",
      at.attributes["id"] ?? "",
      at.attributes["aria-invalid"] === "true" ? "error" : "",
    );
  return names.join(" ");
}

function namesByColor(properties: Readonly<Record<string, string>>): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const [name, value] of Object.entries(properties)) {
    const color = parseColor(value);
    if (!color || color.alpha < 1) continue;
    const hex = hexOf(color);
    names.set(hex, [...(names.get(hex) ?? []), name]);
  }
  return names;
}

function chromaOf(color: Rgba): number {
  return toOklch({ mode: "rgb", ...color }).c;
}

function largest(groups: readonly ColorGroup[], sizeOf: (group: ColorGroup) => number): ColorGroup | undefined {
  let found: ColorGroup | undefined;
  for (const group of groups) if (!found || sizeOf(group) > sizeOf(found)) found = group;
  return found;
}
