import type { CDPSession } from "playwright-core";
import type { SnapshotSheet } from "./snapshot.ts";

/** Of all sheets together: real pages have a tenth of it. */
const lengthMax = 16_000_000;

/**
 * Reads the text of every style sheet of the page; one for which there is no room is left out.
 *
 * In the order of the elements that bring them, in which `mediaOf` is; those of no element, of `@import` and scripts, first.
 * From the browser, not from the page: other origins' sheets are as open here as those that scripts made.
 */
export async function collectSheets(
  session: CDPSession,
  mediaOf: ReadonlyMap<number, string>,
): Promise<SnapshotSheet[]> {
  const headers: Header[] = [];
  const onSheet = ({ header }: { header: Header }) => headers.push(header);
  session.on("CSS.styleSheetAdded", onSheet);
  await session.send("DOM.enable");
  await session.send("CSS.disable"); // so that it tells of all, also when it has done so of a page before this one
  await session.send("CSS.enable");
  session.off("CSS.styleSheetAdded", onSheet);
  const places = new Map([...mediaOf.keys()].map((node, nth) => [node, nth]));
  const placeOf = ({ ownerNode = -1 }: Header) => places.get(ownerNode) ?? -1;
  // Chromium tells of them in no order at all, another one each time.
  headers.sort((a, b) => placeOf(a) - placeOf(b) || byText(a.sourceURL, b.sourceURL) || a.length - b.length);
  let left = lengthMax;
  const own = headers.filter(({ origin, disabled, length }) => {
    if (origin !== "regular" || disabled || length > left) return false;
    left -= length;
    return true;
  });
  const sheets = await Promise.all(
    own.map(async (header) => {
      const { styleSheetId, sourceURL: url, ownerNode = -1 } = header;
      const { text } = await session.send("CSS.getStyleSheetText", { styleSheetId });
      return { place: placeOf(header), sheet: { url, text, media: mediaOf.get(ownerNode) ?? "" } };
    }),
  );
  sheets.sort(
    (a, b) =>
      a.place - b.place ||
      byText(a.sheet.url, b.sheet.url) ||
      a.sheet.text.length - b.sheet.text.length ||
      byText(a.sheet.text, b.sheet.text),
  );
  return sheets.map(({ sheet }) => sheet);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Header {
  readonly styleSheetId: string;
  readonly sourceURL: string;
  readonly origin: string;
  readonly disabled: boolean;
  /** In characters. */
  readonly length: number;
  readonly ownerNode?: number;
}
