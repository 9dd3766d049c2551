import type { Health, Platform } from "@stablehand/contract";
import type { BrowserContext, Page } from "playwright-core";
import { judge, probes } from "./probes.ts";
import { watchNavigation } from "./watch-navigation.ts";

/** What a check found. `reason` is one of our own sentences: no address, no page text, no cookie value. */
export interface CheckResult {
  readonly health: Health;
  readonly reason?: string;
}

/** How long a check may take. */
export interface CheckOptions {
  /** For all of it. A page that is not done by then is unknown. */
  readonly deadlineMs: number;
  /** How long the page must stay where it is before that counts as its end. */
  readonly settleMs: number;
  /** Ends the check early, as unknown. */
  readonly signal?: AbortSignal;
}

/** What a platform is given, wherever it is checked. */
export const checkPatience = { deadlineMs: 30_000, settleMs: 1_500 } as const;

/**
 * Opens the platform's probe page in a signed-in context and says what became of it.
 *
 * Redirects by the server and by the page's script both count. Dialogs are dismissed, pop-ups closed, downloads were
 * refused by the context. Never throws for what a page or its server does: an endless loop, a crash, a dead connection
 * are unknown, within `deadlineMs`. The page is closed at the end, the context stays open.
 */
export async function checkPlatform(
  context: BrowserContext,
  platform: Platform,
  { deadlineMs, settleMs, signal }: CheckOptions,
): Promise<CheckResult> {
  const late = AbortSignal.timeout(deadlineMs);
  const stop = signal ? AbortSignal.any([signal, late]) : late;
  const visit = new AbortController(); // also ends a visit that lost the race below
  const stopped = new Promise<CheckResult>((resolve) => {
    const end = () => resolve(unknown(late.aborted ? "the page was not done in time" : "the check was cancelled"));
    if (stop.aborted) end();
    else stop.addEventListener("abort", end, { signal: visit.signal });
  });
  try {
    return await Promise.race([stopped, visitProbe(context, platform, settleMs, visit.signal)]);
  } catch (error) {
    return unknown(explain(error));
  } finally {
    visit.abort();
  }
}

async function visitProbe(
  context: BrowserContext,
  platform: Platform,
  settleMs: number,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { page: address, challengeOverlay } = probes[platform];
  const page = await context.newPage();
  const closePopup = (popup: Page) => void popup.close().catch(() => undefined);
  context.on("page", closePopup);
  page.on("dialog", (dialog) => void dialog.dismiss().catch(() => undefined));
  const leave = () => {
    context.off("page", closePopup);
    void page.close().catch(() => undefined); // not waited for: a page in an endless loop may keep us
  };
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave);

  const crashed = new Promise<CheckResult>((resolve) => page.once("crash", () => resolve(unknown("the page crashed"))));
  const seen = async (): Promise<CheckResult> => {
    const navigation = watchNavigation(page);
    await page.goto(address, { waitUntil: "commit", timeout: 0 });
    while (true) {
      const { status, url } = await navigation.quiet(settleMs);
      // Asking the page also proves that it is alive; one in an endless loop never answers.
      const loaded = await page.evaluate(() => document.readyState === "complete").catch(() => false); // it moved on
      if (!loaded) await page.waitForLoadState("load", { timeout: 0 });
      else {
        const overlayShown =
          challengeOverlay !== undefined && (await page.locator(challengeOverlay).first().isVisible());
        if (navigation.isAt(url)) return describe(judge(platform, { status, url, overlayShown }), status);
      }
    }
  };
  return Promise.race([crashed, seen()]);
}

function describe(health: Health, status: number | null): CheckResult {
  if (health === "valid") return { health };
  if (health === "expired") return { health, reason: "the platform asks to sign in" };
  if (health === "challenged") return { health, reason: "the platform asks the user to prove who they are" };
  if (status !== null && status !== 200) return unknown(`the platform answered with status ${status}`);
  return unknown("the browser ended on a page that says nothing about the cookies");
}

function unknown(reason: string): CheckResult {
  return { health: "unknown", reason };
}

/** Playwright's messages quote addresses and page text, so only Chromium's own name of a network error is taken over. */
function explain(error: unknown): string {
  const [name] = /\bERR_[A-Z_]+/.exec(error instanceof Error ? error.message : "") ?? [];
  if (name?.startsWith("ERR_CERT_")) return `the platform's certificate was refused (${name})`;
  if (name) return `the page could not be loaded (${name})`;
  return "the page could not be read to the end";
}
