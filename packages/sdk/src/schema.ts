import type { Task } from "./contract/records.ts";
import { StablehandError, StructuredContentError } from "./errors.ts";

/** A JSON Schema (2020-12). */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What a Standard Schema's `validate` answers. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/** A schema of zod, valibot, arktype or any other that follows Standard Schema 1. Source: standardschema.dev. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** Of Standard JSON Schema, which is what makes a schema fit to be sent. */
    readonly jsonSchema?: { readonly input: (options: { readonly target: "draft-2020-12" }) => JsonSchema };
  };
}

/** What `schema` takes. */
export type Schema = JsonSchema | StandardSchema;

/** The type of `structured_content` under a schema: a Standard Schema's output, or what a literal JSON Schema says. */
export type ContentOf<S> = S extends { readonly "~standard": { readonly types?: infer Types } }
  ? NonNullable<Types> extends { readonly output: infer Output }
    ? Output
    : unknown
  : OfJsonSchema<S>;

type OfJsonSchema<S> = S extends { readonly const: infer Value }
  ? Value
  : S extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : S extends { readonly anyOf: readonly (infer Choice)[] }
      ? OfJsonSchema<Choice>
      : S extends { readonly type: readonly (infer Type)[] }
        ? OfType<Type, S>
        : S extends { readonly type: infer Type }
          ? OfType<Type, S>
          : unknown;

type OfType<Type, S> = Type extends keyof Scalars
  ? Scalars[Type]
  : Type extends "array"
    ? (S extends { readonly items: infer Item } ? OfJsonSchema<Item> : unknown)[]
    : Type extends "object"
      ? S extends { readonly properties: infer Properties }
        ? OfProperties<Properties, S extends { readonly required: readonly (infer Name)[] } ? Name : never>
        : Record<string, unknown>
      : unknown;

interface Scalars {
  string: string;
  number: number;
  integer: number;
  boolean: boolean;
  null: null;
}

type OfProperties<Properties, Required> = Flat<
  { -readonly [Name in keyof Properties as Name extends Required ? Name : never]: OfJsonSchema<Properties[Name]> } & {
    -readonly [Name in keyof Properties as Name extends Required ? never : Name]?: OfJsonSchema<Properties[Name]>;
  }
>;

type Flat<T> = { [Name in keyof T]: T[Name] };

function isStandard(schema: Schema): schema is StandardSchema {
  return "~standard" in schema;
}

/** The schema as it is sent. Throws StablehandError when it cannot say itself in JSON Schema. */
export function toJsonSchema(schema: Schema): JsonSchema {
  if (!isStandard(schema)) return schema;
  const { jsonSchema, vendor } = schema["~standard"];
  if (jsonSchema) return jsonSchema.input({ target: "draft-2020-12" });
  const remedy =
    vendor === "valibot"
      ? "pass toStandardJsonSchema(schema) of @valibot/to-json-schema"
      : `use a release of ${vendor} with Standard JSON Schema, or pass the JSON Schema itself`;
  throw new StablehandError(`this schema of ${vendor} cannot describe itself as JSON Schema: ${remedy}`);
}

/** A completed task's content as the schema gives it. Throws StructuredContentError when it is not as the schema says. */
export async function readContent(schema: Schema, task: Task): Promise<unknown> {
  const { structured_content } = task;
  if (structured_content === undefined) throw new StructuredContentError(task, []);
  if (!isStandard(schema)) return structured_content; // the server has validated it
  const result = await schema["~standard"].validate(structured_content);
  if (result.issues) throw new StructuredContentError(task, result.issues);
  return result.value;
}
