import { createHash } from "node:crypto";
import type { DesignFindings } from "@stablehand/contract";
import { drawingsOf } from "./page-drawings.ts";
import { shownOf } from "./shown-elements.ts";
import { type PageSnapshot, styleOf } from "./snapshot.ts";
import { urlsIn } from "./style-urls.ts";
import { hiddenTags, paintOf, type ShapePaint, shapeTags } from "./svg-text.ts";

type Icon = DesignFindings["icons"]["icons"][number];

const iconSizeMax = 64;
const iconRatioMax = 2;

interface Found {
  readonly source: string;
  readonly style: Icon["style"];
  readonly sizes: number[];
}

/**
 * Lists the page's icons, each drawing once, most frequent first.
 *
 * An icon is a drawing that is seen at up to 64 by 64 pixels and is not twice as long as wide: inline, by `use` from a
 * sprite, as an `img`, or in a style. Equal after normalising is equal; `size` is the longer side it is shown at most often.
 */
export function extractIcons(snapshot: PageSnapshot): DesignFindings["icons"] {
  const found = new Map<string, Found>();
  const drawings = drawingsOf(snapshot);
  const paints = paintsOf(snapshot);

  function add(text: string, size: number, seen: readonly ShapePaint[]): void {
    const normal = drawings.normalOf(text);
    const source = normal?.source ?? text;
    const shapes = seen.length > 0 ? seen : (normal?.shapes ?? []);
    if (normal && shapes.length === 0 && !/<(image|foreignObject|use)\b/.test(source)) return; // it draws nothing
    const hash = createHash("sha256").update(source).digest("hex").slice(0, 32);
    const icon = found.get(hash) ?? { source, style: iconStyle(shapes), sizes: [] };
    icon.sizes.push(size);
    found.set(hash, icon);
  }

  snapshot.elements.forEach((element, nth) => {
    const shown = shownOf(snapshot, nth);
    const style = styleOf(snapshot, element);
    if (!shown || !element.box || !style) return;
    const [, , width, height] = element.box;
    if (element.markup && isIconSized(width, height))
      add(drawings.markupOf(element), longer(width, height), paints.get(nth) ?? []);
    const pictured = element.tag === "img" && element.picture ? drawings.textOf(element.picture.source) : null;
    if (pictured !== null && isIconSized(width, height)) add(pictured, longer(width, height), []);
    for (const url of urlsIn(style)) {
      const { naturalWidth = 0, naturalHeight = 0 } = snapshot.files[url] ?? {};
      const text = isIconSized(naturalWidth, naturalHeight) ? drawings.textOf(url) : null;
      if (text !== null) add(text, longer(Math.min(width, naturalWidth), Math.min(height, naturalHeight)), []);
    }
  });

  const icons = [...found].map(([hash, { source, style, sizes }]): Icon => {
    return { hash, source, size: mostFrequent(sizes), style, count: sizes.length };
  });
  return { icons: icons.sort((a, b) => b.count - a.count || (a.hash < b.hash ? -1 : 1)) };
}

function isIconSized(width: number, height: number): boolean {
  const [short, long] = width < height ? [width, height] : [height, width];
  return short > 1 && long <= iconSizeMax && long < short * iconRatioMax;
}

function longer(width: number, height: number): number {
  return Math.round(Math.max(width, height));
}

/** For each inline drawing, by its number: the paints of its shapes, computed, those that `use` brings too. */
function paintsOf(snapshot: PageSnapshot): Map<number, ShapePaint[]> {
  const paints = new Map<number, ShapePaint[]>();
  const places: (Place | null)[] = [];
  snapshot.elements.forEach((element, nth) => {
    const around = places[element.parent] ?? null;
    const style = styleOf(snapshot, element);
    if (element.markup) {
      places.push({ drawing: nth, opacity: 1 });
      paints.set(nth, []);
      return;
    }
    if (!around || !style || hiddenTags.has(element.tag)) {
      places.push(null);
      return;
    }
    const opacity = around.opacity * Number(style.opacity);
    places.push({ drawing: around.drawing, opacity });
    if (!shapeTags.has(element.tag) || style.visibility !== "visible") return;
    paints.get(around.drawing)?.push({
      fill: element.tag === "line" ? null : paintOf(style.fill, opacity * Number(style["fill-opacity"])),
      stroke:
        Number.parseFloat(style["stroke-width"]) === 0
          ? null
          : paintOf(style.stroke, opacity * Number(style["stroke-opacity"])),
    });
  });
  return paints;
}

interface Place {
  readonly drawing: number;
  readonly opacity: number;
}

/** Two paints are a duotone; one that is only ever a line somewhere is an outline. */
function iconStyle(shapes: readonly ShapePaint[]): Icon["style"] {
  const looks = new Set(shapes.flatMap(({ fill, stroke }) => [fill, stroke]).filter((paint) => paint !== null));
  if (looks.size > 1) return "duotone";
  return shapes.some(({ fill, stroke }) => stroke !== null && fill === null) ? "outline" : "solid";
}

function mostFrequent(sizes: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  const [[size] = [0]] = [...counts].sort(([a, many], [b, more]) => more - many || b - a);
  return size;
}
