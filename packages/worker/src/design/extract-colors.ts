import type { DesignFindings } from "@stablehand/contract";
import { converter, differenceEuclidean, type Oklab } from "culori";
import { createBackdrops } from "./backdrops.ts";
import { type ColorGroup, type ColorRole, rolesOf } from "./color-roles.ts";
import { hexOf, parseColor, type Rgba } from "./color-values.ts";
import { type PaintedColor, paintedColorsOf } from "./painted-colors.ts";
import type { PageSnapshot, PageView } from "./snapshot.ts";
import { contrastIssuesOf } from "./text-contrasts.ts";

type Color = DesignFindings["colors"]["colors"][number];

/** Half of what is just noticeable: next steps of a palette, such as white and grey 50, lie 0.015 apart. */
const sameMax = 0.01;
const leading = ["background", "text", "primary"] satisfies ColorRole[];

const known = new WeakMap<PageSnapshot, DesignFindings["colors"]>();

/**
 * Lists the colours that are painted on the page, those that nobody can tell apart as one, and what each is for.
 *
 * `count` is the number of uses: text, background, border or fill of an element. The page's background, its text and the
 * primary come first, then the others by the share they have in the painted area and in the uses.
 */
export function extractColors(snapshot: PageSnapshot): DesignFindings["colors"] {
  const colors = known.get(snapshot) ?? findColors(snapshot);
  known.set(snapshot, colors);
  return colors;
}

function findColors(snapshot: PageSnapshot): DesignFindings["colors"] {
  const backdrops = createBackdrops(snapshot);
  const { pageWidth, pageHeight, rootProperties, darkRootProperties, other } = snapshot;
  const colors = colorsOf(snapshot, paintedColorsOf(snapshot, backdrops), rootProperties);
  const contrastIssues = contrastIssuesOf(snapshot, backdrops);
  if (!other) return { colors, contrastIssues };
  const view: PageView = { ...other, pageWidth, pageHeight };
  const properties = (other.scheme === "dark" ? darkRootProperties : null) ?? rootProperties;
  const otherColors = colorsOf(view, paintedColorsOf(view, createBackdrops(view)), properties);
  return { colors, contrastIssues, otherScheme: { scheme: other.scheme, colors: otherColors } };
}

function colorsOf(view: PageView, uses: readonly PaintedColor[], properties: PageSnapshot["rootProperties"]): Color[] {
  const groups = merged(uses);
  const roles = rolesOf(groups, view, properties);
  const firsts = leading.flatMap((wanted) => [...roles].find(([, role]) => role === wanted)?.[0] ?? []);
  const ordered = [...firsts, ...groups.filter((group) => !firsts.includes(group))];
  return ordered.map((group): Color => {
    const { r, g, b } = group.color;
    const rgb = `rgb(${[r, g, b].map((part) => Math.round(part * 255)).join(", ")})`;
    return { hex: hexOf(group.color), rgb, count: group.uses.length, role: roles.get(group) ?? "neutral" };
  });
}

const toOklab = converter("oklab");
const distance = differenceEuclidean("oklab");

interface Kept {
  readonly lab: Oklab;
  readonly color: Rgba;
  readonly uses: PaintedColor[];
}

/** Colours with their uses, heaviest first; each takes in those that look the same and weigh less. */
function merged(uses: readonly PaintedColor[]): ColorGroup[] {
  const byHex = new Map<string, PaintedColor[]>();
  for (const use of uses) {
    const hex = hexOf(use.color);
    const same = byHex.get(hex);
    if (same) same.push(use);
    else byHex.set(hex, [use]);
  }
  const total = sumOf(uses) || 1;
  const weigh = (some: readonly PaintedColor[]) => sumOf(some) / total + some.length / (uses.length || 1);
  const byWeight = [...byHex].sort(([a, some], [b, others]) => weigh(others) - weigh(some) || (a < b ? -1 : 1));
  const kept: Kept[] = [];
  const cells = new Map<string, Kept[]>();
  for (const [hex, some] of byWeight) {
    const color = parseColor(hex);
    const lab = toOklab(hex);
    if (!color || !lab) continue;
    const near = nearestOf(cells, lab);
    if (near) for (const use of some) near.uses.push(use);
    else {
      const group = { lab, color, uses: [...some] };
      kept.push(group);
      const key = cellOf(lab).join();
      cells.set(key, [...(cells.get(key) ?? []), group]);
    }
  }
  return kept
    .map((group) => ({ color: group.color, uses: group.uses, areas: areasOf(group.uses), weight: weigh(group.uses) }))
    .sort((a, b) => b.weight - a.weight);
}

/** Cells as wide as what counts as the same: only the 27 around a colour are looked into, however many colours there are. */
function cellOf({ l, a, b }: Oklab): readonly [number, number, number] {
  return [Math.floor(l / sameMax), Math.floor(a / sameMax), Math.floor(b / sameMax)];
}

const around = [-1, 0, 1].flatMap((l) => [-1, 0, 1].flatMap((a) => [-1, 0, 1].map((b) => [l, a, b] as const)));

function nearestOf(cells: ReadonlyMap<string, readonly Kept[]>, lab: Oklab): Kept | null {
  const [l, a, b] = cellOf(lab);
  let nearest: Kept | null = null;
  let least = sameMax;
  for (const [dl, da, db] of around)
    for (const group of cells.get(`${l + dl},${a + da},${b + db}`) ?? []) {
      const difference = distance(group.lab, lab);
      if (difference < least) [nearest, least] = [group, difference];
    }
  return nearest;
}

function sumOf(uses: readonly PaintedColor[]): number {
  return uses.reduce((sum, { area }) => sum + area, 0);
}

function areasOf(uses: readonly PaintedColor[]): ColorGroup["areas"] {
  const areas = { text: 0, background: 0, border: 0, fill: 0 };
  for (const { kind, area } of uses) areas[kind] += area;
  return areas;
}
