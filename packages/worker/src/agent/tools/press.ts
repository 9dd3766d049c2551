import { z } from "zod";
import { PageRefusal } from "../page/page-hands.ts";
import { defineTool } from "./tool.ts";

/** Presses a key where the focus is. */
export const press = defineTool({
  name: "press",
  description: "Press a key, e.g. Enter, Escape, ArrowDown, Control+a",
  inputSchema: z.strictObject({ key: z.string() }),
  acts: true,
  describe: () => "press a key",
  handle: (page, { key }) =>
    page.act(async ({ keyboard }) => {
      await keyboard.press(key).catch((error: unknown) => {
        if (!(error instanceof Error && error.message.includes("Unknown key"))) throw error;
        throw new PageRefusal("There is no such key: use names like Enter, Tab, Escape, PageDown, a.");
      });
    }),
});
