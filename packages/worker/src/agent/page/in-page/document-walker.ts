import type { ControlDescriber } from "./control-describer.ts";
import type { ElementReader } from "./element-reader.ts";
import type { ElementStore } from "./element-store.ts";
import type { LineWriter } from "./line-writer.ts";

/** Where a walk ends, however large the document is. */
export interface WalkLimits {
  readonly nodesMax: number;
  readonly charactersMax: number;
  readonly timeMs: number;
}

/**
 * A document as lines of text, in the document's order.
 *
 * In a line U+E001 n U+E002 stands for the ref of the element with number n. A line of U+E003 n alone stands for the
 * document in the frame with number n. Page text cannot contain either.
 */
export interface DocumentWalk {
  readonly title: string;
  readonly lines: readonly string[];
  /** Ranges of lines, from and up to: open dialogs, and the main content if the document names it. */
  readonly dialogs: readonly (readonly [number, number])[];
  readonly main: readonly [number, number] | null;
  /** The first line that stands in the viewport. */
  readonly inView: number;
  /** True when a limit ended it. */
  readonly cut: boolean;
}

/** The parts a walker is made of. */
export interface WalkerParts {
  readonly reader: ElementReader;
  readonly store: ElementStore;
  readonly controls: ControlDescriber;
  readonly createLineWriter: () => LineWriter;
}

/**
 * Makes the function that reads a document: what a user sees of it, in reading order, and what they can act on.
 *
 * Runs inside the page, so it is sent as text: nothing outside the function can be used.
 */
export function createDocumentWalker(parts: WalkerParts): (limits: WalkLimits) => DocumentWalk {
  const { reader, store, controls, createLineWriter } = parts;
  const { attribute, tag, clean, name } = reader;
  const depthMax = 500; // deeper trees come only from script, and would end the stack
  const oneLineMax = 44; // pixels: what is no higher is one line to the eye, a menu or a row of buttons

  const childNodesOf = Object.getOwnPropertyDescriptor(Node.prototype, "childNodes")?.get;
  const shadowRootOf = Object.getOwnPropertyDescriptor(Element.prototype, "shadowRoot")?.get;
  const rectOf = Element.prototype.getBoundingClientRect;
  const neverShown = new Set(
    "script style noscript template head meta link title base source track param datalist canvas object embed video audio progress meter".split(
      " ",
    ),
  );

  return function walkDocument(limits) {
    const deadline = performance.now() + limits.timeMs;
    const out = createLineWriter();
    const dialogs: [number, number][] = [];
    let main: [number, number] | null = null;
    let inView = -1;
    let cut = false;
    let nodes = 0;
    let lastBottom = Number.POSITIVE_INFINITY; // of the block before: what begins below it begins a line
    let rows = 0;
    let pinned = 0; // inside what stays where it is when the page scrolls
    let muted = 0; // inside a label that its field repeats
    let headings = 0;
    let lastLink: { readonly element: Element; readonly href: string; readonly name: string } | null = null;

    const isOver = (): boolean => {
      cut ||=
        nodes > limits.nodesMax ||
        out.characters() > limits.charactersMax ||
        (nodes % 256 === 0 && performance.now() > deadline);
      return cut;
    };

    function walkChildren(parent: Node, depth: number, shown: boolean, pointer: boolean): void {
      for (const node of childNodesOf?.call(parent) ?? []) {
        nodes += 1;
        if (isOver()) return;
        if (node.nodeType === Node.TEXT_NODE) {
          if (shown && muted === 0) out.text(node.nodeValue ?? "");
        } else if (node.nodeType === Node.ELEMENT_NODE) walkElement(node, depth + 1, pointer);
      }
    }

    function walkElement(element: Element, depth: number, inPointer: boolean): void {
      const tagName = tag(element);
      if (neverShown.has(tagName)) return;
      if (depth > depthMax) {
        cut = true;
        return;
      }
      if (tagName === "br") out.breakLine();
      if (tagName === "br" || attribute(element, "aria-hidden") === "true") return;
      const style = getComputedStyle(element);
      const { display } = style;
      if (display === "none") return;
      const shown = style.visibility === "visible";
      const isInline = display === "inline" || display === "contents";
      const rect = isInline ? null : rectOf.call(element);
      if (style.opacity === "0" || (rect && tagName !== "body" && tagName !== "html" && isNowhere(rect, style))) {
        writeInvisible(element, tagName);
        return;
      }

      if (rect && style.contentVisibility === "hidden") return;
      const isBlock = rect !== null && !display.startsWith("inline");
      if (isBlock) {
        if (rows === 0 && rect.top >= lastBottom - 2) out.endLine();
        else out.breakLine();
        if (inView < 0 && pinned === 0 && rect.height > 0 && rect.top >= -8) inView = out.lines.length;
      } else if (rect) out.space();
      const oneLine = isBlock && rect.height > 8 && rect.height <= oneLineMax;
      if (oneLine) out.beginOneLine();
      const isPinned = style.position === "fixed" || style.position === "sticky";
      if (isPinned) pinned += 1;
      if (shown) walkShown(element, tagName, depth, inPointer, style);
      else walkInside(element, tagName, depth, false, inPointer);
      if (isPinned) pinned -= 1;
      if (oneLine) out.endOneLine();
      if (isBlock) {
        out.breakLine();
        lastBottom = rect.bottom;
      } else if (rect) out.space();
    }

    /** Without size and clipped, or beyond the edges that nobody can scroll to. */
    function isNowhere(rect: DOMRect, style: CSSStyleDeclaration): boolean {
      if (rect.width <= 1 || rect.height <= 1) return style.overflow !== "visible" || style.clip !== "auto";
      if (rect.right + scrollX <= 0 || rect.bottom + scrollY <= 0) return true;
      return style.position === "fixed" && (rect.left >= innerWidth || rect.top >= innerHeight);
    }

    /** A button, field or box that a design made transparent can still be clicked where it lies. */
    function writeInvisible(element: Element, tagName: string): void {
      if (/^(input|select|textarea)$/.test(tagName) && controls.isReachable(element))
        writeControl(element, tagName, attribute(element, "role"));
      else if (tagName === "span" && muted === 0 && speaksForNeighbour(element))
        out.text(` ${reader.content(element)} `);
    }

    /** Shops write a price twice: for screen readers, unseen, and beside it in pieces that only eyes are to read. */
    function speaksForNeighbour(element: Element): boolean {
      const neighbours = [element.previousElementSibling, element.nextElementSibling];
      return neighbours.some((one) => one !== null && attribute(one, "aria-hidden") === "true");
    }

    function walkShown(
      element: Element,
      tagName: string,
      depth: number,
      inPointer: boolean,
      style: CSSStyleDeclaration,
    ) {
      const role = attribute(element, "role");
      const level = controls.headingLevel(element, tagName, role);
      if (level > 0) return walkHeading(element, depth, level, inPointer);
      if (tagName === "iframe" || tagName === "frame") return out.frame(store.indexOf(element));
      if (tagName === "img" || tagName === "svg" || role === "img") return writeImage(element, tagName);
      if (tagName === "label" && writeLabel(element, depth)) return;
      if (controls.holdsOthers(element, tagName, role)) return walkClickable(element, tagName, depth, role);
      if (writeControl(element, tagName, role)) return;

      const href = tagName === "a" || tagName === "area" ? attribute(element, "href") : null;
      if (href !== null || role === "link") return walkLink(element, depth, href ?? "");
      const pointer = style.cursor === "pointer";
      if (controls.isClickable(element, tagName, pointer && !inPointer))
        return walkClickable(element, tagName, depth, role);
      if (tagName === "dialog" || role === "dialog" || role === "alertdialog") return walkDialog(element, depth);
      if (tagName === "tr" || role === "row") return walkRow(element, depth, pointer);
      if ((tagName === "main" || role === "main") && !main) {
        out.beginPart();
        const from = out.lines.length;
        walkInside(element, tagName, depth, true, pointer);
        out.beginPart();
        main = [from, out.lines.length];
      } else walkInside(element, tagName, depth, true, pointer);
    }

    function walkInside(element: Element, tagName: string, depth: number, shown: boolean, pointer: boolean): void {
      const root: ShadowRoot | null = shadowRootOf?.call(element);
      if (root) walkChildren(root, depth, shown, pointer);
      else if (element instanceof HTMLSlotElement && element.assignedNodes().length > 0) {
        for (const node of element.assignedNodes()) {
          nodes += 1;
          if (isOver()) return;
          if (node instanceof Element) walkElement(node, depth + 1, pointer);
          else if (shown && muted === 0) out.text(node.nodeValue ?? "");
        }
      } else if (element instanceof HTMLDetailsElement && !element.open) {
        const summary = [...element.children].find((child) => tag(child) === "summary");
        if (summary) walkElement(summary, depth + 1, pointer);
      } else if (tagName === "pre") {
        out.beginPreformatted();
        walkChildren(element, depth, shown, pointer);
        out.endPreformatted();
      } else walkChildren(element, depth, shown, pointer);
    }

    function walkHeading(element: Element, depth: number, level: number, pointer: boolean): void {
      headings += 1;
      if (rows === 0) out.beginHeading(level);
      walkInside(element, "", depth, true, pointer);
      if (rows === 0) out.endHeading();
      headings -= 1;
    }

    function writeImage(element: Element, tagName: string): void {
      const text =
        tagName === "img" ? clean(attribute(element, "aria-label") || attribute(element, "alt")) : name(element);
      if (!text) return;
      out.space();
      out.text(out.endsWithRef() ? text : `(image: ${text})`);
      out.space();
    }

    /** A label that its field repeats is left out; one that stands for a box that cannot be seen is that box. */
    function writeLabel(element: Element, depth: number): boolean {
      const control = element instanceof HTMLLabelElement ? element.control : null;
      if (!control) return false;
      if (!controls.isReachable(control)) {
        const text = controls.describeHidden(control);
        if (!text) return false;
        writeRef(element, text);
      }
      muted += 1;
      walkChildren(element, depth, true, true);
      muted -= 1;
      return true;
    }

    function writeControl(element: Element, tagName: string, role: string | null): boolean {
      const text = controls.describe(element, tagName, role);
      if (text === null) return false;
      writeRef(element, text);
      return true;
    }

    function writeRef(element: Element, text: string): void {
      const standsAlone = rows === 0 && controls.hasValue(element);
      if (standsAlone) out.endLine(); // a change of its value is then a line of the difference
      out.ref(store.indexOf(element));
      out.text(text);
      if (standsAlone) out.endLine();
      else out.space();
    }

    /** An image and a title that lead to one place are one link. */
    function walkLink(element: Element, depth: number, href: string): void {
      const label = clean(attribute(element, "aria-label"));
      const text = label || clean(element.textContent) || name(element);
      if (headings === 0 && controls.isAddress(href)) {
        const place = element.parentElement?.parentElement;
        const isTwin = lastLink?.href === href && lastLink.name === text && place?.contains(lastLink.element);
        if (isTwin || (!text && controls.hasNamedTwin(element, href))) return;
      }
      lastLink = { element, href, name: text };
      out.ref(store.indexOf(element));
      const before = out.position();
      const wasMuted = muted;
      muted = 0;
      if (!label || clean(element.textContent).length > label.length) walkInside(element, "", depth, true, true);
      else out.text(label);
      if (out.position() === before) out.text(text || controls.nameOfAddress(href));
      muted = wasMuted;
      const state = controls.states(element);
      if (state) out.text(state);
      out.space();
    }

    /** What can be clicked and holds more than its name. */
    function walkClickable(element: Element, tagName: string, depth: number, role: string | null): void {
      const isRow = tagName === "tr" || role === "row";
      if (isRow) out.endLine();
      const undo = out.ref(store.indexOf(element));
      out.text(controls.states(element).trimStart());
      out.space();
      const before = out.position();
      if (isRow) walkRow(element, depth, true);
      else walkInside(element, tagName, depth, true, true);
      if (out.position() > before) return;
      const text = name(element);
      if (text) out.text(text);
      else undo();
    }

    function walkDialog(element: Element, depth: number): void {
      out.beginPart();
      const from = out.lines.length;
      out.text(`dialog ${name(element)}`);
      out.endLine();
      walkInside(element, "", depth, true, false);
      out.beginPart();
      dialogs.push([from, out.lines.length]);
    }

    function walkRow(element: Element, depth: number, pointer: boolean): void {
      if (element.querySelector("table,iframe")) {
        walkInside(element, "", depth, true, pointer);
        return;
      }
      rows += 1;
      out.endLine();
      out.beginOneLine();
      const cells = [...element.children];
      for (const cell of cells) {
        walkElement(cell, depth + 1, pointer);
        if (cell !== cells.at(-1)) out.cell();
      }
      out.endOneLine();
      out.endLine();
      rows -= 1;
    }

    walkChildren(document.documentElement ?? document, 0, true, false);
    out.finish();
    return {
      title: clean(document.title).slice(0, 200),
      lines: out.lines,
      dialogs,
      main,
      inView: Math.max(inView, 0),
      cut,
    };
  };
}
