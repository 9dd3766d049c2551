import {
  type Box,
  type ComputedStyle,
  type PageSnapshot,
  type SnapshotElement,
  styleProperties,
} from "../../packages/worker/src/design/snapshot.ts";

/** An element to build a snapshot from, with what is in it. */
export interface Planned {
  readonly tag: string;
  readonly facts: PlannedFacts;
  readonly children: readonly Planned[];
}

/** What is told of a planned element; what is left out is as in an empty page. */
export interface PlannedFacts extends Partial<Omit<SnapshotElement, "parent" | "tag" | "style" | "box">> {
  /** 100 by 20 at the top left unless told; null for what is not displayed. */
  readonly box?: Box | null;
  readonly style?: Partial<ComputedStyle>;
}

const usual: Partial<ComputedStyle> = {
  display: "block",
  visibility: "visible",
  opacity: "1",
  position: "static",
  transform: "none",
  fill: "rgb(0, 0, 0)",
  stroke: "none",
  "fill-opacity": "1",
  "stroke-opacity": "1",
  "stroke-width": "1px",
};

/** Plans an element. */
export function planned(tag: string, facts: PlannedFacts = {}, ...children: readonly Planned[]): Planned {
  return { tag, facts, children };
}

/** Builds the snapshot of a page at https://site.example/ whose document holds these elements. */
export function buildSnapshot(elements: readonly Planned[], more: Partial<PageSnapshot> = {}): PageSnapshot {
  const built: SnapshotElement[] = [];
  const styles: ComputedStyle[] = [];
  const add = ({ tag, facts, children }: Planned, parent: number): void => {
    const { box = [0, 0, 100, 20], style = {}, ...rest } = facts;
    const number = built.length;
    const values = styleProperties.map((property) => [property, style[property] ?? usual[property] ?? "none"] as const);
    if (box) styles.push(Object.fromEntries(values) as ComputedStyle); // one entry for every property
    built.push({
      parent,
      tag,
      attributes: {},
      box,
      style: box ? styles.length - 1 : -1,
      paintOrder: number,
      texts: [],
      ...rest,
    });
    for (const child of children) add(child, number);
  };
  add(planned("html", { box: [0, 0, 1280, 2000] }, ...elements), -1);
  return {
    url: "https://site.example/",
    pageWidth: 1280,
    pageHeight: 2000,
    scheme: "light",
    elements: built,
    styles,
    sheets: [],
    rootProperties: {},
    fluidLengths: [],
    darkRootProperties: null,
    textFonts: [],
    manifestIcons: [],
    files: {},
    other: null,
    ...more,
  };
}
