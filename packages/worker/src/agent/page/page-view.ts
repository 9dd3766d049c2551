import { differenceOf } from "./line-difference.ts";
import type { ElementPlace, PageLine, PageSnapshot } from "./page-snapshot.ts";
import { createRefBook, keyOf } from "./ref-book.ts";
import { estimateTokens } from "./token-estimate.ts";

/**
 * What the model was shown of a page, and what comes next.
 *
 * A line that begins with "! " is ours, and no page can write one; in a change the page's lines begin with "+ " or "- ".
 */
export interface PageView {
  /** A first screen: dialogs and main content before the rest, from where the browser stands. */
  show(snapshot: PageSnapshot): string;
  /** What changed since the last snapshot; a first screen, which is whole, when that is shorter or another document. */
  showChange(snapshot: PageSnapshot): { readonly text: string; readonly isWhole: boolean };
  /** As much as the budget allows of what was not shown yet; read to the end, every line comes exactly once. */
  showNext(snapshot: PageSnapshot): string;
  /** The lines that contain the text, or else all of its words. */
  showFound(snapshot: PageSnapshot, text: string): string;
  /** The element that the model knows by this number; null when it was never shown. */
  find(ref: number): ElementPlace | null;
}

/** How `showNext` begins when nothing is left. */
export const endOfPage = "! The page has no more to read";

const firstTokens = 1_500; // a first screen; what lies further is one read away, and most pages are left before
const headTokens = 300; // of menus above the main content
const foundTokens = 1_000;
const changesMax = 400;
const removedShown = 5;
const removedMax = 80;

interface Numbered {
  readonly line: PageLine;
  /** The same for a line of the same text and elements. */
  readonly key: string;
}

/** Starts with nothing shown. `tokensMax` is the budget of one text, as `estimateTokens` counts. */
export function createPageView(tokensMax: number): PageView {
  const book = createRefBook();
  let identity = "";
  let lines: Numbered[] = [];
  let inView = 0;
  let shown = new Map<string, number>();

  const screenTokens = Math.min(firstTokens, tokensMax);

  function take(snapshot: PageSnapshot): Numbered[] {
    identity = snapshot.identity;
    lines = snapshot.lines.map((line) => ({ line, key: [line.text, ...line.elements.map(keyOf)].join("\uE001") }));
    return lines;
  }

  function print(from: readonly Numbered[], budget: number): string[] {
    const printed: string[] = [];
    let left = budget;
    for (const { line, key } of from) {
      const text = book.write(line);
      left -= estimateTokens(text) + 1;
      if (left < 0 && printed.length > 0) break;
      printed.push(text);
      shown.set(key, (shown.get(key) ?? 0) + 1);
    }
    return printed;
  }

  /** In reading order, what the model has not seen. Equal lines are told apart by their count. */
  function notShown(snapshot: PageSnapshot): Numbered[] {
    const counts = new Map(shown);
    return inReadingOrder(snapshot, lines).filter(({ key }) => {
      const count = counts.get(key) ?? 0;
      counts.set(key, count - 1);
      return count <= 0;
    });
  }

  function rest(snapshot: PageSnapshot): string {
    const { length } = notShown(snapshot);
    const cut = snapshot.cut ? " (of a page too large to be read whole)" : "";
    if (length > 0) return `! ${length} more lines${cut}: read, or find`;
    return cut && "! The page goes on, too large to be read whole";
  }

  function screen(snapshot: PageSnapshot): string {
    shown = new Map();
    const ordered = inReadingOrder(snapshot, lines);
    const first = lines[snapshot.inView];
    const at = first && snapshot.dialogs.length === 0 ? ordered.indexOf(first) : 0;
    const above = at > 3 ? at : 0;
    const printed = print(ordered.slice(above), screenTokens);
    return join(
      above > 0 ? "! Scrolled down: read also shows what is above" : "",
      ...printed,
      rest(snapshot) || (printed.length === 0 ? "! The page is empty" : ""),
    );
  }

  /** Where nothing changed, the page may have been scrolled to what was not shown yet. */
  function inViewNow(snapshot: PageSnapshot): string {
    const next = notShown(snapshot);
    const from = lines[snapshot.inView];
    const at = from && snapshot.inView !== inView ? next.indexOf(from) : -1;
    if (at < 0) return "! Nothing visible changed";
    return join(
      "! Nothing changed, but the page was scrolled to here:",
      ...print(next.slice(at), screenTokens),
      rest(snapshot),
    );
  }

  function changes(before: readonly Numbered[], snapshot: PageSnapshot): string | null {
    const keys = (of: readonly Numbered[]) => of.map(({ key }) => key);
    const difference = differenceOf(keys(before), keys(lines), changesMax);
    if (!difference) return null;
    const added = difference.added.flatMap((at) => lines[at] ?? []);
    const removed = difference.removed.flatMap((at) => before[at] ?? []);
    if (added.length + removed.length === 0) return inViewNow(snapshot);
    const still = new Set(added.flatMap(({ line }) => line.elements.map(keyOf)));
    const left = removed.filter(({ line }) => !line.elements.some((element) => still.has(keyOf(element))));
    if (costOf(added) + costOf(left) / 2 > costOf(lines)) return null;

    const printed = print(added, screenTokens);
    return join(
      ...left.slice(0, removedShown).map(({ line }) => `- ${withoutRefs(line).slice(0, removedMax)}`),
      left.length > removedShown ? `- and ${left.length - removedShown} more lines` : "",
      ...printed.map((text) => `+ ${text}`),
      printed.length < added.length ? rest(snapshot) : "",
    );
  }

  return {
    show(snapshot) {
      take(snapshot);
      inView = snapshot.inView;
      return screen(snapshot);
    },
    showChange(snapshot) {
      const before = lines;
      const same = identity === snapshot.identity;
      take(snapshot);
      const change = same ? changes(before, snapshot) : null;
      inView = snapshot.inView;
      return { text: change ?? screen(snapshot), isWhole: change === null };
    },
    showNext(snapshot) {
      if (identity !== snapshot.identity) shown = new Map();
      take(snapshot);
      const next = notShown(snapshot);
      if (next.length === 0) return join(endOfPage, rest(snapshot));
      return join(...print(next, tokensMax), rest(snapshot));
    },
    showFound(snapshot, text) {
      if (identity !== snapshot.identity) shown = new Map();
      take(snapshot);
      const found = matching(lines, text);
      const printed = print(found, Math.min(foundTokens, tokensMax));
      if (printed.length === 0) return "! No line has this text: try fewer words";
      const more = found.length - printed.length;
      return join(...printed, more > 0 ? `! ${more} more lines have it: try more words` : "");
    },
    find: book.find,
  };
}

function inReadingOrder(snapshot: PageSnapshot, lines: readonly Numbered[]): Numbered[] {
  const inDialog = (at: number) => snapshot.dialogs.some(([from, to]) => at >= from && at < to);
  const dialogs = lines.filter((_, at) => inDialog(at));
  const [from, to] = snapshot.main ?? [0, lines.length];
  const part = (start: number, end: number) => lines.slice(start, end).filter((_, at) => !inDialog(start + at));
  const head = part(0, from);
  let left = headTokens;
  const split = head.findIndex(({ line }) => {
    left -= estimateTokens(line.text);
    return left < 0;
  });
  const first = split < 0 ? head.length : split;
  return [...dialogs, ...head.slice(0, first), ...part(from, to), ...head.slice(first), ...part(to, lines.length)];
}

function costOf(lines: readonly Numbered[]): number {
  return lines.reduce((sum, { line }) => sum + estimateTokens(line.text) + 1, 0);
}

function matching(lines: readonly Numbered[], text: string): Numbered[] {
  const wanted = text.trim().toLowerCase().replace(/\s+/g, " ");
  const has = (part: string) => (each: Numbered) => withoutRefs(each.line).toLowerCase().includes(part);
  const exact = lines.filter(has(wanted));
  if (exact.length > 0) return exact;
  const words = wanted.split(" ");
  return lines.filter((each) => words.every((word) => has(word)(each)));
}

function withoutRefs({ text }: PageLine): string {
  return text.replaceAll("\uE001 ", "").replaceAll("\uE001", "");
}

function join(...texts: readonly string[]): string {
  return texts.filter(Boolean).join("\n");
}
