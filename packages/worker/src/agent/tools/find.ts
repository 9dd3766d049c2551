import { z } from "zod";
import { defineTool } from "./tool.ts";

/** Looks for a text on the whole page, also where it was not shown yet. */
export const find = defineTool({
  name: "find",
  description: "Show the page's lines with a text",
  inputSchema: z.strictObject({ text: z.string().min(1) }),
  acts: false,
  describe: () => "look for a text",
  handle: (page, { text }) => page.find(text),
});
