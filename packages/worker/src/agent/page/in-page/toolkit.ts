import { type ControlDescriber, createControlDescriber } from "./control-describer.ts";
import { createDocumentWalker, type DocumentWalk, type WalkerParts, type WalkLimits } from "./document-walker.ts";
import { createElementReach, type ElementReach } from "./element-reach.ts";
import { createElementReader } from "./element-reader.ts";
import { createElementStore } from "./element-store.ts";
import { createLineWriter } from "./line-writer.ts";

/** What our isolated world offers in each document. */
export interface Toolkit extends ElementReach {
  /** Different in every document, so that a number of an element is never taken for another document's. */
  identity(): string;
  walk(limits: WalkLimits): DocumentWalk;
  element(index: number): Element | null;
  /** Whether the document shows this text, in any case of its letters. */
  hasText(text: string): boolean;
  /** The document as HTML, at most `charactersMax` long. */
  html(charactersMax: number): string;
  /** Resolves when nothing changed for `quietMs`, after `boundMs` at the latest. */
  quiet(quietMs: number, boundMs: number): Promise<void>;
}

interface Makers {
  readonly createElementStore: typeof createElementStore;
  readonly createElementReader: typeof createElementReader;
  readonly createLineWriter: typeof createLineWriter;
  readonly createControlDescriber: (reader: ReturnType<typeof createElementReader>) => ControlDescriber;
  readonly createDocumentWalker: (parts: WalkerParts) => (limits: WalkLimits) => DocumentWalk;
  readonly createElementReach: typeof createElementReach;
}

function createToolkit(make: Makers): Toolkit {
  const store = make.createElementStore();
  const reader = make.createElementReader();
  const controls = make.createControlDescriber(reader);
  const walk = make.createDocumentWalker({ reader, store, controls, createLineWriter: make.createLineWriter });
  const identity = `${Date.now()}-${Math.random()}`;

  function hasText(text: string): boolean {
    // biome-ignore lint/performance/useDomNodeTextContent: what is hidden has not appeared yet
    return reader.clean(document.body?.innerText).toLowerCase().includes(reader.clean(text).toLowerCase());
  }

  function html(charactersMax: number): string {
    const text = document.documentElement?.outerHTML ?? "";
    return `${document.doctype ? "<!DOCTYPE html>" : ""}${text}`.slice(0, charactersMax);
  }

  function quiet(quietMs: number, boundMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        observer.disconnect();
        clearTimeout(timer);
        clearTimeout(bound);
        resolve();
      };
      const observer = new MutationObserver(() => {
        clearTimeout(timer);
        timer = setTimeout(end, quietMs);
      });
      let timer = setTimeout(end, quietMs);
      const bound = setTimeout(end, boundMs);
      observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    });
  }

  return {
    ...make.createElementReach(reader, store),
    identity: () => identity,
    element: store.get,
    hasText,
    walk,
    html,
    quiet,
  };
}

const makers = {
  createElementStore,
  createElementReader,
  createLineWriter,
  createControlDescriber,
  createDocumentWalker,
  createElementReach,
} satisfies Makers;

/**
 * The toolkit as an expression: makes it on the first use in a document, and is its value.
 *
 * Functions are sent by their own text, so none of them may use anything of its module.
 */
export const toolkitExpression = `(globalThis.stablehand ??= (${createToolkit})({${Object.entries(makers)
  .map(([name, maker]) => `${name}: ${maker}`)
  .join(",\n")}}))`;
