import { type Backdrops, bodyOfCanvas, canvasOf, isClippedToText } from "./backdrops.ts";
import { colorsIn, parseColor, type Rgba } from "./color-values.ts";
import { shownOf } from "./shown-elements.ts";
import {
  type Box,
  type PageView,
  type PaintStyle,
  type SnapshotElement,
  type SnapshotText,
  styleOf,
} from "./snapshot.ts";
import { hiddenTags, shapeTags } from "./svg-text.ts";

/** A colour that an element shows. */
export interface PaintedColor {
  readonly element: number;
  readonly kind: PaintKind;
  /** As seen: opaque, what shines through is in it. */
  readonly color: Rgba;
  /** Roughly, in square pixels. */
  readonly area: number;
}

/** What is painted with it. */
export type PaintKind = "text" | "background" | "border" | "fill";

/** A letter's ink, as a share of the square of its font size. */
const inkShare = 0.1;

/** Of a gradient with more, the first: each is a use of every element that shows it. */
const stopsMax = 64;

const initialFill = "rgb(0, 0, 0)";

/** Lists the colours that are painted: text, backgrounds with the colours of gradients, borders, fills and strokes. */
export function paintedColorsOf(view: PageView, backdrops: Backdrops): PaintedColor[] {
  const found: PaintedColor[] = [];
  const nets = netAreasOf(view);
  const body = bodyOfCanvas(view);
  const canvas = { element: 0, kind: "background", color: canvasOf(view), area: nets.canvas } as const;
  let isCanvasSeen = true;
  view.elements.forEach((element, nth) => {
    const style = styleOf(view, element);
    const shown = shownOf(view, nth);
    if (!style || !(shown || nth === body)) return;
    const box = shown?.box ?? [0, 0, view.pageWidth, view.pageHeight];
    const add = (kind: PaintKind, color: Rgba | null, area: number, at: Box = box) => {
      if (!color || color.alpha === 0 || !(area > 0)) return;
      const isPlain = color.alpha >= 1 && (shown?.opacity ?? 1) >= 1;
      const seen = isPlain ? color : seenOn(backdrops, nth, at, color, kind);
      if (seen) found.push({ element: nth, kind, color: seen, area });
    };
    if (!isClippedToText(style)) {
      const color = parseColor(style["background-color"]);
      const net = nets.of[nth] ?? 0;
      if (color && color.alpha >= 1 && (nth === 0 || nth === body)) isCanvasSeen = false;
      add("background", color, Math.max(net, 1));
    }
    const image = style["background-image"];
    // What lets its own picture through has no colour of its own.
    const stops = colorsIn(image)
      .filter(({ alpha }) => alpha >= 1 || !image.includes("url("))
      .slice(0, stopsMax);
    for (const stop of stops) add("background", stop, (box[2] * box[3]) / stops.length);
    for (const [color, area] of bordersOf(style, box)) add("border", color, area);
    if (isShape(view, element)) {
      for (const [color, area] of paintsOf(style, element.tag, box)) add("fill", color, area);
    } else {
      const [first] = element.texts;
      const letters = element.texts.reduce((count, { text }) => count + text.replace(/\s+/g, "").length, 0);
      const ink = letters * Number.parseFloat(style["font-size"]) ** 2 * inkShare;
      add("text", textColorOf(style, first), ink, first?.line ?? box);
    }
  });
  return isCanvasSeen && view.elements.length > 0 ? [canvas, ...found] : found;
}

/** Fill and stroke, as if the shape filled half of its box. */
function paintsOf(style: PaintStyle, tag: string, [, , width, height]: Box): [Rgba | null, number][] {
  const paint = (color: Rgba | null, opacity: string) => color && { ...color, alpha: color.alpha * Number(opacity) };
  const isUnknown = tag === "use" && style.fill === initialFill;
  return [
    [isUnknown ? null : paint(parseColor(style.fill), style["fill-opacity"]), (width * height) / 2],
    [
      paint(parseColor(style.stroke), style["stroke-opacity"]),
      (width + height) * Number.parseFloat(style["stroke-width"]),
    ],
  ];
}

/** The colour of an element's text; null when it is that of its background, clipped to the letters. */
export function textColorOf(style: PaintStyle, text?: SnapshotText): Rgba | null {
  if (text?.color) return parseColor(text.color);
  return parseColor(style["-webkit-text-fill-color"]) ?? parseColor(style.color);
}

function seenOn(
  backdrops: Backdrops,
  element: number,
  [x, y, width, height]: Box,
  ink: Rgba,
  kind: PaintKind,
): Rgba | null {
  return backdrops.under(element, [x + width / 2, y + height / 2], ink, kind === "background")?.[0]?.ink ?? null;
}

function isShape({ elements }: PageView, element: SnapshotElement): boolean {
  // What a `use` shows is in no snapshot: its paint is that of shapes which have none of their own.
  if (!shapeTags.has(element.tag) && element.tag !== "use") return false;
  for (let at = elements[element.parent]; at; at = elements[at.parent]) {
    if (hiddenTags.has(at.tag)) return false;
    if (at.tag === "svg") return true;
  }
  return false;
}

const sides = ["top", "right", "bottom", "left"] as const;

function bordersOf(style: PaintStyle, [, , width, height]: Box): [Rgba | null, number][] {
  const areas = new Map<string, number>();
  for (const side of sides) {
    const thickness = Number.parseFloat(style[`border-${side}-width`]);
    if (!(thickness > 0) || /^(none|hidden)$/.test(style[`border-${side}-style`])) continue;
    const length = side === "top" || side === "bottom" ? width : height;
    const color = style[`border-${side}-color`];
    areas.set(color, (areas.get(color) ?? 0) + thickness * Math.max(length, 1));
  }
  return [...areas].map(([color, area]) => [parseColor(color), area]);
}

interface NetAreas {
  /** What is not covered by the opaque backgrounds within it, by element. */
  readonly of: readonly number[];
  readonly canvas: number;
}

function netAreasOf(view: PageView): NetAreas {
  const page = view.pageWidth * view.pageHeight;
  const of: number[] = [];
  const painters: number[] = [];
  const body = bodyOfCanvas(view);
  let canvas = page;
  view.elements.forEach((element, nth) => {
    const around = painters[element.parent] ?? -1;
    const style = styleOf(view, element);
    const shown = shownOf(view, nth);
    const isOpaque = style && !isClippedToText(style) && (parseColor(style["background-color"])?.alpha ?? 0) >= 1;
    const isCanvas = nth === 0 || nth === body;
    const area = isCanvas ? page : shown ? shown.box[2] * shown.box[3] : 0;
    of.push(area);
    painters.push(isOpaque && area > 0 ? nth : around);
    if (!isOpaque || area === 0) return;
    if (around === -1) canvas -= area;
    else of[around] = (of[around] ?? 0) - area;
  });
  return { of: of.map((area) => Math.max(area, 0)), canvas: Math.max(canvas, 0) };
}
