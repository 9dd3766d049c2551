/** A page at one moment: everything the extractors know of it. Plain JSON, so that it can be saved and read again. */
export interface PageSnapshot {
  /** Where the visit ended, after redirects. */
  readonly url: string;
  /** The whole document's, in CSS pixels. */
  readonly pageWidth: number;
  readonly pageHeight: number;
  readonly scheme: ColorScheme;
  /** In the document's order, a parent before its children; those of shadow trees too, those of frames not. */
  readonly elements: readonly SnapshotElement[];
  /** What elements refer to by number: most elements share theirs with others. */
  readonly styles: readonly ComputedStyle[];
  readonly sheets: readonly SnapshotSheet[];
  /** The custom properties of the root element, computed, by name. */
  readonly rootProperties: Readonly<Record<string, string>>;
  /** The same under the page's dark scheme; null when it has none. */
  readonly darkRootProperties: Readonly<Record<string, string>> | null;
  /** Margins, paddings and gaps as computed that no element has as a length: they come of `auto` and percentages. */
  readonly fluidLengths: readonly string[];
  /** The fonts that text was truly rendered in. */
  readonly textFonts: readonly TextFont[];
  /** What the web app manifest offers, addresses absolute. */
  readonly manifestIcons: readonly ManifestIcon[];
  /** The pictures and fonts that the visit received, by the address asked for. */
  readonly files: Readonly<Record<string, SnapshotFile>>;
  /** The same elements under the scheme that is not the default; null when the page has one only. */
  readonly other: Pick<PageView, "scheme" | "elements" | "styles"> | null;
}

/** What `prefers-color-scheme` may say. */
export type ColorScheme = "light" | "dark";

/** Left, top, width, height in CSS pixels of the document. */
export type Box = readonly [x: number, y: number, width: number, height: number];

/** An element, or a pseudo-element with `tag` such as `::before`. */
export interface SnapshotElement {
  /** Its number in `elements`; -1 for the root. */
  readonly parent: number;
  /** Lower case. */
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Null for what has no box: not displayed, or `display: contents`. */
  readonly box: Box | null;
  /** In `styles`; -1 for what has no box. */
  readonly style: number;
  /** Higher is painted later. */
  readonly paintOrder: number;
  /** Its own text as rendered, piece by piece; of a control what is written in it. */
  readonly texts: readonly SnapshotText[];
  /** What the browser tells of a picture. */
  readonly picture?: SnapshotPicture;
  /** The markup of an `svg` that is in no other. */
  readonly markup?: string;
}

/** A run of text and where it stands. */
export interface SnapshotText {
  readonly text: string;
  /** Of all its lines. */
  readonly box: Box;
  /** Of its first line. */
  readonly line: Box;
  /** Where it is not the element's: of the hint in a field that is empty. */
  readonly color?: string;
}

/** What the browser tells of an `img`, a `video`'s poster or a picture control. */
export interface SnapshotPicture {
  /** Absolute; the candidate that was chosen. Empty when there is none. */
  readonly source: string;
  /** The others that `srcset` and `picture` offer, absolute. */
  readonly alternatives: readonly string[];
  readonly naturalWidth: number;
  readonly naturalHeight: number;
}

/** A style sheet. */
export interface SnapshotSheet {
  /** What addresses in it are relative to. */
  readonly url: string;
  readonly text: string;
  /** Of the element that brought it; empty for all media. */
  readonly media: string;
}

/** Text of one look, and the font it was rendered in. */
export interface TextFont {
  /** `font-family` as computed: the whole list. */
  readonly stack: string;
  readonly weight: number;
  /** The font's own name for itself. */
  readonly rendered: string;
  /** Whether it came with the page. */
  readonly isCustom: boolean;
  readonly role: TextRole;
  /** Characters without spaces. */
  readonly characters: number;
}

/** What text is for. */
export type TextRole = "heading" | "running" | "code" | "symbol";

/** One of a manifest's icons. */
export interface ManifestIcon {
  readonly url: string;
  /** As written, such as `192x192`. */
  readonly sizes: string;
  readonly type: string;
}

/** A file that the page loaded. */
export interface SnapshotFile {
  /** Of the response, without parameters. */
  readonly contentType: string;
  /** Zero when it is no picture, has no size of its own, or is shown by an `img` only, which has its own. */
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  /** Of SVG files. */
  readonly text?: string;
}

/** The properties by which colours are seen: all that is collected under the scheme that is not the default. */
export const paintProperties = [
  "visibility",
  "opacity",
  "position",
  "overflow-x",
  "overflow-y",
  "clip",
  "clip-path",
  "transform",
  "color",
  "color-scheme",
  "background-color",
  "background-image",
  "background-clip",
  "border-top-color",
  "border-right-color",
  "border-bottom-color",
  "border-left-color",
  "border-top-width",
  "border-right-width",
  "border-bottom-width",
  "border-left-width",
  "border-top-style",
  "border-right-style",
  "border-bottom-style",
  "border-left-style",
  "fill",
  "stroke",
  "fill-opacity",
  "stroke-opacity",
  "stroke-width",
  "font-size",
  "-webkit-text-fill-color",
] as const;

/** Every property that is collected of an element with a box; values are as `getComputedStyle` gives them. */
export const styleProperties = [
  ...paintProperties,
  "display",
  "border-top-left-radius",
  "border-top-right-radius",
  "border-bottom-left-radius",
  "border-bottom-right-radius",
  "border-image-source",
  "box-shadow",
  "font-family",
  "font-weight",
  "font-style",
  "margin-top",
  "margin-right",
  "margin-bottom",
  "margin-left",
  "padding-top",
  "padding-right",
  "padding-bottom",
  "padding-left",
  "row-gap",
  "column-gap",
  "transition-property",
  "transition-duration",
  "animation-name",
  "animation-duration",
  "list-style-image",
  "content",
  "mask-image",
] as const;

/** One of them. */
export type StyleProperty = (typeof styleProperties)[number];

/** The computed style of an element. */
export type ComputedStyle = Readonly<Record<StyleProperty, string>>;

/** As much of it as its colours are told by. */
export type PaintStyle = Readonly<Record<(typeof paintProperties)[number], string>>;

/** The elements of a page under one scheme: what can be told of its colours without its files and sheets. */
export interface PageView extends Pick<PageSnapshot, "scheme" | "elements" | "pageWidth" | "pageHeight"> {
  readonly styles: readonly PaintStyle[];
}

/** The style of an element; null for one without a box. */
export function styleOf<Style>(
  { styles }: { readonly styles: readonly Style[] },
  { style }: SnapshotElement,
): Style | null {
  return styles[style] ?? null;
}
