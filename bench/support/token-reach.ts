import { createTabWorlds } from "../../packages/worker/src/agent/page/frame-world.ts";
import { takeSnapshot } from "../../packages/worker/src/agent/page/page-snapshot.ts";
import { createPageView, endOfPage } from "../../packages/worker/src/agent/page/page-view.ts";
import { findNamedElements, markAttribute, type NamedElement } from "./token-names.ts";
import type { CDPSession, Page } from "./token-playwright.ts";
import { viewTokensMax } from "./token-view.ts";

/** How many of a page's named elements our view names and leads to. */
export interface ReachReport {
  readonly total: number;
  /** Their own ref stands in the view before their name, and the ref is that very element; for a heading its name. */
  readonly own: number;
  /** Only a link of the same name to the same address does. */
  readonly twins: number;
  readonly missing: readonly NamedElement[];
}

/**
 * Reads a loaded page to its end through our view and looks for every element that somebody sees.
 *
 * Refs are resolved as the tools resolve them, in our world of the document.
 */
export async function checkReach(page: Page): Promise<ReachReport> {
  const session = await page.context().newCDPSession(page);
  const snapshot = await takeSnapshot(await createTabWorlds(page, session).main());
  const view = createPageView(viewTokensMax);
  const lines = view.show(snapshot).split("\n");
  for (let read = 0; read < readsMax; read += 1) {
    const text = view.showNext(snapshot);
    if (text.startsWith(endOfPage)) break;
    lines.push(...text.split("\n"));
  }

  const { letters, refs } = readText(lines.filter((line) => !line.startsWith("! ")).join("\n"));
  const named = await findNamedElements(page, session);
  const placed = refs.flatMap(({ ref, at, end }) => {
    const place = view.find(ref);
    return place ? [{ index: place.index, at, end }] : [];
  });
  const marks = await marksOf(
    session,
    placed.map(({ index }) => index),
  );
  const positions = Map.groupBy(placed, (_, nth) => marks[nth] ?? "");
  await session.detach();

  // The name stands right after the ref, or after words that say what it is; it may go on in the next line.
  const isOwn = ({ role, name, mark }: NamedElement) =>
    role === "heading"
      ? letters.includes(plain(name))
      : (positions.get(mark) ?? []).some(({ at, end }) => {
          const start = letters.indexOf(plain(name), at);
          return start >= at && start < end && start <= at + kindWordsMax;
        });
  const own = new Set(named.filter(isOwn));
  const destinations = new Set([...own].filter(({ href }) => href).map(({ href, name }) => `${href} ${plain(name)}`));
  const others = named.filter((element) => !own.has(element));
  const missing = others.filter(({ href, name }) => !destinations.has(`${href} ${plain(name)}`));
  return { total: named.length, own: own.size, twins: others.length - missing.length, missing };
}

const readsMax = 200;

/** The letters of a text; of each ref, after how many of them it stands, and after how many the next one does. */
function readText(text: string): { letters: string; refs: { ref: number; at: number; end: number }[] } {
  const [first = "", ...rest] = text.split(/\[(\d+)\]/);
  let letters = plain(first);
  const refs: { ref: number; at: number; end: number }[] = [];
  for (let part = 0; part < rest.length; part += 2) {
    const at = letters.length;
    letters += plain(rest[part + 1] ?? "");
    refs.push({ ref: Number(rest[part]), at, end: letters.length });
  }
  return { letters, refs };
}

const kindWordsMax = 16; // letters of the longest, such as "password field"

/** Letters and digits only: spaces, quotation marks and punctuation differ between any two views. */
function plain(text: string): string {
  return text
    .replaceAll(/\[\d+\]/g, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** The marks of the elements with these numbers; null for one that is gone or has none. */
async function marksOf(session: CDPSession, indices: readonly number[]): Promise<(string | null)[]> {
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", {
    frameId: frameTree.frame.id,
    worldName: "stablehand",
  });
  const { result } = await session.send("Runtime.evaluate", {
    contextId: executionContextId,
    expression: `${JSON.stringify(indices)}.map((index) => {
      const element = stablehand.element(index);
      return (element?.control ?? element)?.getAttribute("${markAttribute}") ?? null; // a label acts on its control
    })`,
    returnByValue: true,
  });
  return result.value as (string | null)[]; // what the expression above makes
}
