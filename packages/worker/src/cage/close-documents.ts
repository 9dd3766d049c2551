import { setTimeout as delay } from "node:timers/promises";
import type { Browser, CDPSession } from "playwright-core";
import { within } from "../agent/page/within.ts";

/** A context's documents do not end. */
class DocumentsLeftError extends Error {
  override readonly name = "DocumentsLeftError";
}

const closeMs = 10_000;
const tickMs = 10;
const ofTheBrowser = "browser_ui"; // such as the address field's list, in each window

/**
 * Ends every page and worker of a context, also those that are only about to open, and with the pages what the browser
 * keeps of those before them. `contextId` is DevTools' name of the context.
 *
 * Chromium itself is asked what is left: Playwright hears of a new page later than its script starts. Throws when something
 * does not end within 10 s.
 */
export async function closeDocuments(browser: Browser, contextId: string): Promise<void> {
  const late = AbortSignal.timeout(closeMs);
  const session = await within(browser.newBrowserCDPSession(), closeMs, late);
  const close = async () => {
    while ((await closeAll(session, contextId)) > 0) {
      if (late.aborted) throw new DocumentsLeftError("a page or worker does not end");
      await delay(tickMs);
    }
    await session.detach();
  };
  await within(close(), closeMs, late);
}

/** How many there still were. */
async function closeAll(session: CDPSession, contextId: string): Promise<number> {
  const { targetInfos } = await session.send("Target.getTargets");
  const ofContext = targetInfos.filter(
    ({ browserContextId, type }) => browserContextId === contextId && type !== ofTheBrowser,
  );
  for (const { type, targetId } of ofContext)
    if (type === "page") await session.send("Target.closeTarget", { targetId }).catch(() => undefined); // it has just ended
  return ofContext.length;
}
