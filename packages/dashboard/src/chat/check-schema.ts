/** A JSON Schema that can be sent, or why it cannot. */
export type CheckedSchema =
  | { readonly schema: Readonly<Record<string, unknown>>; readonly problem: null }
  | { readonly schema: null; readonly problem: string };

const types = ["string", "number", "integer", "boolean", "object", "array", "null"];
const schemasByName = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];
const oneSchema = ["items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames"];
const schemaLists = ["anyOf", "oneOf", "allOf", "prefixItems"];
const wholeNumbers = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
const depthMax = 64;

/** Looks whether a text is a JSON Schema, as far as that is seen without a validator; the server looks again. */
export function checkSchema(text: string): CheckedSchema {
  const refuse = (problem: string): CheckedSchema => ({ schema: null, problem });
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (error) {
    return refuse(`This is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}.`);
  }
  if (!isObject(schema)) return refuse("A schema is a JSON object: it begins with {.");
  const problem = problemOf(schema, "", 0);
  return problem ? refuse(problem) : { schema, problem: null };
}

/** The first thing that is wrong in a schema, as a sentence; null when nothing is. */
function problemOf(schema: unknown, at: string, depth: number): string | null {
  const here = at === "" ? "The schema" : at.slice(1);
  if (typeof schema === "boolean") return null;
  if (!isObject(schema)) return `${here} must be a schema: an object, or true or false.`;
  if (depth > depthMax) return `${here} is nested too deeply.`;
  const { type, required, enum: choices, pattern } = schema;
  const named = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const wrong = named.find((one) => !types.includes(String(one)));
  if (wrong !== undefined) return `${here}: type ${JSON.stringify(wrong)} is none of ${types.join(", ")}.`;
  if (required !== undefined && !(Array.isArray(required) && required.every((name) => typeof name === "string")))
    return `${here}: required must be a list of names.`;
  if (choices !== undefined && !(Array.isArray(choices) && choices.length > 0))
    return `${here}: enum must be a list that is not empty.`;
  if (pattern !== undefined && !isPattern(pattern)) return `${here}: pattern is no regular expression.`;
  const notWhole = wholeNumbers.find(
    (name) => schema[name] !== undefined && !(Number.isInteger(schema[name]) && Number(schema[name]) >= 0),
  );
  if (notWhole) return `${here}: ${notWhole} must be a whole number.`;
  for (const [path, inner] of innerSchemas(schema)) {
    const problem = problemOf(inner, `${at}.${path}`, depth + 1);
    if (problem) return problem;
  }
  const notAnObject = schemasByName.find((name) => schema[name] !== undefined && !isObject(schema[name]));
  if (notAnObject) return `${here}: ${notAnObject} must be an object of schemas.`;
  const notAList = schemaLists.find((name) => schema[name] !== undefined && !Array.isArray(schema[name]));
  return notAList ? `${here}: ${notAList} must be a list of schemas.` : null;
}

function* innerSchemas(schema: Readonly<Record<string, unknown>>): Generator<readonly [path: string, inner: unknown]> {
  for (const name of oneSchema) if (schema[name] !== undefined) yield [name, schema[name]];
  for (const name of schemasByName) {
    const group = schema[name];
    if (isObject(group)) for (const [key, inner] of Object.entries(group)) yield [`${name}.${key}`, inner];
  }
  for (const name of schemaLists) {
    const list = schema[name];
    if (Array.isArray(list)) for (const [index, inner] of list.entries()) yield [`${name}[${index}]`, inner];
  }
}

function isPattern(text: unknown): boolean {
  try {
    return typeof text === "string" && Boolean(new RegExp(text, "u"));
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
