import { credentialFields, type HostRule, isCredentialField, type Platform } from "@stablehand/contract";
import type { BrowserContext } from "playwright-core";
import type { SingleUseBrowser } from "../browser/launch.ts";
import { type CredentialValues, signIn } from "../browser/signed-in-context.ts";
import { closeDocuments } from "./close-documents.ts";
import type { EgressLog } from "./egress-log.ts";
import { type EgressPolicy, type EgressScope, policyOf } from "./egress-policy.ts";
import { type ForwardProxy, startForwardProxy } from "./forward-proxy.ts";
import { greetProxy } from "./greet-proxy.ts";
import { refuseSchemes } from "./refuse-schemes.ts";
import { type RefusedWrites, readOnlyProxyOf, refuseWrites } from "./refuse-writes.ts";

/** A browser context that reaches the network through one door of its own, and what its cookies allow. */
export interface Cage {
  readonly context: BrowserContext;
  /** What was reached and what was refused. Readable after the end too. */
  readonly log: EgressLog;
  /** The platforms whose cookies were put into the jar. */
  platforms(): readonly Platform[];
  /** Whether a site's request to change something was refused since this was last asked; never but when read-only. */
  takeRefusedWrite(): boolean;
  /**
   * Narrows the way out to what `values` allow beside those before them, cuts what is open to other hosts, closes every
   * page and worker, whose scripts would otherwise go on beside the cookies, and only then puts them into the jar.
   *
   * Errors: CookieRefusedError, as of `signIn`; the way out stays narrow.
   */
  signIn(values: CredentialValues): Promise<void>;
  /** Cuts every connection, for good: from now on no site sees this browser any more. Safe twice. */
  shut(): Promise<void>;
}

/** What a cage is opened with. */
export interface CageOptions {
  /** The cookies to begin with; none by default. */
  readonly values?: CredentialValues;
  /** What the business allows beside the platforms' hosts. */
  readonly allowedHosts?: readonly HostRule[];
  /** Whether every request that changes something is refused, whoever in `browser` sends it, also outside this cage. */
  readonly isReadOnly?: boolean;
}

/** A context that has shown itself to its proxy, which lets nothing through yet. */
interface Door {
  readonly context: BrowserContext;
  readonly proxy: ForwardProxy;
  /** DevTools' name of the context. */
  readonly contextId: string;
}

const prepared = new WeakMap<SingleUseBrowser, Door>();
const closedToAll: EgressPolicy = () => "host_not_allowed";

/**
 * Prepares a browser's first cage, which then opens some 250 ms sooner: for browsers that stand ready.
 *
 * Errors: as of `openCage`; the browser is to be destroyed then.
 */
export async function prepareCage(browser: SingleUseBrowser): Promise<void> {
  prepared.set(browser, await openDoor(browser, { isReadOnly: false }));
}

/**
 * Opens a fresh context in `browser` behind a forward proxy of its own, signed in with `values`.
 *
 * Service workers are blocked, downloads refused. The proxy ends with the context, however that ends.
 * Errors: CookieRefusedError; Playwright's when the browser is gone. Nothing stays open then.
 */
export async function openCage(browser: SingleUseBrowser, options: CageOptions = {}): Promise<Cage> {
  const { values = {}, allowedHosts = [], isReadOnly = false } = options;
  const { context, proxy, contextId } =
    (!isReadOnly && takePrepared(browser)) || (await openDoor(browser, { isReadOnly }));
  try {
    const refused = isReadOnly ? await refuseWrites(browser.browser, proxy.log) : null;
    const platforms = platformsIn(values);
    proxy.setPolicy(policyOf({ platforms, allowedHosts }));
    await signIn(context, values);
    const clear = () => closeDocuments(browser.browser, contextId);
    return cageOf(context, proxy, { platforms, allowedHosts, clear, refused });
  } catch (error) {
    await close(context, proxy);
    throw error;
  }
}

function takePrepared(browser: SingleUseBrowser): Door | undefined {
  const door = prepared.get(browser);
  prepared.delete(browser);
  return door;
}

async function openDoor(browser: SingleUseBrowser, { isReadOnly }: { isReadOnly: boolean }): Promise<Door> {
  const proxy = await startForwardProxy(browser.internet, closedToAll);
  let context: BrowserContext;
  try {
    context = await browser.browser.newContext({
      proxy: { server: isReadOnly ? readOnlyProxyOf(proxy.server) : proxy.server },
      serviceWorkers: "block",
      acceptDownloads: false,
    });
  } catch (error) {
    await proxy.close();
    throw error;
  }
  context.once("close", () => void proxy.close());
  try {
    const contextId = await greetProxy(context, proxy, isReadOnly ? "https" : "http");
    refuseSchemes(context, proxy.log);
    return { context, proxy, contextId };
  } catch (error) {
    await close(context, proxy);
    throw error;
  }
}

async function close(context: BrowserContext, proxy: ForwardProxy): Promise<void> {
  await context.close().catch(() => undefined); // a browser that is gone has closed it
  await proxy.close();
}

interface Inside extends EgressScope {
  /** Ends every page and worker. */
  clear(): Promise<void>;
  readonly refused: RefusedWrites | null;
}

function cageOf(context: BrowserContext, proxy: ForwardProxy, inside: Inside): Cage {
  const { platforms, allowedHosts, clear, refused } = inside;
  const open = new Set(platforms);
  return {
    context,
    log: proxy.log,
    platforms: () => [...open],
    takeRefusedWrite: () => refused?.take() ?? false,
    async signIn(values) {
      for (const platform of platformsIn(values)) open.add(platform);
      proxy.setPolicy(policyOf({ platforms: [...open], allowedHosts }));
      await clear();
      await signIn(context, values);
    },
    shut: () => proxy.close(),
  };
}

function platformsIn(values: CredentialValues): readonly Platform[] {
  const fields = Object.keys(values).filter(isCredentialField);
  return [...new Set(fields.map((field) => credentialFields[field].platform))];
}
