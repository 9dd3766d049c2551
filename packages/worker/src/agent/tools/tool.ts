import type { z } from "zod";
import type { AgentPage } from "../page/agent-page.ts";

/** What a tool says to the model: the page's new state, or why it could not be done. */
export interface Observation {
  /** False when the page or the address did not allow it; the text then says what to do instead. */
  readonly ok: boolean;
  /** Page text, not yet free of secrets: the agent's one exit removes them. */
  readonly text: string;
  /** True when it shows the page anew, so that no earlier text is needed to understand it. */
  readonly isWhole?: boolean;
}

/** One thing the model may do with the page: data, and a function that does it. */
export interface Tool<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly description: string;
  /** Strict: a property that is not named is refused, and the model is told. */
  readonly inputSchema: Schema;
  /** True when it may change something on a site: it is written down before it is done, and never repeated blindly. */
  readonly acts: boolean;
  /** What it does with this input, in a few words of ours for the step's summary; never page text or typed text. */
  describe(input: z.output<Schema>): string;
  /** Does it. Never throws for what a page does, however it dies; takes a bounded time. */
  handle(page: AgentPage, input: z.output<Schema>): Promise<Observation>;
}

/** Keeps the schema's type inside the tool, where `handle` needs it. */
export function defineTool<Schema extends z.ZodObject>(tool: Tool<Schema>): Tool<Schema> {
  return tool;
}
