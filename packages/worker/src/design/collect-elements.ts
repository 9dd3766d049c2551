import type { CDPSession } from "playwright-core";
import type { DesignWorld } from "./design-world.ts";
import { type LinkedElement, type ListedElement, linkElements } from "./link-elements.ts";
import {
  type Box,
  type ComputedStyle,
  type PageSnapshot,
  type PageView,
  type PaintStyle,
  paintProperties,
  type SnapshotElement,
  type SnapshotText,
  styleProperties,
} from "./snapshot.ts";

/** The elements of a page, and what leads from them back to the browser's nodes and to the toolkit's. */
export interface CollectedElements extends Pick<PageSnapshot, "elements" | "styles" | "pageWidth" | "pageHeight"> {
  /** The browser's numbers of the nodes behind each element's `texts`, in the same order. */
  readonly textNodes: readonly (readonly number[])[];
  /** Where the toolkit has each element; null for what it has not, such as a pseudo-element. */
  readonly places: readonly (LinkedElement["place"] | null)[];
  /** The `media` attribute, or nothing, of elements that may bring a sheet, by the browser's number; in the document's order. */
  readonly mediaOf: ReadonlyMap<number, string>;
}

type Capture = Awaited<ReturnType<typeof capture>>;

function capture(session: CDPSession, computedStyles: readonly string[]) {
  return session.send("DOMSnapshot.captureSnapshot", {
    computedStyles: [...computedStyles],
    includePaintOrder: true,
    includeDOMRects: false,
  });
}

/** Of more closed shadow trees than this, the rest are read without what only the toolkit can tell. */
const closedTreesMax = 1_000;

/**
 * Reads every element of the page's own document and of its shadow trees, with its computed style.
 *
 * By Chromium's own snapshot, which runs no script in the page: 3,000 elements take 0.1 s, a sixth of `getComputedStyle`.
 */
export async function collectElements(session: CDPSession, world: DesignWorld): Promise<CollectedElements> {
  const captured = await capture(session, styleProperties);
  for (const node of closedTreesIn(captured).slice(0, closedTreesMax)) await world.showTree(node);
  const linked = await linkElements(session, await world.call("readTrees"), listedIn(captured));
  return readCapture<ComputedStyle>(captured, styleProperties, linked);
}

/** Reads them once more, under another scheme: only what their colours are told by. */
export async function collectPaint(session: CDPSession): Promise<Pick<PageView, "elements" | "styles">> {
  const captured = await capture(session, paintProperties);
  const { elements, styles } = readCapture<PaintStyle>(captured, paintProperties, new Map());
  return { elements, styles };
}

/** An element of each closed shadow tree, by the browser's number. */
function closedTreesIn({ documents: [document], strings }: Capture): number[] {
  const { nodeType = [], parentIndex = [], backendNodeId = [], shadowRootType } = document?.nodes ?? {};
  const byHost = new Map<number, number>();
  for (const [node, kind] of pairs(shadowRootType)) {
    const host = parentIndex[node] ?? -1;
    const number = backendNodeId[node];
    if (strings[kind] === "closed" && nodeType[node] === elementType && number !== undefined && !byHost.has(host))
      byHost.set(host, number);
  }
  return [...byHost.values()];
}

const elementType = 1;
const textType = 3;

function listedIn({ documents: [document], strings }: Capture): ListedElement[] {
  const { nodeType = [], nodeName = [], backendNodeId = [], pseudoType } = document?.nodes ?? {};
  const pseudos = new Set(pseudoType?.index);
  return nodeType.flatMap((type, nth) => {
    const tag = strings[nodeName[nth] ?? -1]?.toLowerCase() ?? "";
    return type === elementType && !pseudos.has(nth) ? [{ node: backendNodeId[nth] ?? -1, tag }] : [];
  });
}

function readCapture<Style>(
  { documents, strings }: Capture,
  properties: readonly (keyof Style & string)[],
  linked: ReadonlyMap<number, LinkedElement>,
): Omit<CollectedElements, "styles"> & { readonly styles: readonly Style[] } {
  const [document] = documents;
  if (!document) throw new Error("Chromium's snapshot has no document");
  const { nodes, layout, textBoxes } = document;
  const stringAt = (index: number | undefined) => strings[index ?? -1] ?? "";
  const nodeTypes = nodes.nodeType ?? [];
  const parents = nodes.parentIndex ?? [];
  const pseudoTypes = new Map(pairs(nodes.pseudoType));
  const chosen = new Set(nodes.optionSelected?.index);
  const values = new Map([...pairs(nodes.inputValue), ...pairs(nodes.textValue)]);
  const boxOf = (bounds: readonly number[] | undefined): Box => {
    const [x = 0, y = 0, width = 0, height = 0] = bounds ?? [];
    return [x, y, width, height];
  };

  const layoutOf = new Map<number, number>();
  /** A pseudo-element's text has no node of its own, but boxes after that of the pseudo-element. */
  const generatedOf = new Map<number, number[]>();
  layout.nodeIndex.forEach((node, at) => {
    if (!layoutOf.has(node)) layoutOf.set(node, at);
    else if (pseudoTypes.has(node)) generatedOf.set(node, [...(generatedOf.get(node) ?? []), at]);
  });
  const firstLines = new Map<number, Box>();
  textBoxes.layoutIndex.forEach((at, nth) => {
    if (!firstLines.has(at)) firstLines.set(at, boxOf(textBoxes.bounds[nth]));
  });

  const styles: Style[] = [];
  const styleNumbers = new Map<string, number>();
  function styleNumber(values: readonly number[] | undefined): number {
    if (!values || values.length === 0) return -1;
    const key = values.join();
    const known = styleNumbers.get(key);
    if (known !== undefined) return known;
    const entries = properties.map((property, nth) => [property, stringAt(values[nth])] as const);
    styles.push(Object.fromEntries(entries) as Style); // one entry for every property
    styleNumbers.set(key, styles.length - 1);
    return styles.length - 1;
  }

  const elements: SnapshotElement[] = [];
  const textNodes: number[][] = [];
  const places: CollectedElements["places"][number][] = [];
  const mediaOf = new Map<number, string>();
  /** For each node the element that it is or belongs to. */
  const owners: number[] = [];

  function addText(owner: number, node: number, text: string, box: Box, line: Box, color?: string): void {
    // Made here, and not handed out before the end: until then it may grow.
    (elements[owner]?.texts as SnapshotText[] | undefined)?.push({ text, box, line, ...(color && { color }) });
    textNodes[owner]?.push(nodes.backendNodeId?.[node] ?? -1);
  }

  function addTextAt(owner: number, node: number, at: number): void {
    const text = stringAt(layout.text[at]);
    const box = boxOf(layout.bounds[at]);
    if (owner !== -1 && text.trim() !== "") addText(owner, node, text, box, firstLines.get(at) ?? box);
  }

  /** A closed list shows the option that is chosen as its own text, which is in no snapshot. */
  function addChoice(option: number): void {
    let list = parents[option] ?? -1;
    while (list !== -1 && stringAt(nodes.nodeName?.[list]).toLowerCase() !== "select") list = parents[list] ?? -1;
    const owner = owners[list] ?? -1;
    const { attributes, box } = elements[owner] ?? {};
    if (!attributes || !box || attributes["multiple"] !== undefined || Number(attributes["size"] ?? 1) > 1) return;
    const own = nodeTypes.flatMap((type, node) => (type === textType && parents[node] === option ? [node] : []));
    const label = elements.at(-1)?.attributes["label"] ?? own.map((node) => stringAt(nodes.nodeValue?.[node])).join("");
    if (label.trim() !== "") addText(owner, list, label.replaceAll(/\s+/g, " ").trim(), box, box);
  }

  for (let node = 0; node < nodeTypes.length; node += 1) {
    const owner = owners[parents[node] ?? -1] ?? -1;
    owners[node] = owner;
    const type = nodeTypes[node];
    const at = layoutOf.get(node);
    if (type === textType && at !== undefined) addTextAt(owner, node, at);
    if (type !== elementType) continue;

    const pseudo = pseudoTypes.get(node);
    const tag = pseudo === undefined ? stringAt(nodes.nodeName?.[node]).toLowerCase() : `::${stringAt(pseudo)}`;
    const number = nodes.backendNodeId?.[node] ?? -1;
    const { place = null, facts } = linked.get(number) ?? {};
    const attributes = attributesOf(nodes.attributes?.[node], stringAt);
    if (tag === "style" || tag === "link") mediaOf.set(number, attributes["media"] ?? "");
    owners[node] = elements.length;
    textNodes.push([]);
    places.push(place);
    elements.push({
      parent: owner,
      tag,
      attributes,
      box: at === undefined ? null : boxOf(layout.bounds[at]),
      style: at === undefined ? -1 : styleNumber(layout.styles[at]),
      paintOrder: at === undefined ? -1 : (layout.paintOrders?.[at] ?? 0),
      texts: [],
      ...(facts?.picture && { picture: facts.picture }),
      ...(facts?.markup && { markup: facts.markup }),
    });
    for (const text of generatedOf.get(node) ?? []) addTextAt(elements.length - 1, node, text);
    if (chosen.has(node)) addChoice(node);
    const value = stringAt(values.get(node));
    if (at === undefined) continue;
    const box = boxOf(layout.bounds[at]);
    if (value.trim() !== "" && showsValue(tag, attributes["type"])) addText(elements.length - 1, node, value, box, box);
    if (facts?.hint) addText(elements.length - 1, node, facts.hint.text, box, box, facts.hint.color);
  }
  return {
    elements,
    styles,
    textNodes,
    places,
    mediaOf,
    pageWidth: document.contentWidth ?? 0,
    pageHeight: document.contentHeight ?? 0,
  };
}

/** Of these the browser shows what is written in them, in a tree of its own that is in no snapshot. */
function showsValue(tag: string, type = "text"): boolean {
  return (
    tag === "textarea" || (tag === "input" && /^(text|search|url|tel|email|number|submit|button|reset)$/i.test(type))
  );
}

function pairs(rare: { readonly index: number[]; readonly value: number[] } | undefined): [number, number][] {
  return (rare?.index ?? []).map((node, nth) => [node, rare?.value[nth] ?? -1]);
}

function attributesOf(flat: readonly number[] | undefined, stringAt: (index: number | undefined) => string) {
  const attributes: Record<string, string> = {};
  for (let nth = 0; nth < (flat?.length ?? 0); nth += 2)
    attributes[stringAt(flat?.[nth]).toLowerCase()] = stringAt(flat?.[nth + 1]);
  return attributes;
}
