import { errors, type Page } from "playwright-core";
import { TooLateError, within } from "../agent/page/within.ts";
import { PageUnreachableError } from "./page-unreachable-error.ts";

const answerMs = 30_000;
const loadMs = 15_000;

/**
 * Opens `url` in its light scheme and waits until it has loaded, or for 15 s: one whose load never ends is taken as it is.
 *
 * Errors: PageUnreachableError when no web page answers.
 */
export async function visitPage(page: Page, url: string, signal: AbortSignal): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  const response = await within(
    page.goto(url, { waitUntil: "commit", timeout: answerMs }),
    answerMs + 1_000,
    signal,
  ).catch((error) => {
    signal.throwIfAborted();
    throw new PageUnreachableError(reasonOf(error));
  });
  if (!response) throw new PageUnreachableError("it has no content");
  if (!response.ok()) throw new PageUnreachableError(`it answers with status ${response.status()}`);
  const type = (response.headers()["content-type"] ?? "text/html").split(";", 1)[0]?.trim() ?? "";
  if (!/^(text\/html|application\/xhtml\+xml)$/i.test(type))
    throw new PageUnreachableError(`it is no web page but ${type.slice(0, 80)}`);
  const load = page.waitForLoadState("load", { timeout: loadMs });
  await within(load, loadMs + 1_000, signal).catch(() => signal.throwIfAborted());
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.TimeoutError || error instanceof TooLateError)
    return `it does not answer within ${answerMs / 1_000} s`;
  const [code] = /ERR_[A-Z_]+/.exec(error instanceof Error ? error.message : "") ?? [];
  if (code === "ERR_ABORTED") return "it has no content to show, or is a download";
  if (code === "ERR_TOO_MANY_REDIRECTS") return "it redirects without end";
  if (code === "ERR_HTTP_RESPONSE_CODE_FAILURE") return "it answers with an error and no content";
  return code ? `its address cannot be reached (${code})` : "its address cannot be reached";
}
