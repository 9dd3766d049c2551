import { z } from "zod";
import { defineTool } from "./tool.ts";

/** Chooses an option of a select. */
export const select = defineTool({
  name: "select",
  description: "Choose an option of select [ref]",
  inputSchema: z.strictObject({ ref: z.number(), option: z.string() }),
  acts: true,
  describe: ({ ref }) => `choose an option of [${ref}]`,
  handle: (page, { ref, option }) => page.act((hands) => hands.choose(ref, option)),
});
