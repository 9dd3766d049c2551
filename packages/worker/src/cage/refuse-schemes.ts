import type { BrowserContext, Page } from "playwright-core";
import type { EgressLog } from "./egress-log.ts";

/** What a tab may show: the web, an empty page, and the browser's own page for an address that did not load. */
const shown = /^(?:https?:|about:blank|chrome-error:|blob:https?:)/;

/**
 * Takes every tab of a context away from `file:`, `chrome:`, `data:` and all other addresses that are not of the web, as
 * soon as it is there, and notes the scheme.
 *
 * Chromium itself keeps pages from leading there; this is for navigations by DevTools, which it lets through. DevTools
 * calls `view-source:` by the address behind it, which the proxy judges: that one has to be refused before it is opened.
 */
export function refuseSchemes(context: BrowserContext, log: EgressLog): void {
  const watch = (page: Page) => {
    page.on("framenavigated", (frame) => {
      const url = frame.url();
      if (frame !== page.mainFrame() || url === "" || shown.test(url)) return;
      log.note(url.slice(0, url.indexOf(":") + 1).slice(0, 20), 0, "scheme_not_allowed");
      void page.goto("about:blank").catch(() => page.close().catch(() => undefined));
    });
  };
  context.pages().forEach(watch);
  context.on("page", watch);
}
