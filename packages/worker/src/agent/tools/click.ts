import { z } from "zod";
import { defineTool } from "./tool.ts";

/** Clicks an element. */
export const click = defineTool({
  name: "click",
  description: "Click [ref]. agree: say OK if the page asks to confirm",
  inputSchema: z.strictObject({ ref: z.number(), agree: z.boolean().optional() }),
  acts: true,
  describe: ({ ref }) => `click [${ref}]`,
  handle: (page, { ref, agree = false }) => page.act((hands) => hands.click(ref), { agree }),
});
