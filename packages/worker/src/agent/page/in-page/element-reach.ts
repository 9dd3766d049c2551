import type { ElementReader } from "./element-reader.ts";
import type { ElementStore } from "./element-store.ts";

/** Where to click, in the viewport of the element's own document, or why that cannot be. */
export type ReachedPoint = { readonly x: number; readonly y: number } | { readonly problem: string };

/** Whether the value is set already, or the field waits for keys. */
export type TypingState = { readonly typed: boolean } | { readonly problem: string };

/** What the driver does at single elements. Problems are ends of a sentence that begins with the ref. */
export interface ElementReach {
  /** Scrolls to it, waits until it stands still and finds a point where nothing lies over it. */
  point(index: number): Promise<ReachedPoint>;
  /** The same for a point inside a frame, given in the frame's own viewport. */
  pointInFrame(index: number, x: number, y: number): ReachedPoint;
  /** Gives the focus to a field with all its text selected; sets the value itself where keys depend on the locale. */
  prepareTyping(index: number, text: string): TypingState;
  /** Chooses an option of a select by its text or value; null when that is done. */
  choose(index: number, option: string): string | null;
}

/**
 * Makes it.
 *
 * Runs inside the page, so it is sent as text: nothing outside the function can be used.
 */
export function createElementReach(reader: ElementReader, store: ElementStore): ElementReach {
  const { attribute, clean, name, tag } = reader;
  const framesMax = 20;
  const optionsNamed = 40;
  const gone = "is no longer on the page: use the refs of the newest view";

  /** Animation frames stop in a tab that is not in front. */
  const nextFrame = () =>
    new Promise<void>((resolve) => {
      requestAnimationFrame(() => resolve());
      setTimeout(resolve, 50);
    });

  async function standStill(element: Element): Promise<void> {
    let before = element.getBoundingClientRect();
    for (let frame = 0; frame < framesMax; frame += 1) {
      await nextFrame();
      const now = element.getBoundingClientRect();
      if (now.x === before.x && now.y === before.y && now.width === before.width) return;
      before = now;
    }
  }

  function deepestAt(x: number, y: number): Element | null {
    let found = document.elementFromPoint(x, y);
    for (let inside = found; inside; found = inside) {
      const next: Element | null = inside.shadowRoot?.elementFromPoint(x, y) ?? null;
      if (!next || next === inside) return inside;
      inside = next;
    }
    return found;
  }

  function isInside(inner: Element, outer: Element): boolean {
    for (let node: Node | null = inner; node; ) {
      if (node === outer) return true;
      const slot: Node | null = node instanceof Element ? node.assignedSlot : null;
      node = slot ?? (node instanceof ShadowRoot ? node.host : node.parentNode);
    }
    return false;
  }

  function takesClickOf(hit: Element, element: Element): boolean {
    if (isInside(hit, element)) return true;
    const label = hit.closest("label");
    return label instanceof HTMLLabelElement && label.control === element;
  }

  const describe = (element: Element): string => {
    const text = name(element).slice(0, 60).replaceAll('"', "'");
    return text ? `<${tag(element)}> "${text}"` : `<${tag(element)}>`;
  };

  const isDisabled = (element: Element): boolean =>
    element.matches(":disabled") || attribute(element, "aria-disabled") === "true";

  const isFile = (element: Element): boolean => {
    const control = element instanceof HTMLLabelElement ? element.control : element;
    return control instanceof HTMLInputElement && control.type === "file";
  };

  async function point(index: number): Promise<ReachedPoint> {
    const element = store.get(index);
    if (!element) return { problem: gone };
    if (isFile(element)) return { problem: "takes a file, and there are no files to give: leave it out" };
    if (isDisabled(element)) return { problem: "is disabled: something else has to be done first" };
    if (!isInViewport(element.getBoundingClientRect()))
      element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    await standStill(element);
    if (!element.isConnected) return { problem: gone };

    let covering: Element | null = null;
    for (const { x, y } of candidates(element)) {
      const hit = deepestAt(x, y);
      if (hit && takesClickOf(hit, element)) return { x, y };
      covering ??= hit;
    }
    if (!covering) return { problem: "cannot be seen now: it has no size or lies outside of what scrolls" };
    return { problem: `is covered by ${describe(covering)}: close or finish that first` };
  }

  function isInViewport({ top, left, bottom, right }: DOMRect): boolean {
    return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
  }

  /** The middle of each of its first boxes, then four points around it. */
  function candidates(element: Element): { x: number; y: number }[] {
    const boxes = [...element.getClientRects()].filter(({ width, height }) => width > 0 && height > 0).slice(0, 3);
    return boxes.flatMap((box) => {
      const left = Math.max(box.left, 0);
      const top = Math.max(box.top, 0);
      const width = Math.min(box.right, innerWidth) - left;
      const height = Math.min(box.bottom, innerHeight) - top;
      if (width <= 0 || height <= 0) return [];
      const shares = [0.5, 0.5, 0.2, 0.2, 0.2, 0.8, 0.8, 0.2, 0.8, 0.8];
      return [0, 2, 4, 6, 8].map((at) => ({
        x: left + width * (shares[at] ?? 0.5),
        y: top + height * (shares[at + 1] ?? 0.5),
      }));
    });
  }

  function pointInFrame(index: number, x: number, y: number): ReachedPoint {
    const frame = store.get(index);
    if (!frame) return { problem: gone };
    const box = frame.getBoundingClientRect();
    const { paddingLeft, paddingTop } = getComputedStyle(frame);
    const inParent = {
      x: box.left + frame.clientLeft + Number.parseFloat(paddingLeft) + x,
      y: box.top + frame.clientTop + Number.parseFloat(paddingTop) + y,
    };
    const hit = deepestAt(inParent.x, inParent.y);
    if (hit === frame) return inParent;
    return { problem: hit ? `is covered by ${describe(hit)}: close or finish that first` : "cannot be scrolled to" };
  }

  function prepareTyping(index: number, text: string): TypingState {
    const found = store.get(index);
    if (!found) return { problem: gone };
    const element = found instanceof HTMLLabelElement && found.control ? found.control : found;
    if (isDisabled(element)) return { problem: "is disabled: something else has to be done first" };
    if (isFile(element)) return { problem: "takes a file, and there are no files to give: leave it out" };
    if (!(element instanceof HTMLElement)) return { problem: "is not a field" };
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
      if (element.readOnly) return { problem: "is read-only" };
      if (/^(checkbox|radio|button|submit|reset|image)$/.test(element.type))
        return { problem: "is to be clicked, not typed into" };
      if (/^(date|time|month|week|datetime-local|color|range)$/.test(element.type)) return setValue(element, text);
      element.focus();
      element.select();
      return { typed: false };
    }
    if (element instanceof HTMLSelectElement) return { problem: "is a list: use select" };
    if (!element.isContentEditable && !/^(textbox|searchbox|combobox)$/.test(attribute(element, "role") ?? ""))
      return { problem: "is not a field" };
    element.focus();
    if (element.isContentEditable) getSelection()?.selectAllChildren(element);
    return { typed: false };
  }

  function setValue(field: HTMLInputElement | HTMLTextAreaElement, text: string): TypingState {
    const before = field.value;
    field.focus();
    field.value = text;
    if (field.value !== text) {
      field.value = before;
      const form = { date: "2026-01-31", time: "13:45", month: "2026-01", week: "2026-W05", color: "#aabbcc" }[
        field.type
      ];
      return { problem: `does not take this value${form ? `: it must look like ${form}` : ""}` };
    }
    announceChange(field);
    return { typed: true };
  }

  function announceChange(field: Element): void {
    field.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function choose(index: number, wanted: string): string | null {
    const select = store.get(index);
    if (!select) return gone;
    if (!(select instanceof HTMLSelectElement)) return "is no select: click it, then click what it offers";
    if (isDisabled(select)) return "is disabled: something else has to be done first";
    const options = [...select.options].filter((option) => !option.disabled);
    const label = (option: HTMLOptionElement) => clean(option.label).toLowerCase();
    const text = clean(wanted).toLowerCase();
    const option =
      options.find((each) => clean(each.label) === clean(wanted) || each.value === wanted) ??
      options.find((each) => label(each) === text) ??
      single(options.filter((each) => label(each).includes(text)));
    if (!option) {
      const offered = options.slice(0, optionsNamed).map((each) => clean(each.label).slice(0, 60));
      return `has no single option "${clean(wanted).slice(0, 60)}". It has: ${offered.join(", ")}${options.length > optionsNamed ? ", …" : ""}`;
    }
    select.focus();
    if (select.multiple) option.selected = !option.selected;
    else option.selected = true;
    announceChange(select);
    return null;
  }

  const single = <Item>(items: readonly Item[]): Item | undefined => (items.length === 1 ? items[0] : undefined);

  return { point, pointInFrame, prepareTyping, choose };
}
