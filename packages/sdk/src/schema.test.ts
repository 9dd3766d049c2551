import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { Stablehand } from "./client.ts";
import type { Task } from "./contract/records.ts";
import { StructuredContentError } from "./errors.ts";
import { type ContentOf, type JsonSchema, readContent, type StandardSchema, toJsonSchema } from "./schema.ts";

const at = "2026-11-24T09:00:00.000Z";
const task = (structured_content?: unknown): Task => ({
  taskId: "t",
  sessionId: "s",
  businessId: "b",
  endUserId: "alice",
  task: "Read",
  status: "completed",
  createdAt: at,
  updatedAt: at,
  ...(structured_content !== undefined && { structured_content }),
});

interface Post {
  author: string;
  likes: number;
}

const json = {
  type: "object",
  properties: { author: { type: "string" }, likes: { type: "number" } },
  required: ["author", "likes"],
} as const;

const schemas = {
  zod: z.object({ author: z.string(), likes: z.number() }),
  valibot: toStandardJsonSchema(v.object({ author: v.string(), likes: v.number() })),
  arktype: type({ author: "string", likes: "number" }),
};

describe.each(Object.entries(schemas))("a schema of %s", (_vendor, schema) => {
  test("is sent as JSON Schema 2020-12", () => {
    const { $schema, additionalProperties: _open, ...rest } = toJsonSchema(schema);
    expect($schema).toMatch(/2020-12/);
    expect({ ...rest, required: [...(rest["required"] as string[])].sort() }).toEqual(json);
  });

  test("gives the content that it validates, and refuses other, with the task and the schema's own words", async () => {
    const post = { author: "nina", likes: 128 };
    expect(await readContent(schema, task(post))).toEqual(post);
    for (const content of [{ author: "nina" }, "text", undefined]) {
      const error: unknown = await readContent(schema, task(content)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StructuredContentError);
      expect(error).toMatchObject({ task: { taskId: "t" } });
    }
  });
});

test("what a schema makes of the content is what the caller gets; what goes out describes what comes in", async () => {
  const schema = z.object({ at: z.string().transform((text) => new Date(text)) });
  expect(toJsonSchema(schema)).toMatchObject({ properties: { at: { type: "string" } } });
  expect(await readContent(schema, task({ at }))).toEqual({ at: new Date(at) });
});

test("a JSON Schema goes out as it is, and what the server validated comes back as it is", async () => {
  expect(toJsonSchema(json)).toBe(json);
  expect(await readContent(json, task([1]))).toEqual([1]);
  await expect(readContent(json, task())).rejects.toThrow(StructuredContentError);
});

test("a schema that cannot say itself in JSON Schema is refused with what to do", () => {
  expect(() => toJsonSchema(v.object({ author: v.string() }))).toThrow("toStandardJsonSchema(schema)");
  const other: StandardSchema = { "~standard": { version: 1, vendor: "other", validate: (value) => ({ value }) } };
  expect(() => toJsonSchema(other)).toThrow("pass the JSON Schema itself");
});

test("structured_content has the schema's type: of zod, valibot, arktype, and of a JSON Schema that is written out", () => {
  expectTypeOf<ContentOf<typeof schemas.zod>>().toEqualTypeOf<Post>();
  expectTypeOf<ContentOf<typeof schemas.valibot>>().toEqualTypeOf<Post>();
  expectTypeOf<ContentOf<typeof schemas.arktype>>().toEqualTypeOf<Post>();
  expectTypeOf<ContentOf<typeof json>>().toEqualTypeOf<Post>();
  expectTypeOf<ContentOf<JsonSchema>>().toBeUnknown();
  expectTypeOf<ContentOf<{ type: readonly ["string", "null"] }>>().toEqualTypeOf<string | null>();
  expectTypeOf<ContentOf<{ enum: readonly ["a", 1] }>>().toEqualTypeOf<"a" | 1>();
  expectTypeOf<ContentOf<{ const: true }>>().toEqualTypeOf<true>();
  expectTypeOf<ContentOf<{ anyOf: readonly [{ type: "string" }, { type: "integer" }] }>>().toEqualTypeOf<
    string | number
  >();
  expectTypeOf<ContentOf<{ type: "array"; items: { type: "boolean" } }>>().toEqualTypeOf<boolean[]>();
  expectTypeOf<ContentOf<{ type: "array" }>>().toEqualTypeOf<unknown[]>();
  expectTypeOf<ContentOf<{ type: "object" }>>().toEqualTypeOf<Record<string, unknown>>();
  expectTypeOf<ContentOf<{ type: "object"; properties: { a: { type: "string" } } }>>().toEqualTypeOf<{ a?: string }>();
});

test("run gives that type, and without a schema no content at all", () => {
  const { tasks } = new Stablehand({ apiKey: "k" });
  const request = { endUserId: "alice", task: "Read" };
  const withZod = () => tasks.run({ ...request, schema: z.array(schemas.zod) });
  const withJson = () => tasks.run({ ...request, schema: { type: "array", items: { type: "string" } } });
  const without = () => tasks.run(request);
  expectTypeOf(withZod).returns.resolves.toHaveProperty("structured_content").toEqualTypeOf<Post[]>();
  expectTypeOf(withJson).returns.resolves.toHaveProperty("structured_content").toEqualTypeOf<string[]>();
  expectTypeOf(without).returns.resolves.not.toHaveProperty("structured_content");
  expectTypeOf(without).returns.resolves.toHaveProperty("status").toEqualTypeOf<"completed">();
});
