import type { DesignFindings } from "@stablehand/contract";
import { drawingsOf } from "./page-drawings.ts";
import { isShown } from "./shown-elements.ts";
import { type PageSnapshot, type SnapshotElement, type SnapshotPicture, styleOf } from "./snapshot.ts";
import { urlsIn } from "./style-urls.ts";
import { asSvgFile } from "./svg-text.ts";

type Image = DesignFindings["images"]["images"][number];

/**
 * Lists the pictures of the page, each once, in the document's order.
 *
 * Those are: what an `img` shows, hidden or not, since carousels hide theirs; inline drawings that are seen; pictures in
 * styles of what has a box; posters. A picture of one pixel counts visits and is none. One that did not load is 0 by 0.
 */
export function extractImages(snapshot: PageSnapshot): DesignFindings["images"] {
  const images: Image[] = [];
  const seen = new Set<string>();
  const drawings = drawingsOf(snapshot);
  const add = (image: Image, ...keys: readonly string[]): void => {
    const isKnown = keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    if (!isKnown) images.push(image);
  };
  snapshot.elements.forEach((element, nth) => {
    const { picture } = element;
    if (picture?.source) {
      const image = pictured(element, picture, snapshot);
      if (!isPixel(image)) add(image, picture.source, choiceKey(picture));
    }
    if (element.markup && isShown(snapshot, nth)) {
      const svgSource = drawings.markupOf(element);
      add(
        drawn(element, svgSource),
        [drawings.normalOf(svgSource)?.source ?? svgSource, ...fillsIn(snapshot, nth)].join(" "),
      );
    }
    const style = styleOf(snapshot, element);
    if (!style || !element.box || element.box[2] * element.box[3] === 0) return;
    for (const url of urlsIn(style)) {
      const { naturalWidth = 0, naturalHeight = 0 } = snapshot.files[url] ?? {};
      const alt = element.attributes["aria-label"] ?? "";
      const image = { src: url, type: "background", naturalWidth, naturalHeight, alt, ...origin(url) };
      if (!isPixel(image)) add(image, url);
    }
  });
  return { images };
}

function pictured({ tag, attributes }: SnapshotElement, picture: SnapshotPicture, { files }: PageSnapshot): Image {
  const { source, alternatives } = picture;
  const file = files[source];
  return {
    src: source,
    type: tag === "video" ? "poster" : "img",
    naturalWidth: picture.naturalWidth || (file?.naturalWidth ?? 0),
    naturalHeight: picture.naturalHeight || (file?.naturalHeight ?? 0),
    alt: attributes["alt"] ?? attributes["aria-label"] ?? "",
    ...origin(source),
    ...(alternatives.length > 0 && { alternatives: [...alternatives] }),
  };
}

/** Two sizes chosen from one offer are one picture. */
function choiceKey({ source, alternatives }: SnapshotPicture): string {
  return [source, ...alternatives].sort().join(" ");
}

function drawn({ attributes, box }: SnapshotElement, svgSource: string): Image {
  const [naturalWidth, naturalHeight] = drawnSize(attributes) ?? [box?.[2] ?? 0, box?.[3] ?? 0];
  const [, title = ""] = /<title[^>]*>([^<]*)</.exec(svgSource) ?? [];
  return {
    src: `data:image/svg+xml,${encodeURIComponent(asSvgFile(svgSource))}`,
    type: "svg",
    naturalWidth,
    naturalHeight,
    alt: attributes["aria-label"] ?? title.trim(),
    svgSource,
  };
}

/** The gradients and patterns that rules fill its shapes with: they tell apart what is one in its markup. */
function fillsIn(snapshot: PageSnapshot, drawing: number): string[] {
  const fills: string[] = [];
  for (let nth = drawing + 1; (snapshot.elements[nth]?.parent ?? -1) >= drawing; nth += 1) {
    const element = snapshot.elements[nth];
    const { fill = "" } = (element && styleOf(snapshot, element)) ?? {};
    if (fill.startsWith("url(")) fills.push(fill);
  }
  return fills;
}

/** The size that a drawing gives itself: by `width` and `height`, or else by its view box. */
function drawnSize({ width, height, viewbox }: SnapshotElement["attributes"]): readonly [number, number] | null {
  const plain = /^\s*\d+(\.\d+)?(px)?\s*$/;
  if (width && height && plain.test(width) && plain.test(height))
    return [Number.parseFloat(width), Number.parseFloat(height)];
  const [, , across, down] = (viewbox ?? "")
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  return across && down && across > 0 && down > 0 ? [across, down] : null;
}

function isPixel({ naturalWidth, naturalHeight }: Image): boolean {
  return naturalWidth === 1 && naturalHeight === 1;
}

function origin(url: string): { originalSrc?: string } {
  return /^https?:/.test(url) ? { originalSrc: url } : {};
}
