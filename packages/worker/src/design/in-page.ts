import type { RootAttribute } from "./sheet-facts.ts";
import type { SnapshotPicture } from "./snapshot.ts";

/** What only a script in the page can tell of an element. */
export interface ElementFacts {
  /** Counted in the document's order within its tree. */
  readonly ordinal: number;
  readonly tag: string;
  readonly picture?: SnapshotPicture;
  readonly markup?: string;
  /** What an empty field shows in place of what is written in it. */
  readonly hint?: { readonly text: string; readonly color: string };
}

/** An element, by the number of its tree and its ordinal there, and one of its properties. */
export type Witness = readonly [tree: number, ordinal: number, property: string];

/** The facts of one tree: the document's, or a shadow root's. */
export interface TreeFacts {
  /** The ordinals of the hosts that lead to it, outermost first, joined by `/`; empty for the document. */
  readonly path: string;
  /** How many elements it has. */
  readonly count: number;
  readonly facts: readonly ElementFacts[];
}

/** The natural size of a picture. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** What our isolated world offers for an extraction. */
export interface DesignToolkit {
  /** Scrolls to the end, step by step, so that lazy content comes, and back; a page without end is left at the bounds. */
  scrollThrough(stepsMax: number, boundMs: number): Promise<void>;
  /** Resolves when fonts and pictures are there, after `boundMs` at the latest, and scripts move nothing, for which 3 s more. */
  settle(boundMs: number): Promise<void>;
  /** Brings every animation and transition to its end; those without end to their beginning. */
  calm(): void;
  /** Has `readTrees` read a closed shadow tree, too: the one that this element stands in. */
  showTree(element: Element): void;
  readTrees(): TreeFacts[];
  /** Whether any of the witnesses has its property as a length, for each list; of the trees that were read last. */
  findLengths(asked: readonly (readonly Witness[])[]): boolean[];
  readRootProperties(): Record<string, string>;
  /** The root's custom properties while it has these attributes and classes, without their `light` counterparts. */
  readRootPropertiesWith(attributes: readonly RootAttribute[]): Record<string, string>;
  /** In the order of `sources`; zeros for what does not load in `boundMs`. */
  measure(sources: readonly string[], boundMs: number): Promise<PictureSize[]>;
}

/** Runs inside the page, so it is sent as text: nothing outside the function can be used. */
function createDesignToolkit(): DesignToolkit {
  const stillMs = 1_100;
  const stillBoundMs = 3_000;
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const bounded = (work: Promise<unknown>, ms: number) => Promise.race([work, pause(ms)]).then(() => undefined);

  async function scrollThrough(stepsMax: number, boundMs: number): Promise<void> {
    const until = performance.now() + boundMs;
    for (let step = 1; step <= stepsMax && performance.now() < until; step += 1) {
      window.scrollTo({ top: step * innerHeight, behavior: "instant" });
      // Two frames, so that observers have been told and have asked for what they load.
      await bounded(new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))), 100);
      const end = document.scrollingElement?.scrollHeight ?? 0;
      if ((step + 1) * innerHeight >= end) {
        await pause(30); // what was loaded at the end may make it longer
        if ((step + 1) * innerHeight >= (document.scrollingElement?.scrollHeight ?? 0)) break;
      }
    }
    window.scrollTo({ top: 0, behavior: "instant" });
  }

  async function settle(boundMs: number): Promise<void> {
    const pictures = [...document.images].filter((image) => !image.complete && image.getClientRects().length > 0);
    const arrivals = pictures.map(
      (image) =>
        new Promise((done) => {
          image.addEventListener("load", done, { once: true });
          image.addEventListener("error", done, { once: true });
        }),
    );
    await bounded(Promise.all([document.fonts.ready, ...arrivals]), boundMs);
    await standstill();
    await bounded(new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))), 100);
  }

  /**
   * Scripts fade and move things by writing to them step by step, and scroll bars and notices are taken away a second
   * after they were shown: resolves when nothing of that has happened for a while, at once where there is no script.
   */
  async function standstill(): Promise<void> {
    if (document.scripts.length === 0) return;
    let changedAt = performance.now();
    const observer = new MutationObserver(() => {
      changedAt = performance.now();
    });
    observer.observe(document, { subtree: true, attributes: true, attributeFilter: ["style", "class"] });
    try {
      for (const startedAt = changedAt; performance.now() - startedAt < stillBoundMs; await pause(50))
        if (performance.now() - changedAt >= stillMs) return;
    } finally {
      observer.disconnect();
    }
  }

  function calm(): void {
    for (const animation of document.getAnimations()) {
      const timing = animation.effect?.getComputedTiming();
      try {
        if (timing?.endTime === Number.POSITIVE_INFINITY) animation.cancel();
        else animation.finish();
      } catch {
        animation.cancel(); // one that follows the scroll position has no end to go to
      }
    }
  }

  const closedTrees = new Map<Element, ShadowRoot>();
  let walked: Element[][] = [];

  function showTree(element: Element): void {
    const root = element.getRootNode();
    if (root instanceof ShadowRoot) closedTrees.set(root.host, root);
  }

  function readTrees(): TreeFacts[] {
    const trees: TreeFacts[] = [];
    walked = [];
    const read = (root: Document | ShadowRoot, path: string): void => {
      const elements = [...root.querySelectorAll("*")];
      const facts: ElementFacts[] = [];
      trees.push({ path, count: elements.length, facts });
      walked.push(elements);
      for (const [ordinal, element] of elements.entries()) {
        const found = factsOf(element);
        if (found) facts.push({ ordinal, tag: element.localName, ...found });
        // Fields of a form stand in the place of its properties, and it can have no tree.
        const inner = element instanceof HTMLFormElement ? null : (element.shadowRoot ?? closedTrees.get(element));
        if (inner) read(inner, path ? `${path}/${ordinal}` : `${ordinal}`);
      }
    };
    read(document, "");
    return trees;
  }

  function findLengths(asked: readonly (readonly Witness[])[]): boolean[] {
    return asked.map((witnesses) =>
      witnesses.some(([tree, ordinal, property]) => {
        const value = walked[tree]?.[ordinal]?.computedStyleMap().get(property);
        return value instanceof CSSUnitValue && value.unit === "px";
      }),
    );
  }

  function factsOf(element: Element): Omit<ElementFacts, "ordinal" | "tag"> | null {
    const picture = pictureOf(element);
    if (picture) return { picture };
    const isField = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
    if (isField && element.matches(":placeholder-shown") && element.placeholder.trim() !== "")
      return { hint: { text: element.placeholder, color: hintColorOf(element) } };
    const isDrawing = element instanceof SVGSVGElement && !(element.parentNode instanceof SVGElement);
    return isDrawing ? { markup: element.outerHTML } : null;
  }

  function hintColorOf(element: Element): string {
    const { color, opacity } = getComputedStyle(element, "::placeholder");
    const [, parts = "", alpha = "1"] = /^rgba?\((\d+, \d+, \d+)(?:, ([\d.]+))?\)$/.exec(color) ?? [];
    return parts === "" ? color : `rgba(${parts}, ${Number(alpha) * Number(opacity)})`;
  }

  function pictureOf(element: Element): SnapshotPicture | null {
    if (element instanceof HTMLImageElement) {
      const source = element.currentSrc || element.src;
      const offers = [element.src, ...candidatesOf(element)];
      const around = element.parentElement;
      if (around instanceof HTMLPictureElement)
        for (const other of around.children)
          if (other instanceof HTMLSourceElement) offers.push(...candidatesOf(other));
      const alternatives = [...new Set(offers)].filter((offer) => offer !== "" && offer !== source);
      return { source, alternatives, naturalWidth: element.naturalWidth, naturalHeight: element.naturalHeight };
    }
    if (element instanceof HTMLVideoElement && element.poster) return plainPicture(element.poster);
    if (element instanceof HTMLInputElement && element.type === "image" && element.src)
      return plainPicture(element.src);
    return null;
  }

  function plainPicture(source: string): SnapshotPicture {
    return { source, alternatives: [], naturalWidth: 0, naturalHeight: 0 };
  }

  /** The addresses of a `srcset`: after HTML's own rule, an address goes to the next space and sheds its last commas. */
  function candidatesOf(element: HTMLImageElement | HTMLSourceElement): string[] {
    const found: string[] = [];
    let rest = element.srcset;
    for (;;) {
      const [whole, address = ""] = /^[\s,]*(\S+)/.exec(rest) ?? [];
      if (!whole) return found;
      rest = rest.slice(whole.length);
      if (!address.endsWith(",")) rest = rest.slice((/^(?:[^,(]|\([^)]*\))*/.exec(rest)?.[0] ?? "").length);
      try {
        found.push(new URL(address.replace(/,+$/, ""), document.baseURI).href);
      } catch {
        // It leads nowhere.
      }
    }
  }

  function readRootProperties(): Record<string, string> {
    const properties: Record<string, string> = {};
    const styles = getComputedStyle(document.documentElement);
    for (const [name] of document.documentElement.computedStyleMap())
      if (name.startsWith("--")) properties[name] = styles.getPropertyValue(name).trim();
    return properties;
  }

  function readRootPropertiesWith(attributes: readonly RootAttribute[]): Record<string, string> {
    const root = document.documentElement;
    const before = attributes.map(({ attribute }) => [attribute, root.getAttribute(attribute)] as const);
    for (const { attribute, value } of attributes) {
      const classes = (root.getAttribute("class") ?? "")
        .split(/\s+/)
        .filter((name) => name !== value.replace("dark", "light"));
      root.setAttribute(attribute, attribute === "class" ? [...classes, value].join(" ") : value);
    }
    try {
      return readRootProperties();
    } finally {
      for (const [attribute, value] of before)
        if (value === null) root.removeAttribute(attribute);
        else root.setAttribute(attribute, value);
    }
  }

  async function measure(sources: readonly string[], boundMs: number): Promise<PictureSize[]> {
    const sizes = sources.map((): PictureSize => ({ width: 0, height: 0 }));
    const loads = sources.map(
      (source, nth) =>
        new Promise<void>((done) => {
          const image = new Image();
          image.addEventListener("load", () => {
            sizes[nth] = { width: image.naturalWidth, height: image.naturalHeight };
            done();
          });
          image.addEventListener("error", () => done());
          image.src = source;
        }),
    );
    await bounded(Promise.all(loads), boundMs);
    return sizes;
  }

  return {
    scrollThrough,
    settle,
    calm,
    showTree,
    readTrees,
    findLengths,
    readRootProperties,
    readRootPropertiesWith,
    measure,
  };
}

/** The toolkit as an expression: makes it on the first use in a document, and is its value. */
export const designToolkitExpression = `(globalThis.stablehandDesign ??= (${createDesignToolkit})())`;
