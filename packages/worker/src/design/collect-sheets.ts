import type { CDPSession } from "playwright-core";
import type { SnapshotSheet } from "./snapshot.ts";

/**
 * Reads the text of every style sheet of the page, in the document's order.
 *
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
  await session.send("CSS.enable");
  session.off("CSS.styleSheetAdded", onSheet);
  const own = headers.filter(({ origin, disabled }) => origin === "regular" && !disabled);
  return Promise.all(
    own.map(async ({ styleSheetId, sourceURL, ownerNode }) => {
      const { text } = await session.send("CSS.getStyleSheetText", { styleSheetId });
      return { url: sourceURL, text, media: mediaOf.get(ownerNode ?? -1) ?? "" };
    }),
  );
}

interface Header {
  readonly styleSheetId: string;
  readonly sourceURL: string;
  readonly origin: string;
  readonly disabled: boolean;
  readonly ownerNode?: number;
}
