import { z } from "zod";
import { defineTool } from "./tool.ts";

/** Fills a field. */
export const type = defineTool({
  name: "type",
  description: "Fill field [ref]. submit: press Enter after",
  inputSchema: z.strictObject({ ref: z.number(), text: z.string(), submit: z.boolean().optional() }),
  acts: true,
  describe: ({ ref, submit }) => `type into [${ref}]${submit ? " and submit" : ""}`,
  handle: (page, { ref, text, submit = false }) =>
    page.act(
      async (hands) => {
        await hands.fill(ref, text);
        if (submit) await hands.keyboard.press("Enter");
      },
      { quietMs: 300 }, // suggestions wait for the end of the typing
    ),
});
