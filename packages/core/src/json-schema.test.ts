import { expect, test } from "vitest";
import { compileSchema, SchemaError, schemaLengthMax } from "./json-schema.ts";

const posts = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: { posts: { type: "array", items: { type: "string" } } },
  required: ["posts"],
  additionalProperties: false,
};

const many = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index));

test("a value that conforms has no problems", () => {
  expect(compileSchema(posts)({ posts: ["a"] })).toEqual([]);
});

test("a value that does not conform is told where and why, every place at once", () => {
  const problems = compileSchema(posts)({ posts: ["a", 1, null], more: true });
  expect(problems).toEqual([
    'the value must NOT have additional properties (["more"])',
    "/posts/1 must be string",
    "/posts/2 must be string",
  ]);
});

test("a recursive schema works", () => {
  const check = compileSchema({ type: "object", properties: { child: { $ref: "#" } }, additionalProperties: false });
  expect(check({ child: { child: {} } })).toEqual([]);
  expect(check({ child: { child: { x: 1 } } })).toHaveLength(1);
});

test("schemas with the same $id do not disturb each other", () => {
  const a = compileSchema({ $id: "https://example.com/s", type: "string" });
  const b = compileSchema({ $id: "https://example.com/s", type: "number" });
  expect([a("x"), b(1)]).toEqual([[], []]);
  expect([a(1), b("x")].flat()).toHaveLength(2);
});

test("the dialect that a schema names is not looked at", () => {
  expect(compileSchema({ $schema: "http://json-schema.org/draft-07/schema#", type: "string" })("x")).toEqual([]);
  expect(compileSchema({ $schema: "https://evil.example/meta", type: "string" })(1)).toHaveLength(1);
});

test("an asynchronous schema is still checked", () => {
  expect(compileSchema({ $async: true, type: "string" })(1)).toEqual(["the value must be string"]);
});

test("a schema that is nothing but a reference to itself finds every value wrong", () => {
  expect(compileSchema({ $ref: "#" })(1)).toEqual([expect.stringMatching(/refers to itself without end/)]);
});

test("of many problems, the first twenty are told", () => {
  expect(compileSchema({ items: { type: "string" } })(many(1_000, () => 1))).toHaveLength(20);
});

test("a large definition that is used in many places compiles", () => {
  const large = { properties: Object.fromEntries(many(1_000, (i) => [`p${i}`, { type: "string" }])) };
  const uses = Object.fromEntries(many(1_000, (i) => [`u${i}`, { $ref: "#/$defs/large" }]));
  const check = compileSchema({ $defs: { large }, properties: uses });
  expect(check({ u999: { p999: 1 } })).toEqual(["/u999/p999 must be string"]);
});

test("formats are annotations", () => {
  expect(compileSchema({ type: "string", format: "date-time" })("soon")).toEqual([]);
});

test("the schema object of the caller is left as it was", () => {
  const schema = structuredClone(posts);
  compileSchema(schema);
  expect(schema).toEqual(posts);
});

test.each<[string, object, RegExp]>([
  ["a keyword with an impossible value", { type: "strin" }, /does not compile: .*type/],
  ["properties that are no object", { properties: [] }, /does not compile/],
  ["a broken pattern", { pattern: "(" }, /Invalid regular expression/],
  ["a pointer that leads nowhere", { $ref: "#/$defs/no" }, /can't resolve reference/],
  ["a remote $ref", { $ref: "http://127.0.0.1:1/schema.json" }, /can't resolve reference/],
  [
    "a remote $ref in a corner",
    { properties: { a: { items: { $ref: "https://example.com/x" } } } },
    /can't resolve reference/,
  ],
  ["an array", [], /must be a JSON object/],
  ["more characters than are taken", { description: "x".repeat(schemaLengthMax) }, /at most 65536/],
  ["101 levels", JSON.parse(`${'{"not":'.repeat(101)}{}${"}".repeat(101)}`), /more than 100 levels/],
  [
    "brackets in a string are no levels, but this is",
    { enum: [many(101, () => "[").join("")], type: 1 },
    /does not compile/,
  ],
])("%s is refused with a sentence", (name, schema, says) => {
  expect(() => compileSchema(schema)).toThrow(SchemaError);
  expect(() => compileSchema(schema), name).toThrow(says);
});

test("an object that refers to itself is refused", () => {
  const schema: Record<string, unknown> = {};
  schema.not = schema;
  expect(() => compileSchema(schema)).toThrow("must be a JSON object");
});

test("a pattern that would run for years ends, and the value counts as wrong", () => {
  const check = compileSchema({ type: "string", pattern: "^(a+)+$" });
  expect(check(`${"a".repeat(60)}!`)).toEqual([expect.stringMatching(/takes too long/)]);
  expect(check("aaa")).toEqual([]);
});

test("a check that would run for hours without any pattern ends too", () => {
  const $defs = Object.fromEntries(
    many(40, (i) => [
      `d${i}`,
      { anyOf: [{ allOf: [{ $ref: `#/$defs/d${i + 1}` }, false] }, { $ref: `#/$defs/d${i + 1}` }] },
    ]),
  );
  const check = compileSchema({ $defs: { ...$defs, d40: { type: "string" } }, $ref: "#/$defs/d0" });
  expect(check(1)).toEqual([expect.stringMatching(/takes too long/)]);
});

test("schemas made to be slow to compile are bounded", () => {
  const hostile: object[] = [
    { patternProperties: Object.fromEntries(many(5_000, (i) => [`p${i}$`, {}])), additionalProperties: false },
    { properties: Object.fromEntries(many(2_000, (i) => [`p${i}`, { type: "string" }])), unevaluatedProperties: false },
    { anyOf: many(19_000, () => ({})) },
  ];
  for (const schema of hostile) {
    try {
      compileSchema(schema);
    } catch (error) {
      expect(error).toBeInstanceOf(SchemaError);
    }
  }
});

test("a value that is no JSON, or endless, is wrong and nothing more", () => {
  const loop: unknown[] = [];
  loop.push(loop);
  const check = compileSchema({ type: "array" });
  expect(check(undefined)).toEqual(["the value is no JSON"]);
  expect(check(loop)).toEqual(["the value is no JSON"]);
  expect(check(["x".repeat(1_100_000)])).toEqual([expect.stringContaining("over 1048576")]);
});
