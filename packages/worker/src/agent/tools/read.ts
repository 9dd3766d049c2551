import { z } from "zod";
import { defineTool } from "./tool.ts";

/** Shows the next part of a long page. */
export const read = defineTool({
  name: "read",
  description: "Show more of the page",
  inputSchema: z.strictObject({}),
  acts: false,
  describe: () => "read on",
  handle: (page) => page.read(),
});
