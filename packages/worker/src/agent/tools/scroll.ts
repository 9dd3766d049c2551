import { z } from "zod";
import { defineTool } from "./tool.ts";

/** Turns the mouse wheel in the middle of the page, which makes lists load more. */
export const scroll = defineTool({
  name: "scroll",
  description: "Scroll a screen, to load more",
  inputSchema: z.strictObject({ direction: z.enum(["down", "up"]) }),
  acts: false,
  describe: ({ direction }) => `scroll ${direction}`,
  handle: (page, { direction }) =>
    page.act(
      async ({ mouse, viewport }) => {
        const { width, height } = viewport();
        await mouse.move(width / 2, height / 2);
        await mouse.wheel(0, (direction === "down" ? 0.9 : -0.9) * height);
      },
      { quietMs: 250 },
    ),
});
