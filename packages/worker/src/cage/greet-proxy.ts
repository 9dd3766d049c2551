import type { BrowserContext } from "playwright-core";
import { type ForwardProxy, greetingUrls } from "./forward-proxy.ts";

/** The browser could not show its credential to its proxy. */
class ProxyGreetingError extends Error {
  override readonly name = "ProxyGreetingError";
}

const greetingMs = 20_000;

/**
 * Makes a context's network stack know the credential of its proxy, before anything else is loaded in it.
 *
 * Playwright's own way, `username` and `password` of the option `proxy`, intercepts every request for it and switches
 * the cache off, which cost more than the proxy (docs/decisions/0009). A credential that Chromium was once
 * asked for it sends by itself from then on, for sockets, workers and prefetching too.
 * Resolves to DevTools' name of the context, which only a page of it tells.
 */
export async function greetProxy(
  context: BrowserContext,
  proxy: ForwardProxy,
  scheme: keyof typeof greetingUrls = "http",
): Promise<string> {
  const { username, password } = proxy;
  const page = await context.newPage();
  try {
    const session = await context.newCDPSession(page);
    session.on("Fetch.requestPaused", ({ requestId }) => {
      void session.send("Fetch.continueRequest", { requestId }).catch(() => undefined);
    });
    session.on("Fetch.authRequired", ({ requestId, authChallenge }) => {
      const isOurs = authChallenge.source === "Proxy";
      const authChallengeResponse = isOurs
        ? { response: "ProvideCredentials" as const, username, password }
        : { response: "CancelAuth" as const };
      void session.send("Fetch.continueWithAuth", { requestId, authChallengeResponse }).catch(() => undefined);
    });
    await session.send("Fetch.enable", { handleAuthRequests: true });
    const failure = await page.goto(greetingUrls[scheme], { timeout: greetingMs }).then(
      () => undefined,
      (error: unknown) => error, // over HTTPS always: nobody is at the other end
    );
    if (!proxy.wasGreeted()) throw new ProxyGreetingError("the proxy was not greeted", { cause: failure });
    const { targetInfo } = await session.send("Target.getTargetInfo");
    if (!targetInfo.browserContextId) throw new Error("Chromium does not name the context");
    return targetInfo.browserContextId;
  } finally {
    await page.close();
  }
}
