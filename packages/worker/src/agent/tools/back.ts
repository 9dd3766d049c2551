import { z } from "zod";
import { defineTool } from "./tool.ts";

/** Goes back in the history, or from a tab to the one that opened it. */
export const back = defineTool({
  name: "back",
  description: "Go back",
  inputSchema: z.strictObject({}),
  acts: false,
  describe: () => "go back",
  handle: (page) => page.back(),
});
