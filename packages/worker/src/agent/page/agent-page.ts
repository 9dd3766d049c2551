import { refusalOfAddress } from "@stablehand/contract";
import { type BrowserContext, errors, type Page } from "playwright-core";
import type { EgressLog } from "../../cage/egress-log.ts";
import type { Observation } from "../tools/tool.ts";
import { explainRefusal, refusalOfPage } from "./explain-refusal.ts";
import { PageReaderError, WorldGoneError } from "./frame-world.ts";
import { createPageHands, type PageHands, PageRefusal } from "./page-hands.ts";
import { type PageSnapshot, takeSnapshot } from "./page-snapshot.ts";
import { openPageTab, PageCrashedError, type PageDeadlines, type PageTab, quote } from "./page-tab.ts";
import { createPageView, type PageView } from "./page-view.ts";
import { TooLateError, within } from "./within.ts";

/** How a page may be used. */
export interface AgentPageOptions {
  /** The budget of one observation, in tokens as the page view estimates them. */
  readonly viewTokensMax: number;
  /** Why hosts could not be reached, for telling the model in words. */
  readonly network?: Pick<EgressLog, "lastRefusal">;
  /** Ends every wait under way. */
  readonly signal: AbortSignal;
  /** By default 20 s for an answer, 4 s more for loading and 8 s for reading. */
  readonly deadlines?: Partial<PageDeadlines>;
  /** Whether a site was refused a change since this was last asked: the model is then told with what it sees next. */
  takeRefusedWrite?(): boolean;
}

/** How an action is done. */
export interface ActOptions {
  /** Whether questions of the page (confirm, prompt) are answered with OK meanwhile; by default with Cancel. */
  readonly agree?: boolean;
  /** How long the page has to stand still afterwards. */
  readonly quietMs?: number;
}

/** The one page an agent works on: what it opens, does and reads. One call at a time. */
export interface AgentPage {
  /** The page's address, empty as long as nothing was opened. */
  readonly url: string;
  /** The hosts of every document that the main frame showed, in the order of the first visit, no duplicates. */
  readonly visitedHosts: readonly string[];
  /** A first screen of the page's current state. */
  observe(): Promise<Observation>;
  /** Opens an address. */
  navigate(url: string): Promise<Observation>;
  /** To the page before; a tab that has none is closed, which leads to the tab that opened it. */
  back(): Promise<Observation>;
  /** Does something to the page, waits until it comes to rest and tells what changed. */
  act(action: (hands: PageHands) => Promise<void>, options?: ActOptions): Promise<Observation>;
  /** What was not shown yet of the page. */
  read(): Promise<Observation>;
  /** The lines with this text. */
  find(text: string): Promise<Observation>;
  /** The document as HTML, cut at 2 MB; empty when the page is dead. */
  html(): Promise<string>;
  /** Closes it and stops listening; the context stays. */
  close(): Promise<void>;
}

const actMs = 15_000;
const openingMs = 1_000; // from a page's call for a new tab to that tab
const closeMs = 3_000;
const tabsMax = 6;
const noticesMax = 5;
const htmlMax = 2_000_000;

/**
 * Opens a page in a signed-in context.
 *
 * It follows the newest tab and tells so. Alerts are accepted, and leaving a page is; confirm and prompt are cancelled
 * unless the action agreed. Downloads are refused. A page that crashes or hangs is replaced by an empty one.
 */
export async function openAgentPage(context: BrowserContext, options: AgentPageOptions): Promise<AgentPage> {
  const { viewTokensMax, signal, network } = options;
  const deadlines: PageDeadlines = { answerMs: 20_000, loadMs: 4_000, readMs: 8_000, ...options.deadlines };
  const tabs: PageTab[] = [];
  const hosts = new Set<string>();
  let notices: string[] = [];
  let isAgreed = false;
  let closed = false;
  let header = "";
  const view: PageView = createPageView(viewTokensMax);

  const arrivals = new Set<Promise<unknown>>();
  let tabCame: () => void = () => undefined;

  const events = {
    onOpening() {
      const { promise, resolve } = Promise.withResolvers<void>();
      tabCame = resolve;
      const arrival = within(promise, openingMs, signal)
        .catch(() => undefined) // it was blocked, or is a download
        .finally(() => arrivals.delete(arrival));
      arrivals.add(arrival);
    },
    onNotice(text: string) {
      if (notices.length < noticesMax && !notices.includes(text)) notices.push(text);
    },
    isAgreed: () => isAgreed,
    onVisit(url: string) {
      if (isWeb(url) && !refusalOfPage(url, network)) hosts.add(new URL(url).hostname);
    },
    onClosed(tab: PageTab) {
      const at = tabs.indexOf(tab);
      if (at < 0) return;
      tabs.splice(at, 1);
      if (!closed && at === tabs.length && at > 0) events.onNotice("The tab was closed: this is the one before it.");
    },
  };

  async function addTab(page: Page): Promise<PageTab> {
    const tab = await openPageTab(page, events, deadlines, signal);
    tabs.push(tab);
    return tab;
  }

  let comingTabs = 0;
  function onPage(page: Page): void {
    if (tabs.some((tab) => tab.page === page) || opening) return;
    tabCame();
    if (tabs.length + comingTabs >= tabsMax) {
      events.onNotice("A further tab was closed: too many are open.");
      void page.close().catch(() => undefined);
      return;
    }
    comingTabs += 1;
    const arrival: Promise<unknown> = addTab(page)
      .then(() => events.onNotice("A new tab was opened: this is it. back closes it."))
      .catch(() => undefined) // it is closed again already
      .finally(() => {
        comingTabs -= 1;
        arrivals.delete(arrival);
      });
    arrivals.add(arrival);
  }

  let opening = false;
  async function openEmpty(): Promise<PageTab> {
    opening = true;
    try {
      return await addTab(await context.newPage());
    } finally {
      opening = false;
    }
  }

  async function currentTab(): Promise<PageTab> {
    while (arrivals.size > 0) await Promise.all(arrivals);
    const tab = tabs.at(-1) ?? (await openEmpty());
    if (tab.isCrashed()) throw new PageCrashedError("the renderer crashed");
    return tab;
  }

  /** Everything a tool does goes through here: whatever the page does, it ends in a text. */
  async function attempt(work: () => Promise<Observation>): Promise<Observation> {
    try {
      signal.throwIfAborted();
      return await work();
    } catch (error) {
      if (signal.aborted) return refuse("The task was stopped.");
      if (error instanceof PageRefusal) return refuse(error.message);
      if (error instanceof PageCrashedError) return replacePage("The page crashed.");
      if (error instanceof TooLateError) return replacePage("The page does not answer any more and was closed.");
      if (tabs.at(-1)?.isCrashed()) return replacePage("The page crashed.");
      if (!context.browser()?.isConnected()) return refuse("The browser has ended.");
      if (error instanceof TypeError || error instanceof ReferenceError) throw error; // a fault of ours
      return refuse(reasonOf(error));
    }
  }

  function refuse(reason: string): Observation {
    return { ok: false, text: [ours(reason), ...takeNotices()].join("\n") };
  }

  async function replacePage(reason: string): Promise<Observation> {
    const dead = tabs.pop();
    header = "";
    try {
      if (dead) await within(dead.page.close(), closeMs, signal).catch(() => undefined);
      if (tabs.length === 0) await within(openEmpty(), closeMs, signal);
    } catch {
      return refuse(`${reason} No new one could be opened.`);
    }
    return refuse(`${reason} An empty page is open: navigate to go on.`);
  }

  function takeNotices(): string[] {
    const refused = options.takeRefusedWrite?.()
      ? ["This task is read-only: the site's request to change something was refused."]
      : [];
    const taken = [...refused, ...notices].map(ours);
    notices = [];
    return taken;
  }

  const withNotices = (text: string): string => [...takeNotices(), text].join("\n");

  /** Reads the current tab and tells of it. */
  async function report(show: (tab: PageTab) => Promise<Shown>): Promise<Observation> {
    const tab = await currentTab();
    const url = tab.page.url();
    const refusal = refusalOfAddress(url);
    if (url === "about:blank") return { ok: true, text: withNotices(ours("The page is empty: navigate somewhere.")) };
    if (refusal) {
      const failed = url.startsWith("chrome-error:") ? await tab.failedUrl() : null;
      const why = explainRefusal(failed, network) ?? whyNotShown(url, refusal);
      return { ok: false, text: withNotices(ours(`${why} Use back or navigate.`)) };
    }
    const unreachable = refusalOfPage(url, network);
    if (unreachable) return { ok: false, text: withNotices(ours(unreachable)) };
    const { text, isWhole } = await show(tab);
    return { ok: true, text: withNotices(text), isWhole };
  }

  async function snapshotOf(tab: PageTab) {
    const read = async () => {
      try {
        return await takeSnapshot(await tab.world());
      } catch (error) {
        if (!(error instanceof WorldGoneError)) throw error;
        await tab.settle(50); // it was replaced while it was read
        return takeSnapshot(await tab.world());
      }
    };
    return within(Promise.race([read(), tab.crashed]), deadlines.readMs, signal);
  }

  /** The address and title, when they are not what they were. */
  function headerOf(tab: PageTab, title: string): string[] {
    const next = `! ${tab.page.url().slice(0, 300)} ${quote(title)}`;
    if (next === header) return [];
    header = next;
    return [next];
  }

  interface Shown {
    readonly text: string;
    readonly isWhole: boolean;
  }

  const showWith =
    (say: (snapshot: PageSnapshot) => Shown) =>
    async (tab: PageTab): Promise<Shown> => {
      const snapshot = await snapshotOf(tab);
      const said = say(snapshot);
      if (said.isWhole) header = ""; // a view that stands alone says where it is
      return { ...said, text: [...headerOf(tab, snapshot.title), said.text].join("\n") };
    };
  const showScreen = showWith((snapshot) => ({ text: view.show(snapshot), isWhole: true }));
  const showChange = showWith((snapshot) => view.showChange(snapshot));
  const showNext = showWith((snapshot) => ({ text: view.showNext(snapshot), isWhole: false }));

  const page: AgentPage = {
    get url() {
      const url = tabs.at(-1)?.page.url() ?? "";
      return url === "about:blank" ? "" : url;
    },
    get visitedHosts() {
      return [...hosts];
    },
    observe: () => attempt(() => report(showScreen)),
    navigate: (url) =>
      attempt(async () => {
        const refusal = refusalOfAddress(url);
        if (refusal) throw new PageRefusal(`The address ${refusal}.`);
        const tab = await currentTab();
        tab.activity.mark();
        const documents = tab.documents();
        try {
          const patience = { waitUntil: "commit", timeout: deadlines.answerMs } as const;
          const load = tab.page.goto(url, patience).catch((error: unknown) => {
            if (!isOvertaken(error)) throw error;
            return tab.page.waitForURL(({ href }) => isWeb(href), patience); // it is under way all the same
          });
          await within(Promise.race([load, tab.crashed]), deadlines.answerMs + 1_000, signal);
        } catch (error) {
          if (error instanceof errors.TimeoutError || error instanceof TooLateError) {
            throw new PageRefusal(`The address did not answer within ${deadlines.answerMs / 1_000} s.`);
          }
          const hasErrorPage = String(error).includes("net::ERR_") && !String(error).includes("net::ERR_ABORTED");
          const why = hasErrorPage ? explainRefusal(await tab.failedUrl(documents), network) : null;
          throw why === null ? error : new PageRefusal(why);
        }
        await tab.settle(60);
        return report(showScreen);
      }),
    back: () =>
      attempt(async () => {
        const tab = await currentTab();
        tab.activity.mark();
        if (await within(tab.hasHistory(), deadlines.readMs, signal)) {
          await tab.page.goBack({ waitUntil: "commit", timeout: deadlines.answerMs }).catch(() => null); // read anyway
        } else {
          if (tabs.length < 2) throw new PageRefusal("There is no page to go back to.");
          await within(tab.page.close(), closeMs, signal);
        }
        const now = await currentTab();
        await within(now.page.bringToFront(), closeMs, signal);
        await now.settle(60);
        return report(showScreen);
      }),
    act: (action, { agree = false, quietMs = 150 } = {}) =>
      attempt(async () => {
        const tab = await currentTab();
        isAgreed = agree;
        tab.activity.mark();
        try {
          const done = within(Promise.race([action(createPageHands(tab, view)), tab.crashed]), actMs, signal);
          await done.catch((error) => {
            if (signal.aborted || !tab.page.isClosed()) throw error; // a tab may close itself
          });
          await tab.settle(quietMs);
        } finally {
          isAgreed = false;
        }
        const now = await currentTab();
        if (now !== tab) await now.settle(60);
        return report(showChange);
      }),
    read: () => attempt(() => report(showNext)),
    find: (text) =>
      attempt(() => report(showWith((snapshot) => ({ text: view.showFound(snapshot, text), isWhole: false })))),
    async html() {
      const tab = tabs.at(-1);
      if (!tab || tab.isCrashed() || !isWeb(tab.page.url())) return "";
      const html = async () => (await tab.world()).call("html", htmlMax);
      return within(html(), deadlines.readMs, signal).catch(() => "");
    },
    async close() {
      closed = true;
      context.off("page", onPage);
      const open = tabs.splice(0);
      await Promise.allSettled(open.map((tab) => within(tab.page.close(), closeMs, new AbortController().signal)));
    },
  };

  context.on("page", onPage);
  await openEmpty();
  return page;
}

function whyNotShown(url: string, refusal: string): string {
  const scheme = url.slice(0, url.indexOf(":") + 1).slice(0, 20);
  if (scheme === "chrome-error:") return "The page could not be loaded.";
  return `The page ${isWeb(url) ? `has an address that ${refusal}` : `is at a ${scheme} address`}: nothing of it is shown.`;
}

/** Marks a line as not the page's. */
function ours(text: string): string {
  return `! ${text}`;
}

function isWeb(url: string): boolean {
  return /^https?:/.test(url);
}

/** The error page of the address before this one came late, which Playwright takes for the end of this. */
function isOvertaken(error: unknown): boolean {
  return error instanceof Error && error.message.includes('interrupted by another navigation to "chrome-error:');
}

/** Playwright's messages may hold addresses and arguments: only Chromium's code is passed on. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  if (message.includes("Download is starting")) return "The address leads to a download, which is refused.";
  const [code] = /net::ERR_[A-Z_]+/.exec(message) ?? [];
  if (code === "net::ERR_ABORTED") return "The page was not loaded: it has no content to show, or is a download.";
  if (code === "net::ERR_TOO_MANY_REDIRECTS") return "The page was not loaded: it redirects without end.";
  if (error instanceof PageReaderError) return `The page could not be read (${quote(message)}).`;
  if (code) return `The page was not loaded: ${code.slice(5)}.`;
  return "This could not be done: the page was changing. Look at it again.";
}
