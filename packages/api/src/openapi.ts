import { errorCodesOf, errors, type Route, routes, shouldRetryHeader } from "@stablehand/contract";
import { z } from "zod";
import { errorExample, exampleOf } from "./openapi-examples.ts";

type Json = Record<string, unknown>;

const securityOf: Readonly<Record<Route["auth"], readonly Json[]>> = {
  none: [],
  business: [{ apiKey: [] }, { accountToken: [] }],
  account: [{ accountToken: [] }],
};

const errorSchema = { $ref: "#/components/schemas/Error" };

/** Describes every route of the contract as OpenAPI 3.1, from the objects that the server registers. */
export function describeApi(): Json {
  const schemas: Json = {
    Error: {
      type: "object",
      required: ["error", "code", "requestId"],
      properties: {
        error: { type: "string", description: "For a human: what is wrong and what to change." },
        code: { type: "string", enum: Object.keys(errors) },
        requestId: { type: "string" },
      },
    },
  };
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const methods = paths[route.path] ?? {};
    methods[route.method.toLowerCase()] = describeRoute(route, schemas);
    paths[route.path] = methods;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Stablehand",
      version: "1",
      description: "Custody of end-users' session cookies, and real browsers that act with them.",
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", bearerFormat: "sb_live_…" },
        accountToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
      },
    },
  };
}

/** Turns a schema into JSON Schema; one that has an id goes to the components and is referred to. */
function toJsonSchema(schema: z.ZodType, io: "input" | "output", schemas: Json): Json {
  const { $schema, $defs, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Json & { $defs?: Json };
  for (const [name, definition] of Object.entries($defs ?? {})) schemas[name] = withoutId(definition as Json);
  const moved = JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
  if (typeof moved["id"] !== "string") return moved;
  schemas[moved["id"]] = withoutId(moved);
  return { $ref: `#/components/schemas/${moved["id"]}` };
}

function withoutId({ id: _id, ...schema }: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}

const content = (schema: Json, type = "application/json", example: { example?: unknown } = {}) => ({
  [type]: { schema, ...(type === "application/json" && example) },
});
const requestIdHeader = {
  "x-request-id": { schema: { type: "string" }, description: "Names this request in our log." },
};

const errorHeaders = {
  ...requestIdHeader,
  [shouldRetryHeader]: {
    schema: { type: "string", enum: ["true", "false"] },
    description: "Whether the same request may succeed later.",
  },
};

function describeRoute(route: Route, schemas: Json): Json {
  const extraHeaders = Object.entries(route.reply.headers ?? {}).map(([name, description]) => [
    name,
    { schema: { type: "string" }, description },
  ]);
  const responses: Json = {
    [route.reply.status]: {
      description: "Done",
      headers: { ...requestIdHeader, ...Object.fromEntries(extraHeaders) },
      content: content(
        toJsonSchema(route.reply.body, "output", schemas),
        route.reply.contentType,
        exampleOf(route, "reply"),
      ),
    },
  };
  for (const code of errorCodesOf(route)) {
    const status = String(errors[code].status);
    const before = responses[status] as { description: string } | undefined; // made by this loop
    responses[status] = {
      description: before ? `${before.description} ${errors[code].meaning}` : errors[code].meaning,
      headers: errorHeaders,
      content: content(errorSchema, "application/json", { example: errorExample(code) }),
    };
  }
  if (route.query)
    responses["431"] = {
      description: "The address and the headers are longer than 16 KiB together.",
      content: content(errorSchema, "application/json", { example: errorExample("invalid_request") }),
    };
  return {
    operationId: route.id,
    summary: route.summary,
    ...(route.scope && { description: describeScope(route.scope) }),
    security: securityOf[route.auth],
    parameters: [
      ...describeParameters(route.params, "path", schemas),
      ...describeParameters(route.query, "query", schemas),
      ...describeParameters(route.headers, "header", schemas),
    ],
    ...(route.body && {
      requestBody: {
        required: !route.bodyOptional,
        content: content(toJsonSchema(route.body, "input", schemas), "application/json", exampleOf(route, "body")),
      },
    }),
    responses,
  };
}

function describeScope(scope: NonNullable<Route["scope"]>): string {
  return scope === "whole" ? "Takes an API key that is not narrowed." : `Takes the scope \`${scope}\`.`;
}

function describeParameters(
  object: z.ZodObject | undefined,
  place: "path" | "query" | "header",
  schemas: Json,
): Json[] {
  return Object.entries(object?.shape ?? {}).map(([name, field]) => {
    const schema = field as z.ZodType; // what a zod object holds
    return { name, in: place, required: !schema.isOptional(), schema: toJsonSchema(schema, "input", schemas) };
  });
}
