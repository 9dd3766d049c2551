/** A JSON Schema as `z.toJSONSchema` writes it. */
export type Json = { readonly [name: string]: unknown };

/** Which side of the wire a schema describes: what a caller may leave out, it may also give as undefined. */
export type Side = "input" | "output";

/**
 * Writes a JSON Schema as a TypeScript type.
 *
 * `refer` gives the type of a schema that has a name. What is not recognised throws, so that nothing becomes `unknown`
 * by mistake.
 */
export function typeText(schema: Json, side: Side, refer: (name: string) => string): string {
  const inner = (one: unknown) => typeText(one as Json, side, refer); // a schema's parts are schemas
  if (typeof schema["$ref"] === "string") return refer(schema["$ref"].replace("#/$defs/", ""));
  if ("const" in schema) return JSON.stringify(schema["const"]);
  if (Array.isArray(schema["enum"])) return schema["enum"].map((one) => JSON.stringify(one)).join(" | ");
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(choices)) return choices.map(inner).join(" | ");
  if (Array.isArray(schema["type"])) return schema["type"].map((type) => inner({ ...schema, type })).join(" | ");
  switch (schema["type"]) {
    case "string":
      return "string";
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "null":
      return "null";
    case "array":
      return `readonly (${inner(schema["items"])})[]`;
    case "object":
      return schema["properties"] ? objectText(schema, side, inner) : recordText(schema, inner);
    case undefined:
      if (Object.keys(schema).every((key) => key === "description" || key === "$schema")) return "unknown";
  }
  throw new Error(`no type for ${JSON.stringify(schema)}`);
}

function objectText(schema: Json, side: Side, inner: (one: unknown) => string): string {
  const required = new Set(schema["required"] as string[] | undefined); // JSON Schema's own shape
  const lines = Object.entries(schema["properties"] as Record<string, Json>).map(([name, property]) => {
    const comment = property["description"] ? `/** ${String(property["description"])} */\n` : "";
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    if (required.has(name)) return `${comment}readonly ${key}: ${inner(property)};`;
    return `${comment}readonly ${key}?: ${inner(property)}${side === "input" ? " | undefined" : ""};`;
  });
  return `{\n${lines.join("\n")}\n}`;
}

function recordText(schema: Json, inner: (one: unknown) => string): string {
  const value = inner(schema["additionalProperties"] ?? {});
  if (!schema["propertyNames"]) return `{ readonly [name: string]: ${value} }`;
  const keys = inner(schema["propertyNames"]);
  const isWhole = Array.isArray(schema["required"]);
  return isWhole || keys === "string"
    ? `Readonly<Record<${keys}, ${value}>>`
    : `Readonly<Partial<Record<${keys}, ${value}>>>`;
}
