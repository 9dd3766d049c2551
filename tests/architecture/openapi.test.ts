import { createConfig, lintFromString } from "@redocly/openapi-core";
import { routes } from "@stablehand/contract";
import { describe, expect, test } from "vitest";
import { describeApi } from "../../packages/api/src/openapi.ts";

/** What Redocly says of a document by its recommended rules, in words. */
async function problemsIn(document: unknown): Promise<string[]> {
  const config = await createConfig({
    extends: ["recommended-strict"],
    telemetry: "off",
    rules: { "info-license": "off" }, // there is none: the project is not published
  });
  const problems = await lintFromString({ source: JSON.stringify(document), config, absoluteRef: "openapi.json" });
  return problems.map(({ ruleId, message, location: [at] }) => `${ruleId}: ${message} ${at?.pointer ?? ""}`);
}

interface Media {
  readonly example?: unknown;
  readonly examples?: unknown;
  readonly schema?: { readonly $ref?: string };
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Record<string, Media> };
  readonly responses: Record<string, { readonly content?: Record<string, Media> }>;
}

const document = describeApi() as { paths: Record<string, Record<string, Operation>> };
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

describe("the OpenAPI document", () => {
  test("is valid 3.1 by Redocly's strict rules, without an error or a warning", async () => {
    expect(await problemsIn(document)).toEqual([]);
  });

  test("the control: a parameter that the path lacks would be noticed", async () => {
    const broken = structuredClone(document) as { paths: Record<string, Record<string, object>> };
    Object.assign(broken.paths["/healthz"]?.["get"] ?? {}, {
      parameters: [{ name: "lost", in: "path", required: true, schema: { type: "string" } }],
    });
    expect((await problemsIn(broken)).join("\n")).toContain("path-parameters-defined");
  });

  test("has an example of every JSON body and answer, each of them as the contract has it", () => {
    expect(operations).toHaveLength(routes.length);
    for (const route of routes) {
      const operation = operations.find(({ operationId }) => operationId === route.id);
      const answer = operation?.responses[route.reply.status]?.content?.["application/json"];
      if (answer) {
        expect(answer.example, `${route.id} has no example of its answer`).toBeDefined();
        expect(route.reply.body.safeParse(answer.example).error, route.id).toBeUndefined();
      }
      const body = operation?.requestBody?.content["application/json"];
      if (!body || !("body" in route)) continue;
      expect(body.example, `${route.id} has no example of its body`).toBeDefined();
      expect(route.body.safeParse(body.example).error, route.id).toBeUndefined();
    }
  });

  test("has an example of every error, with a code of that status", () => {
    for (const { operationId, responses } of operations)
      for (const [status, { content }] of Object.entries(responses))
        if (Number(status) >= 400)
          expect(content?.["application/json"]?.example, `${operationId} ${status}`).toMatchObject({
            error: expect.any(String),
            code: expect.any(String),
            requestId: expect.any(String),
          });
  });
});
