import { openAgentPage } from "../../packages/worker/src/agent/page/agent-page.ts";
import { endOfPage } from "../../packages/worker/src/agent/page/page-view.ts";
import { tokensOf } from "./token-count.ts";
import type { BrowserContext } from "./token-playwright.ts";

/** A page as our agent gets it. */
export interface ViewCost {
  /** Of the first observation. */
  readonly firstTokens: number;
  /** Of everything, read to the end. */
  readonly wholeTokens: number;
  readonly reads: number;
}

/** The budget of one observation that a worker has by default. */
export const viewTokensMax = 6_000;
const readsMax = 200;

/** Opens a page as the agent does and reads until there is no more. */
export async function readWholeView(context: BrowserContext, url: string): Promise<ViewCost> {
  const page = await openAgentPage(context, { viewTokensMax, signal: new AbortController().signal });
  try {
    const first = await page.navigate(url);
    if (!first.ok) throw new Error(`our agent could not open ${url}: ${first.text}`);
    const texts = [first.text];
    for (let read = 0; read < readsMax; read += 1) {
      const { text } = await page.read();
      texts.push(text);
      if (text.startsWith(endOfPage)) break;
    }
    if (!texts.at(-1)?.startsWith(endOfPage)) throw new Error(`${url} does not end after ${readsMax} reads`);
    return {
      firstTokens: tokensOf(first.text),
      wholeTokens: texts.reduce((sum, text) => sum + tokensOf(text), 0),
      reads: texts.length - 1,
    };
  } finally {
    await page.close();
  }
}
