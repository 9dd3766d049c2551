import type { CDPSession } from "playwright-core";
import type { ElementFacts, TreeFacts } from "./in-page.ts";

/** Where the toolkit found an element, and what it has to tell of it. */
export interface LinkedElement {
  /** The number of its tree, and its own there. */
  readonly place: readonly [tree: number, ordinal: number];
  readonly facts: ElementFacts | null;
}

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
 * Finds the toolkit's elements by the browser's numbers of their nodes.
 *
 * The toolkit counts tree by tree, and the snapshot lists what is shown: the same for most pages, but not where there are
 * shadow trees. There the browser's own tree says what is where, which takes as long as the snapshot itself.
 * Errors: PageMovedError when elements came or went in between.
 */
export async function linkElements(
  session: CDPSession,
  trees: readonly TreeFacts[],
  listed: readonly ListedElement[],
): Promise<ReadonlyMap<number, LinkedElement>> {
  const [only, ...more] = trees;
  const isPlain = only && more.length === 0 && only.count === listed.length;
  const hasTags = isPlain && only.facts.every(({ ordinal, tag }) => listed[ordinal]?.tag === tag);
  const linked = new Map<number, LinkedElement>();
  const link = ({ facts }: TreeFacts, tree: number, nodes: readonly number[]) => {
    nodes.forEach((node, ordinal) => void linked.set(node, { place: [tree, ordinal], facts: null }));
    for (const fact of facts) linked.set(nodes[fact.ordinal] ?? -1, { place: [tree, fact.ordinal], facts: fact });
  };
  if (hasTags) {
    link(
      only,
      0,
      listed.map(({ node }) => node),
    );
    return linked;
  }
  const { root } = await session.send("DOM.getDocument", { depth: -1, pierce: true });
  const nodes = new Map<string, number[]>();
  number(root, "", nodes);
  trees.forEach((tree, nth) => {
    const own = nodes.get(tree.path) ?? [];
    if (own.length !== tree.count)
      throw new PageMovedError(`a tree of ${tree.count} elements had ${own.length} a moment later`);
    link(tree, nth, own);
  });
  return linked;
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
      if (shadow.shadowRootType !== "user-agent") number(shadow, path ? `${path}/${ordinal}` : `${ordinal}`, nodes);
    pending.push(...[...(node.children ?? [])].reverse());
  }
}
