import { setTimeout as delay } from "node:timers/promises";
import type { Dialog, Page } from "playwright-core";
import { type Activity, watchActivity } from "./activity.ts";
import { createTabWorlds, type FrameWorld } from "./frame-world.ts";
import { within } from "./within.ts";

/** What a tab tells the page that holds it. Texts are one line, bounded, and quote the page only in quotation marks. */
export interface TabEvents {
  onNotice(text: string): void;
  /** Whether a question of the page (confirm, prompt) is answered with OK. */
  isAgreed(): boolean;
  onVisit(url: string): void;
  /** The tab is about to open another. */
  onOpening(): void;
  onClosed(tab: PageTab): void;
}

/** One tab of the browser, as the agent uses it. */
export interface PageTab {
  readonly page: Page;
  readonly activity: Activity;
  /** True after a crash of its renderer. */
  isCrashed(): boolean;
  /** The isolated world of its document. */
  world(): Promise<FrameWorld>;
  /** Waits until loading and scripts come to rest; bounded, whatever the page does. Never throws but for the signal. */
  settle(quietMs: number): Promise<void>;
  /** How many documents the tab has shown, the browser's error pages included. */
  documents(): number;
  /**
   * The address that the browser's own error page stands for, once the tab shows more than `documents`: it comes late,
   * and would break off the next navigation. Null when none comes within a second.
   */
  failedUrl(documents?: number): Promise<string | null>;
  /** Whether there is a page to go back to. */
  hasHistory(): Promise<boolean>;
  /** Rejects when the renderer crashes. */
  readonly crashed: Promise<never>;
}

/** A page's renderer has ended. */
export class PageCrashedError extends Error {
  override readonly name = "PageCrashedError";
}

/** How long a page may take, in ms. */
export interface PageDeadlines {
  /** Until the first byte of a document that was asked for. */
  readonly answerMs: number;
  /** From there to its load event; slow pictures and trackers hold that up. */
  readonly loadMs: number;
  /** For reading it: a page that does not answer for so long is taken for dead. */
  readonly readMs: number;
}

const tickMs = 15;
const errorPageMs = 1_000;
const fetchMs = 2_500; // for what scripts fetch; a long poll never ends
const quietBoundMs = 1_000; // for a page that never stops changing
const afterLoadMs = 50; // what scripts draw once all is there
const quotedMax = 200;

/** Takes over a tab of the context. */
export async function openPageTab(
  page: Page,
  events: TabEvents,
  { answerMs, loadMs }: PageDeadlines,
  signal: AbortSignal,
): Promise<PageTab> {
  const activity = watchActivity(page);
  const { promise: crashed, reject } = Promise.withResolvers<never>();
  crashed.catch(() => undefined);
  let isCrashed = false;
  let documents = 0;

  page.on("crash", () => {
    isCrashed = true;
    reject(new PageCrashedError("the renderer crashed"));
  });
  page.on("close", () => events.onClosed(tab));
  page.on("dialog", (dialog) => void answer(dialog, events));
  page.on("download", (download) => {
    events.onNotice(`A download was refused: ${quote(download.suggestedFilename())}.`);
    void download.cancel().catch(() => undefined);
  });
  page.on("filechooser", () => events.onNotice("The page asked for a file: there is none to give."));
  page.on("framenavigated", (frame) => {
    if (frame !== page.mainFrame()) return;
    documents += 1;
    events.onVisit(frame.url());
  });
  const session = await page.context().newCDPSession(page);
  session.on("Page.windowOpen", () => events.onOpening());
  await session.send("Page.enable");
  const worlds = createTabWorlds(page, session);

  async function failedUrl(shown = -1): Promise<string | null> {
    for (const startedAt = performance.now(); performance.now() - startedAt < errorPageMs; await delay(tickMs)) {
      signal.throwIfAborted();
      if (documents <= shown || !page.url().startsWith("chrome-error:")) continue;
      const asked = within(session.send("Page.getNavigationHistory"), errorPageMs, signal);
      const history = await asked.catch(() => null); // between two documents
      if (history) return history.entries[history.currentIndex]?.url ?? null;
    }
    return null;
  }

  async function hasHistory(): Promise<boolean> {
    const { currentIndex, entries } = await session.send("Page.getNavigationHistory");
    return /^https?:/.test(entries[currentIndex - 1]?.url ?? "");
  }

  /** A page that was replaced meanwhile, or hangs, shows itself when it is read. */
  async function documentIsQuiet(quietMs: number): Promise<void> {
    const quiet = worlds.main().then((world) => world.call("quiet", quietMs, quietBoundMs));
    await within(quiet, quietBoundMs * 2, signal).catch(() => signal.throwIfAborted());
  }

  async function settle(quietMs: number): Promise<void> {
    const firstQuiet = activity.isLoading() ? null : documentIsQuiet(quietMs);
    firstQuiet?.catch(() => undefined); // the loop throws the same
    const startedAt = performance.now();
    let arrivedAt: number | null = null;
    let moved = firstQuiet === null;
    for (;;) {
      signal.throwIfAborted();
      if (isCrashed || page.isClosed()) return;
      const now = performance.now();
      if (activity.isLoading()) {
        moved = true;
        if (activity.hasArrived()) arrivedAt ??= now;
        if (arrivedAt === null ? now - startedAt > answerMs : now - arrivedAt > loadMs) break;
      } else if (activity.isFetching() && now - startedAt < fetchMs) moved = true;
      else if (activity.calmMs() >= quietMs) break;
      await delay(tickMs);
    }
    await firstQuiet;
    if (moved) await documentIsQuiet(afterLoadMs);
  }

  const tab: PageTab = {
    page,
    activity,
    isCrashed: () => isCrashed,
    world: worlds.main,
    settle,
    documents: () => documents,
    failedUrl,
    hasHistory,
    crashed,
  };
  return tab;
}

async function answer(dialog: Dialog, events: TabEvents): Promise<void> {
  const type = dialog.type();
  const agreed = type === "alert" || type === "beforeunload" || events.isAgreed();
  if (type === "beforeunload") events.onNotice("The page asked whether to leave it: answered Leave.");
  else events.onNotice(`The page's ${type} ${quote(dialog.message())} was answered ${agreed ? "OK" : "Cancel"}.`);
  await (agreed ? dialog.accept(dialog.defaultValue()) : dialog.dismiss()).catch(() => undefined);
}

/** Page text inside a sentence of ours. */
export function quote(text: string): string {
  const line = text
    .replace(/\p{Cf}+/gu, "")
    .replace(/[\p{Cc}\p{Co}\s]+/gu, " ")
    .replaceAll('"', "'")
    .trim();
  return `"${line.length > quotedMax ? `${line.slice(0, quotedMax)}…` : line}"`;
}
