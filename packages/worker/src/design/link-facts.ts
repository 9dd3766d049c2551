import type { CDPSession } from "playwright-core";
import type { ElementFacts, TreeFacts } from "./in-page.ts";

/** Facts of elements by the browser's numbers of their nodes. */
export type LinkedFacts = ReadonlyMap<number, ElementFacts>;

/** The page changed between two looks. */
export class PageMovedError extends Error {
  override readonly name = "PageMovedError";
}

/** An element as Chromium's snapshot lists it. */
export interface ListedElement {
  readonly node: number;
  readonly tag: string;
}

/**
 * Finds the nodes that the facts are about.
 *
 * Facts are counted tree by tree, and the snapshot lists what is shown: the same for most pages, but not where there are
 * shadow trees. There the browser's own tree says what is where, which takes as long as the snapshot itself.
 * Errors: PageMovedError when elements came or went in between.
 */
export async function linkFacts(
  session: CDPSession,
  trees: readonly TreeFacts[],
  listed: readonly ListedElement[],
): Promise<LinkedFacts> {
  const [only, ...more] = trees;
  const isPlain = only && more.length === 0 && only.count === listed.length;
  const hasTags = isPlain && only.facts.every(({ ordinal, tag }) => listed[ordinal]?.tag === tag);
  if (hasTags) return new Map(only.facts.map((fact) => [listed[fact.ordinal]?.node ?? -1, fact]));

  const { root } = await session.send("DOM.getDocument", { depth: -1, pierce: true });
  const nodes = new Map<string, number[]>();
  number(root, "", nodes);
  return new Map(
    trees.flatMap(({ path, count, facts }) => {
      const own = nodes.get(path) ?? [];
      if (own.length !== count)
        throw new PageMovedError(`a tree of ${count} elements had ${own.length} a moment later`);
      return facts.map((fact) => [own[fact.ordinal] ?? -1, fact] as const);
    }),
  );
}

interface DomNode {
  readonly nodeType: number;
  readonly backendNodeId: number;
  readonly shadowRootType?: string;
  readonly children?: DomNode[];
  readonly shadowRoots?: DomNode[];
}

/** Numbers the elements of each tree as the page's own walk over it does. */
function number(root: DomNode, path: string, nodes: Map<string, number[]>): void {
  const own: number[] = [];
  nodes.set(path, own);
  const pending = [...(root.children ?? [])].reverse();
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.nodeType !== 1) continue;
    const ordinal = own.push(node.backendNodeId) - 1;
    for (const shadow of node.shadowRoots ?? [])
      if (shadow.shadowRootType === "open") number(shadow, path ? `${path}/${ordinal}` : `${ordinal}`, nodes);
    pending.push(...[...(node.children ?? [])].reverse());
  }
}
