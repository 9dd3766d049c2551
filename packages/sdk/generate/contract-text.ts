import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  credentialFields,
  credentialValueMax,
  errors,
  idempotencyKeyHeader,
  type Route,
  routes,
  webhookEvent,
} from "@stablehand/contract";
import { z } from "zod";
import { type Json, type Side, typeText } from "./type-text.ts";

const checkout = fileURLToPath(new URL("../../../", import.meta.url));
const notice = "// Made from packages/contract by `npm run generate`; a test compares. Do not edit.\n\n";

/** The SDK's copy of the contract, file by file: its types, its routes, its tables. */
export function contractText(): Record<"records.ts" | "routes.ts" | "tables.ts", string> {
  const records = new Map<string, string>();
  const list = routes.filter((route) => route.auth !== "none");
  const entries = list.map((route) => routeText(route, records));
  textOf(webhookEvent, "output", records);
  const names = [...records.keys()].sort();
  const used = names.filter((name) => entries.some((text) => new RegExp(`\\b${name}\\b`).test(text)));
  const files = {
    "records.ts": names.map(
      (name) => `/** \`${name}\` of the contract. */\nexport type ${name} = ${records.get(name)};`,
    ),
    "routes.ts": [
      `import type { ${used.join(", ")} } from "./records.ts";`,
      `/** Where each route is, and whether an Idempotency-Key makes repeating it safe. */\nexport const routes = {\n${list.map(placeText).join("\n")}\n} as const;`,
      "/** The name of a route. */\nexport type RouteId = keyof typeof routes;",
      `/** What each route is sent and answers. */\nexport interface RouteTypes {\n${entries.join("\n")}\n}`,
    ],
    "tables.ts": [
      `/** Every error code this release of the contract has: its status, and whether the same request may succeed later. */\nexport const errors = ${JSON.stringify(tableOf(errors, ({ status, retryable }) => ({ status, retryable })))} as const;`,
      `/** The twelve credential fields and the name of the cookie behind each. */\nexport const credentialCookies = ${JSON.stringify(tableOf(credentialFields, ({ cookie }) => cookie))} as const;`,
      `/** The longest credential value, in characters. */\nexport const credentialValueMax = ${credentialValueMax};`,
    ],
  };
  return tableOf(files, (parts) => format(`${notice}${parts.join("\n\n")}\n`));
}

function placeText(route: Route): string {
  const takesKey = route.headers !== undefined && idempotencyKeyHeader in route.headers.shape;
  return `${JSON.stringify(route.id)}: ${JSON.stringify({ method: route.method, path: route.path, takesKey })},`;
}

function routeText(route: Route, records: Map<string, string>): string {
  const parts = [
    ...(route.params ? [`readonly params: ${textOf(route.params, "input", records)};`] : []),
    ...(route.query ? [`readonly query?: ${textOf(route.query, "input", records)} | undefined;`] : []),
    ...(route.body
      ? [
          `readonly body${route.bodyOptional ? "?" : ""}: ${textOf(route.body, "input", records)}${route.bodyOptional ? " | undefined" : ""};`,
        ]
      : []),
  ];
  const request = parts.length > 0 ? parts.join("\n") : "readonly body?: undefined;";
  const reply = route.reply.contentType ? "string" : textOf(route.reply.body, "output", records);
  return `/** ${route.summary}. */\n${JSON.stringify(route.id)}: { readonly request: {\n${request}\n}; readonly reply: ${reply} };`;
}

/** The type of a schema; objects and unions that have a name are put into `records` and referred to by it. */
function textOf(schema: z.ZodType, side: Side, records: Map<string, string>): string {
  const { $defs, ...json } = z.toJSONSchema(schema, { io: side, unrepresentable: "any" }) as Json & {
    $defs?: Record<string, Json>;
  };
  const refer = (name: string): string => {
    const definition = $defs?.[name];
    if (!definition) throw new Error(`the schema refers to ${name}, which it does not define`);
    const text = typeText(definition, side, refer);
    if (!text.startsWith("{") && !text.includes("|")) return text;
    const known = records.get(name);
    if (known !== undefined && known !== text) throw new Error(`two schemas are called ${name}`);
    records.set(name, text);
    return name;
  };
  return typeText(json, side, refer);
}

function tableOf<Key extends string, Value, Kept>(table: Record<Key, Value>, keep: (value: Value) => Kept) {
  const entries = Object.entries<Value>(table).map(([key, value]) => [key, keep(value)]);
  return Object.fromEntries(entries) as Record<Key, Kept>; // the same keys
}

function format(text: string): string {
  const biome = `${checkout}node_modules/.bin/biome`;
  return execFileSync(biome, ["check", "--write", "--stdin-file-path=packages/sdk/src/contract/x.ts"], {
    cwd: checkout,
    input: text,
    encoding: "utf8",
  });
}
