import type { AssistantModelMessage, ModelMessage, ToolResultPart, UserModelMessage } from "ai";
import { pageBlock } from "./prompt.ts";

/** What one call came to. */
export interface CallResult {
  readonly id: string;
  readonly name: string;
  /** Words of ours, which stay. */
  readonly note: string;
  /** What the page shows, which stays only while it is new. */
  readonly view?: string;
  /** True when the view says all there is, so that no earlier one is needed to understand it. */
  readonly isWhole?: boolean;
}

/** A conversation with a model, as each request repeats it. */
export interface History {
  /** Something told to the model; a view with it is dropped once it is old. */
  tell(note: string, view?: string): void;
  /** An answer and what its calls came to, in the calls' order. */
  add(answer: AssistantModelMessage, results: readonly CallResult[]): void;
  /** Sends no view again that was added until now. */
  hideViews(): void;
  /**
   * The conversation, without views that are no longer new.
   *
   * Stay: the newest view back to the last whole one, within a bound. The rest is one short line each, so a request does
   * not grow with the pages seen. What was shortened stays so: providers can cache all before the oldest view that is
   * sent, where Anthropic's, which asks for it, gets its mark.
   */
  messages(): ModelMessage[];
}

const viewsLengthMax = 48_000; // together; a read is at most half of it

const cached = { anthropic: { cacheControl: { type: "ephemeral" } } };

type Entry =
  | { readonly kind: "message"; readonly message: ModelMessage }
  | { readonly kind: "told"; readonly note: string; readonly view: string }
  | { readonly kind: "results"; readonly results: readonly CallResult[] };

/** Starts a conversation. Every view goes into a block that is marked with the nonce. */
export function createHistory(first: UserModelMessage, nonce: string): History {
  const entries: Entry[] = [{ kind: "message", message: first }];
  let hiddenViews = 0;

  /** How many views, from the newest, are still sent. */
  function keptViews(): number {
    let kept = 0;
    let length = 0;
    for (const { view, isWhole } of entries.flatMap(viewsOf).reverse()) {
      length += view.length;
      if (kept > 0 && length > viewsLengthMax) break;
      kept += 1;
      if (isWhole) break;
    }
    return kept;
  }

  return {
    tell: (note, view) =>
      void entries.push(
        view === undefined
          ? { kind: "message", message: { role: "user", content: note } }
          : { kind: "told", note, view },
      ),
    add(message, results) {
      entries.push({ kind: "message", message });
      if (results.length > 0) entries.push({ kind: "results", results });
    },
    hideViews() {
      hiddenViews = entries.flatMap(viewsOf).length;
    },
    messages() {
      let old = Math.max(entries.flatMap(viewsOf).length - keptViews(), hiddenViews);
      let stable = 1;
      const written = (note: string, view: string | undefined, at: number): string => {
        if (view === undefined) return note;
        const isOld = old-- > 0;
        if (isOld) stable = at + 1;
        const shown = isOld ? "(This view is no longer shown.)" : pageBlock(nonce, view.slice(0, viewsLengthMax));
        return note ? `${note}\n${shown}` : shown;
      };
      const messages = entries.map((entry, at): ModelMessage => {
        if (entry.kind === "message") return entry.message;
        if (entry.kind === "told") return { role: "user", content: written(entry.note, entry.view, at) };
        const content = entry.results.map(
          ({ id, name, note, view }): ToolResultPart => ({
            type: "tool-result",
            toolCallId: id,
            toolName: name,
            output: { type: "text", value: written(note, view, at) },
          }),
        );
        return { role: "tool", content };
      });
      return messages.map((message, at) => (at === stable - 1 ? { ...message, providerOptions: cached } : message));
    },
  };
}

function viewsOf(entry: Entry): { view: string; isWhole: boolean }[] {
  if (entry.kind === "message") return [];
  if (entry.kind === "told") return [{ view: entry.view, isWhole: true }];
  return entry.results.flatMap(({ view, isWhole = false }) => (view === undefined ? [] : [{ view, isWhole }]));
}
