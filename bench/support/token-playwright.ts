import type { SingleUseBrowser } from "../../packages/worker/src/browser/launch.ts";

// Playwright is the worker's dependency, not the bench's: its types come by way of the worker.

/** Playwright's context. */
export type BrowserContext = Awaited<ReturnType<SingleUseBrowser["browser"]["newContext"]>>;
/** Playwright's page. */
export type Page = Awaited<ReturnType<BrowserContext["newPage"]>>;
/** Playwright's session of the DevTools protocol. */
export type CDPSession = Awaited<ReturnType<BrowserContext["newCDPSession"]>>;
