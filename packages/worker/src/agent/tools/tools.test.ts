import { expect, test } from "vitest";
import { z } from "zod";
import { tools } from "./tools.ts";

const byName = new Map(tools.map((tool) => [tool.name, tool]));
const schemaOf = ({ inputSchema }: { inputSchema: z.ZodType }) => {
  const { $schema: _, ...schema } = z.toJSONSchema(inputSchema, { io: "input" });
  return schema;
};

test("there are ten tools, and those that can change something on a site say so", () => {
  expect([...byName.keys()]).toEqual("navigate click type select press scroll back wait read find".split(" "));
  expect(tools.filter(({ acts }) => acts).map(({ name }) => name)).toEqual(["click", "type", "select", "press"]);
});

test("names, descriptions and schemas together are no more than 2,000 bytes, for they go out with every call", () => {
  const sent = tools.map((tool) => ({ name: tool.name, description: tool.description, parameters: schemaOf(tool) }));
  expect(JSON.stringify(sent).length).toBeLessThan(2_000);
});

const good: Record<string, object> = {
  navigate: { url: "https://example.com" },
  click: { ref: 1 },
  type: { ref: 1, text: "x", submit: true },
  select: { ref: 1, option: "x" },
  press: { key: "Enter" },
  scroll: { direction: "down" },
  back: {},
  wait: { seconds: 10, text: "x" },
  read: {},
  find: { text: "x" },
};

test.each(Object.entries(good))("%s takes what it names and nothing else", (name, input) => {
  const schema = byName.get(name)?.inputSchema;
  expect(schema?.safeParse(input).success).toBe(true);
  expect(schema?.safeParse({ ...input, script: "x" }).success).toBe(false);
});

test.each<[string, object]>([
  ["navigate", {}],
  ["click", { ref: "1" }],
  ["type", { ref: 1 }],
  ["select", { ref: 1, option: 2 }],
  ["press", { key: 1 }],
  ["scroll", { direction: "left" }],
  ["wait", { seconds: 11 }],
  ["find", { text: "" }],
])("%s refuses %j", (name, input) => {
  expect(byName.get(name)?.inputSchema.safeParse(input).success).toBe(false);
});

test("what a tool says it does holds no address, typed text or key", () => {
  const secret = "s3cret";
  const inputs: Record<string, object> = {
    navigate: { url: secret },
    type: { ref: 4, text: secret },
    select: { ref: 4, option: secret },
    press: { key: secret },
    wait: { seconds: 1, text: secret },
    find: { text: secret },
  };
  for (const tool of tools) {
    const said = tool.describe(tool.inputSchema.parse({ ...good[tool.name], ...inputs[tool.name] }));
    expect(said).not.toContain(secret);
    expect(said.length).toBeGreaterThan(3);
  }
});
