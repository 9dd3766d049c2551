import { z } from "zod";
import { defineTool } from "./tool.ts";

/** Waits for something to appear, or just waits. */
export const wait = defineTool({
  name: "wait",
  description: "Wait some seconds, or until a text appears",
  inputSchema: z.strictObject({ seconds: z.number().max(10), text: z.string().optional() }),
  acts: false,
  describe: ({ seconds }) => `wait up to ${seconds} s`,
  handle: (page, { seconds, text }) => page.act((hands) => hands.wait(seconds * 1_000, text)),
});
