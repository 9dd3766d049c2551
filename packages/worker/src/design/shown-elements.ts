import { type Box, type PageView, type SnapshotElement, styleOf } from "./snapshot.ts";

type Elements = Pick<PageView, "elements" | "styles" | "pageWidth">;

/** How an element is shown. */
export interface Shown {
  /** What of its box is not clipped away. */
  readonly box: Box;
  /** Its own opacity times those around it. */
  readonly opacity: number;
  /** What is seen of the box that it is scrolled in; null where it is the page's. */
  readonly room: Edges | null;
}

interface State {
  readonly shown: Shown | null;
  /** Where content may be seen, for children in the flow and for those that are positioned. */
  readonly clip: Clip;
  readonly positionedClip: Clip;
  readonly opacity: number;
}

interface Clip {
  readonly edges: Edges;
  readonly room: Edges | null;
}

/** Left, top, right, bottom. */
export type Edges = readonly [left: number, top: number, right: number, bottom: number];

const known = new WeakMap<readonly SnapshotElement[], readonly State[]>();
const everywhere: Clip = { edges: [-Infinity, -Infinity, Infinity, Infinity], room: null };
const nowhere: Clip = { edges: [0, 0, 0, 0], room: null };

/**
 * How the element with this number is shown; null when nobody sees it.
 *
 * Unseen are: no box or an empty one, `visibility`, no opacity, clipped away, left of the page. What can be scrolled to is seen.
 */
export function shownOf(snapshot: Elements, index: number): Shown | null {
  let states = known.get(snapshot.elements);
  if (!states) {
    states = statesOf(snapshot);
    known.set(snapshot.elements, states);
  }
  return states[index]?.shown ?? null;
}

/** Whether somebody sees the element with this number. */
export function isShown(snapshot: Elements, index: number): boolean {
  return shownOf(snapshot, index) !== null;
}

function statesOf(snapshot: Elements): State[] {
  const states: State[] = [];
  for (const element of snapshot.elements) {
    const around = states[element.parent];
    const { clip = everywhere, positionedClip = everywhere, opacity: outer = 1 } = around ?? {};
    const style = styleOf(snapshot, element);
    if (!style || !element.box) {
      states.push({ shown: null, clip, positionedClip, opacity: outer });
      continue;
    }
    const opacity = outer * Number(style.opacity);
    const isOutOfFlow = style.position === "absolute" || style.position === "fixed";
    const room = style.position === "fixed" ? everywhere : isOutOfFlow ? positionedClip : clip;
    const [x, y, width, height] = element.box;
    const own: Edges = [x, y, x + width, y + height];
    const isCutOff = isClippedAway(style.clip, style["clip-path"]);
    const seen = isCutOff ? null : intersect(own, room.edges);
    const isSeen = seen && opacity > 0.01 && style.visibility === "visible" && seen[2] > 0 && seen[3] > 0;
    const shown: Shown | null = isSeen
      ? { box: [seen[0], seen[1], seen[2] - seen[0], seen[3] - seen[1]], opacity, room: room.room }
      : null;
    const isRoot = element.tag === "html" || element.tag === "body"; // theirs is the viewport's
    let inner = room;
    if (isCutOff) inner = nowhere;
    else if (!isRoot) inner = innerClip(style["overflow-x"], style["overflow-y"], own, room, seen);
    const isContainer = style.position !== "static" || style.transform !== "none";
    states.push({ shown, clip: inner, positionedClip: isContainer || isCutOff ? inner : positionedClip, opacity });
  }
  return states;
}

/** Where the content of a box may be seen. What is scrolled in a box that is seen can be brought into it. */
function innerClip(overflowX: string, overflowY: string, own: Edges, around: Clip, seen: Edges | null): Clip {
  const [hidesX, hidesY] = [overflowX, overflowY].map((overflow) => /^(hidden|clip)$/.test(overflow));
  const [scrollsX, scrollsY] = [overflowX, overflowY].map((overflow) => /^(auto|scroll)$/.test(overflow));
  const cut: Edges = [
    hidesX ? own[0] : -Infinity,
    hidesY ? own[1] : -Infinity,
    hidesX ? own[2] : Infinity,
    hidesY ? own[3] : Infinity,
  ];
  const isScroller = scrollsX || scrollsY;
  if (!hidesX && !hidesY && !isScroller) return around;
  const [left, top, right, bottom] = around.edges;
  const outer: Edges = [
    scrollsX ? -Infinity : left,
    scrollsY ? -Infinity : top,
    scrollsX ? Infinity : right,
    scrollsY ? Infinity : bottom,
  ];
  if (isScroller && !seen) return nowhere;
  const edges = intersect(cut, outer);
  return edges ? { edges, room: isScroller ? seen : around.room } : nowhere;
}

/** Null when less than a pixel is common: what is hidden for screen readers only is one pixel large. */
function intersect(a: Edges, b: Edges): Edges | null {
  const common: Edges = [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
  const width = common[2] - common[0];
  const height = common[3] - common[1];
  return width <= 0 || height <= 0 || (width <= 1 && height <= 1) ? null : common;
}

function isClippedAway(clip: string, path: string): boolean {
  const [, top, right, bottom, left] = /^rect\(([\d.]+)px,? ([\d.]+)px,? ([\d.]+)px,? ([\d.]+)px\)$/.exec(clip) ?? [];
  if (top !== undefined && (Number(bottom) - Number(top) <= 1 || Number(right) - Number(left) <= 1)) return true;
  return /^inset\((50|100)%/.test(path) || path === "circle(0px)";
}
