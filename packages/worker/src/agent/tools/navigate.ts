import { z } from "zod";
import { defineTool } from "./tool.ts";

/** Opens a web address. */
export const navigate = defineTool({
  name: "navigate",
  description: "Open a URL",
  inputSchema: z.strictObject({ url: z.string() }),
  acts: false,
  describe: () => "open an address",
  handle: (page, { url }) => page.navigate(url),
});
