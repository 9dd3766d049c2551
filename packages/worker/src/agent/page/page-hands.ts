import { setTimeout as delay } from "node:timers/promises";
import type { Keyboard, Mouse } from "playwright-core";
import { type FrameWorld, WorldGoneError } from "./frame-world.ts";
import type { ElementPlace } from "./page-snapshot.ts";
import type { PageTab } from "./page-tab.ts";

/** Why something cannot be done, as a sentence for the model; holds page text at most in quotation marks. */
export class PageRefusal extends Error {
  override readonly name = "PageRefusal";
}

/** What an action may use. Every function throws PageRefusal when the page does not allow it. */
export interface PageHands {
  /** Moves the mouse over an element and clicks, as a user does. */
  click(ref: number): Promise<void>;
  /** Replaces a field's text. */
  fill(ref: number, text: string): Promise<void>;
  /** Chooses an option of a select. */
  choose(ref: number, option: string): Promise<void>;
  /** Waits so long, or until the page's own document shows the text. */
  wait(ms: number, text?: string): Promise<void>;
  readonly keyboard: Keyboard;
  readonly mouse: Mouse;
  /** Size of what is visible, in CSS pixels. */
  viewport(): { readonly width: number; readonly height: number };
}

const waitTickMs = 200;
const keysMax = 100; // longer text is inserted at once: keys cost a round trip each

/** Hands for one action in `tab`; `book` knows the refs. */
export function createPageHands(tab: PageTab, book: { find(ref: number): ElementPlace | null }): PageHands {
  const { keyboard, mouse } = tab.page;

  async function at<Value>(ref: number, use: (place: ElementPlace) => Promise<Value>): Promise<Value> {
    const place = book.find(ref);
    if (!place) throw new PageRefusal(`[${ref}] does not exist: use a ref of the newest view.`);
    try {
      return await use(place);
    } catch (error) {
      if (!(error instanceof WorldGoneError)) throw error;
      throw new PageRefusal(`[${ref}] is no longer on the page: use the refs of the newest view.`);
    }
  }

  async function reach(ref: number): Promise<{ x: number; y: number }> {
    return at(ref, async ({ world, index }) => {
      let point = await world.call("point", index);
      for (let inside: FrameWorld = world; inside.parent && !("problem" in point); inside = inside.parent.world)
        point = await inside.parent.world.call("pointInFrame", inside.parent.index, point.x, point.y);
      if ("problem" in point) throw new PageRefusal(`[${ref}] ${point.problem}.`);
      return point;
    });
  }

  async function shows(text: string): Promise<boolean> {
    try {
      return await (await tab.world()).call("hasText", text);
    } catch (error) {
      if (error instanceof WorldGoneError) return false; // the next document may
      throw error;
    }
  }

  async function click(ref: number): Promise<void> {
    const { x, y } = await reach(ref);
    await mouse.click(x, y);
  }

  return {
    click,
    async fill(ref, text) {
      await reach(ref)
        .then(({ x, y }) => mouse.click(x, y))
        .catch((error) => {
          if (!(error instanceof PageRefusal)) throw error; // the focus alone may do
        });
      const state = await at(ref, ({ world, index }) => world.call("prepareTyping", index, text));
      if ("problem" in state) throw new PageRefusal(`[${ref}] ${state.problem}.`);
      if (state.typed) return;
      if (text === "") await keyboard.press("Delete");
      else if (text.length <= keysMax && !/[\r\n]/.test(text)) await keyboard.type(text);
      else await keyboard.insertText(text);
    },
    async choose(ref, option) {
      const problem = await at(ref, ({ world, index }) => world.call("choose", index, option));
      if (problem) throw new PageRefusal(`[${ref}] ${problem}.`);
    },
    async wait(ms, text) {
      const until = performance.now() + ms;
      while (performance.now() < until) {
        if (text && (await shows(text))) return;
        await delay(Math.min(waitTickMs, Math.max(until - performance.now(), 0)));
      }
    },
    keyboard,
    mouse,
    viewport: () => tab.page.viewportSize() ?? { width: 1280, height: 720 },
  };
}
