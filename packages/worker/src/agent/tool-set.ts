import { jsonSchema, type ToolSet, tool } from "ai";
import { z } from "zod";
import { doneInput } from "./final-answer.ts";
import type { Tool } from "./tools/tool.ts";

/**
 * The tools and `done`, as a provider is told of them.
 *
 * Without functions and without validation: calls come back as data and are checked and done by `runCalls`.
 */
export function toolSet(tools: readonly Tool[], hasSchema: boolean): ToolSet {
  const done = { name: "done", description: "Finish the task", inputSchema: doneInput(hasSchema) };
  return Object.fromEntries(
    [...tools, done].map(({ name, description, inputSchema }) => {
      const { $schema: _dialect, ...schema } = z.toJSONSchema(inputSchema, { target: "draft-7" });
      // zod's own type of a draft-7 schema differs from the SDK's only in names.
      return [name, tool({ description, inputSchema: jsonSchema(schema as Parameters<typeof jsonSchema>[0]) })];
    }),
  );
}
