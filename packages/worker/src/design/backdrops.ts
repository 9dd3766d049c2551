import { colorsIn, over, parseColor, type Rgba } from "./color-values.ts";
import { type Edges, shownOf } from "./shown-elements.ts";
import { type Box, type PageView, type PaintStyle, styleOf } from "./snapshot.ts";

/** What lies under a point of the page. */
export interface Backdrops {
  /**
   * The opaque colours that `ink`, painted by the element at this point, and what is under it come to.
   *
   * More than one pair where a gradient is under it: one for each of its colours. Null over a picture.
   * Its own background is under an element's ink, except when that is what the ink is.
   */
  under(element: number, point: Point, ink: Rgba, isBackground?: boolean): readonly Painted[] | null;
}

/** A place on the page. */
export type Point = readonly [x: number, y: number];

/** A colour as it is seen, and the one it is seen on. */
export interface Painted {
  readonly ink: Rgba;
  readonly ground: Rgba;
}

interface Layer {
  readonly element: number;
  readonly order: number;
  readonly box: Box;
  /** Several for a gradient, null for a picture. */
  readonly colors: readonly Rgba[] | null;
  readonly groups: readonly Group[];
  readonly room: Edges | null;
}

/** An element with an opacity: all within it is painted first, and then shines through together. */
interface Group {
  readonly opacity: number;
}

/** Layers are kept by rows; on pages that are tall all over the rows are taller, so that there are not too many places. */
const rowHeightMin = 64;
const placesMax = 1_000_000;
const stopsMax = 16;
const pictures = new Set(["img", "video", "canvas", "iframe", "object", "embed", "svg"]);

/** The canvas of Chromium in each scheme, as an opaque layer under all else. */
const canvases = { light: "#ffffff", dark: "#121212" } as const;

/** Reads what is painted where. By boxes and paint order, so that what is positioned over something else is seen there. */
export function createBackdrops(view: PageView): Backdrops {
  const groups = groupsOf(view);
  const layers: Layer[] = [];
  const canvas = canvasOf(view);
  const clearBody = bodyOfCanvas(view);
  view.elements.forEach((element, nth) => {
    const shown = shownOf(view, nth);
    const style = styleOf(view, element);
    if (!style || (!shown && nth !== clearBody)) return;
    const isCanvas = nth === 0 || nth === clearBody;
    const box: Box | undefined = isCanvas ? [0, 0, view.pageWidth, view.pageHeight] : shown?.box;
    if (!box) return;
    const place = {
      element: nth,
      order: isCanvas ? -1 : element.paintOrder,
      box,
      groups: groups[nth] ?? [],
      room: shown?.room ?? null,
    };
    for (const colors of backgroundsOf(style)) layers.push({ ...place, colors });
    if (pictures.has(element.tag)) layers.push({ ...place, colors: null });
  });
  const rows = inRows(layers);

  return {
    under(nth, [x, y], ink, isBackground = false) {
      const order = view.elements[nth]?.paintOrder ?? 0;
      const room = shownOf(view, nth)?.room ?? null;
      const drawing = drawingAround(view, nth);
      const layers: Layer[] = [];
      for (const layer of layersAt(rows, [x, y], room)) {
        if (layer.order > order || (layer.order === order && layer.element > nth)) break;
        if ((isBackground && layer.element === nth) || layer.element === drawing) continue;
        const isOpaque = layer.colors?.every(({ alpha }) => alpha >= 1) && layer.groups.length === 0;
        if (isOpaque) layers.length = 0;
        layers.push(layer);
      }
      if (layers.some(({ colors }) => colors === null)) return null;
      const gradient = layers.findLast(({ colors }) => (colors?.length ?? 0) > 1);
      return (gradient?.colors ?? [canvas]).slice(0, stopsMax).map((stop) => {
        const stack = layers.map((layer) => ({
          color: layer === gradient ? stop : (layer.colors?.[0] ?? canvas),
          groups: layer.groups,
        }));
        const ground = over(composed(stack, 0), canvas);
        return { ground, ink: over(composed([...stack, { color: ink, groups: groups[nth] ?? [] }], 0), canvas) };
      });
    },
  };
}

/** Whether the background is that of the letters only. */
export function isClippedToText(style: PaintStyle): boolean {
  return style["background-clip"] === "text";
}

function backgroundsOf(style: PaintStyle): (readonly Rgba[] | null)[] {
  if (isClippedToText(style)) return [];
  const color = parseColor(style["background-color"]);
  const image = style["background-image"];
  const found: (readonly Rgba[] | null)[] = color && color.alpha > 0 ? [[color]] : [];
  if (/url\(|image-set\(|element\(/.test(image)) found.push(null);
  else if (image !== "none") {
    const stops = colorsIn(image);
    if (stops.length > 0) found.push(stops);
  }
  return found;
}

/**
 * The layers at a point, lowest first. What is scrolled beyond its box is seen once it is brought into it: among its like
 * it stays where it is, and what is around the box is that at its edge.
 */
function layersAt({ height: rowHeight, rows }: Rows, [x, y]: Point, room: Edges | null): readonly Layer[] {
  const [left, top, right, bottom] = room ?? [x, y, x, y];
  const [clampedX, clampedY] = [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)];
  const at = (row: number) => rows.get(Math.floor(row / rowHeight)) ?? [];
  const around = at(clampedY).filter(
    (layer) => layer.room !== room && holds(layer.box, clampedX, clampedY) && isWithin(layer.room, clampedX, clampedY),
  );
  const like = at(y).filter((layer) => layer.room === room && holds(layer.box, x, y));
  return around.length === 0 ? like : [...around, ...like].sort(byPaint);
}

function holds([left, top, width, height]: Box, x: number, y: number): boolean {
  return x >= left && x <= left + width && y >= top && y <= top + height;
}

function isWithin(room: Edges | null, x: number, y: number): boolean {
  return !room || (x >= room[0] && y >= room[1] && x <= room[2] && y <= room[3]);
}

function byPaint(a: Layer, b: Layer): number {
  return a.order - b.order || a.element - b.element;
}

/** The drawing that a shape is in: what is under the shape is, mostly, what is under the drawing; -1 for what is in none. */
function drawingAround({ elements }: PageView, nth: number): number {
  if (/^(text|tspan)$/.test(elements[nth]?.tag ?? "")) return -1; // the drawing's own shapes are under it
  for (let at = elements[nth]?.parent ?? -1; at !== -1; at = elements[at]?.parent ?? -1)
    if (elements[at]?.markup !== undefined || elements[at]?.tag === "svg") return at;
  return -1;
}

interface Rows {
  readonly height: number;
  readonly rows: ReadonlyMap<number, readonly Layer[]>;
}

function inRows(layers: readonly Layer[]): Rows {
  const height = Math.max(rowHeightMin, layers.reduce((sum, { box }) => sum + box[3], 0) / placesMax);
  const rows = new Map<number, Layer[]>();
  for (const layer of layers) {
    const [, top, , tall] = layer.box;
    for (let row = Math.floor(top / height); row * height <= top + tall; row += 1) {
      const others = rows.get(row);
      if (others) others.push(layer);
      else rows.set(row, [layer]);
    }
  }
  for (const row of rows.values()) row.sort(byPaint);
  return { height, rows };
}

function groupsOf({ elements, styles }: PageView): (readonly Group[])[] {
  const groups: (readonly Group[])[] = [];
  for (const element of elements) {
    const around = groups[element.parent] ?? [];
    const opacity = Number(styleOf({ styles }, element)?.opacity ?? 1);
    groups.push(opacity < 1 ? [...around, { opacity }] : around);
  }
  return groups;
}

interface Ink {
  readonly color: Rgba;
  readonly groups: readonly Group[];
}

const clear: Rgba = { r: 0, g: 0, b: 0, alpha: 0 };

function composed(stack: readonly Ink[], depth: number): Rgba {
  let result = clear;
  for (let at = 0; at < stack.length; ) {
    const ink = stack[at];
    const group = ink?.groups[depth];
    if (!ink) break;
    if (!group) {
      result = over(ink.color, result);
      at += 1;
      continue;
    }
    let end = at + 1;
    while (stack[end]?.groups[depth] === group) end += 1;
    const inner = composed(stack.slice(at, end), depth + 1);
    result = over({ ...inner, alpha: inner.alpha * group.opacity }, result);
    at = end;
  }
  return result;
}

/** The colour under everything: the browser's own. */
export function canvasOf(view: PageView): Rgba {
  const [root] = view.elements;
  const scheme = (root && styleOf(view, root)?.["color-scheme"]) ?? "";
  const isDark = /\bdark\b/.test(scheme) && (view.scheme === "dark" || !/\blight\b/.test(scheme));
  return parseColor(isDark ? canvases.dark : canvases.light) ?? clear;
}

/** The body, when its background is the canvas's because the root has none; -1 otherwise. */
export function bodyOfCanvas(view: PageView): number {
  const [root] = view.elements;
  const style = root && styleOf(view, root);
  if (!style || backgroundsOf(style).length > 0) return -1;
  return view.elements.findIndex(({ tag, parent }) => tag === "body" && parent === 0);
}
