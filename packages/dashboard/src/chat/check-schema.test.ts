import { expect, test } from "vitest";
import { checkSchema } from "./check-schema.ts";
import { starters } from "./schema-starters.ts";

test("every starter is a schema", () => {
  for (const [, schema] of starters) expect(checkSchema(JSON.stringify(schema)).problem).toBeNull();
});

test("a text that is no JSON, or no object, is told so", () => {
  expect(checkSchema('{"type":').problem).toMatch(/^This is not JSON/);
  for (const text of ["[]", "true", '"object"', "null"]) expect(checkSchema(text).problem).toMatch(/begins with \{/);
});

test("what is wrong is named with its place", () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ type: "text" }, /^The schema: type "text" is none of/],
    [{ type: ["string", "nil"] }, /type "nil"/],
    [{ type: "array", items: { type: "obj" } }, /^items: type "obj"/],
    [{ properties: { author: { type: "strng" } } }, /^properties\.author: type/],
    [{ properties: { author: "string" } }, /^properties\.author must be a schema/],
    [{ properties: [] }, /properties must be an object/],
    [{ required: "author" }, /required must be a list/],
    [{ enum: [] }, /enum must be a list/],
    [{ pattern: "(" }, /no regular expression/],
    [{ minLength: -1 }, /minLength must be a whole number/],
    [{ anyOf: {} }, /anyOf must be a list/],
    [{ anyOf: [{ type: "string" }, 3] }, /^anyOf\[1\] must be a schema/],
  ];
  for (const [schema, problem] of cases) expect(checkSchema(JSON.stringify(schema)).problem).toMatch(problem);
});

test("a schema nested without end is refused, not followed", () => {
  expect(checkSchema(`${'{"items":'.repeat(5_000)}{}${"}".repeat(5_000)}`).problem).toMatch(/nested too deeply/);
});

test("names that every object has are names like any other", () => {
  const text = '{"type":"object","properties":{"constructor":{"type":"string"},"__proto__":{"type":"string"}}}';
  expect(checkSchema(text)).toMatchObject({ problem: null });
});
