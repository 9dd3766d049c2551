/** The elements of one document that were ever shown to the model, each under a number that stays its own. */
export interface ElementStore {
  /** The element's number; the same for as long as the document lives. */
  indexOf(element: Element): number;
  /** Null when it has left the document, or never had a number. */
  get(index: number): Element | null;
}

/**
 * Makes the store. It lives in our isolated world: a page can neither read it nor put an element of its own into it.
 *
 * Runs inside the page, so it is sent as text: nothing outside the function can be used.
 */
export function createElementStore(): ElementStore {
  const indices = new WeakMap<Element, number>();
  const elements: WeakRef<Element>[] = [];
  return {
    indexOf(element) {
      const known = indices.get(element);
      if (known !== undefined) return known;
      indices.set(element, elements.length);
      return elements.push(new WeakRef(element)) - 1;
    },
    get(index) {
      const element = elements[index]?.deref();
      return element?.isConnected ? element : null;
    },
  };
}
