import type { Browser } from "playwright-core";
import type { EgressLog } from "./egress-log.ts";
import { judgeRequest } from "./judge-request.ts";

/** What a browser was kept from. */
export interface RefusedWrites {
  /** Whether something other than a site's reports was refused since this was last asked. */
  take(): boolean;
}

/**
 * From now on `browser` sends nothing that changes something: each request of whatever page, frame, worker, download or
 * report waits here until it is judged, and so does each step of a redirect.
 *
 * Not the interception of a page (`context.route`, or DevTools on a page's target), which some ways pass by, but the
 * browser's own. What passes by this too is closed elsewhere: sockets by `readOnlyProxyOf`, and prefetching, reports of
 * the network stack and federated sign-in by the browser's launch flags (docs/decisions/0011). Plain HTTP, for
 * which that proxy is no way either, is led to HTTPS.
 * Requests that were under way before pass; there must be no page yet. Ends with the browser.
 */
export async function refuseWrites(browser: Browser, log: EgressLog): Promise<RefusedWrites> {
  const session = await browser.newBrowserCDPSession();
  let untold = false;
  session.on("Fetch.requestPaused", ({ requestId, request }) => {
    const { method, url, headers, postDataEntries = [] } = request;
    const body = Buffer.concat(postDataEntries.map(({ bytes = "" }) => Buffer.from(bytes, "base64")));
    const verdict = judgeRequest({ method, url, headers, body });
    const answered =
      verdict !== "read"
        ? session.send("Fetch.failRequest", { requestId, errorReason: "BlockedByClient" })
        : url.startsWith("http:")
          ? session.send("Fetch.fulfillRequest", {
              requestId,
              responseCode: 307,
              responseHeaders: [{ name: "location", value: url.replace("http:", "https:") }],
            })
          : session.send("Fetch.continueRequest", { requestId });
    answered.catch(() => undefined); // given up meanwhile; what nobody answers waits, and is not sent
    if (verdict === "read") return;
    const { hostname, port, protocol } = new URL(url);
    log.note(hostname, Number(port) || (protocol === "http:" ? 80 : 443), "read_only");
    if (verdict === "write") untold = true;
  });
  await session.send("Fetch.enable", { patterns: [{ urlPattern: "http*" }] });
  return {
    take() {
      const was = untold;
      untold = false;
      return was;
    },
  };
}

/**
 * The setting of a context that has a way out for HTTPS and none for WebSockets, whose traffic nothing in the browser shows.
 *
 * Chromium's list of proxies by scheme, in which sockets take the one for "socks" before the one for "https". Playwright
 * would read the list as one address and drop most of it, so it begins with an entry that looks like one, for a scheme
 * that does not exist. Should either find no proxy in it one day, nothing is greeted and no cage opens; that sockets stay
 * out is seen by test only.
 */
export function readOnlyProxyOf(server: string): string {
  return `x://x=x;socks=nowhere.invalid;https=${new URL(server).host}`;
}
