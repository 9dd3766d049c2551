import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Route, routes } from "@stablehand/contract";
import { storeAssets } from "@stablehand/core/store/design-assets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signUp, type TestAccount } from "../support/accounts.ts";
import { startTestApi, type TestApi, type TestBusiness } from "../support/api.ts";
import { checkout } from "../support/checkout.ts";
import { requestOf } from "../support/route-request.ts";

let api: TestApi;
let acme: TestBusiness;
let other: TestBusiness;
let account: TestAccount;
/** Tokens that counted once: a revoked key, and that of a session that was signed out. */
let revoked: string;
let signedOut: string;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  other = await api.business("other");
  account = await signUp(api, "acme");
  const made = (await account.call("POST", "/v1/api-keys")).json();
  await account.call("DELETE", `/v1/api-keys/${made.prefix}`);
  revoked = made.secret;
  const leaving = await signUp(api, "leaving");
  await api.context.database.pool.query("DELETE FROM account_sessions WHERE account_id = $1", [leaving.accountId]);
  signedOut = leaving.token;
});
afterAll(() => api.stop());

const pathOf = (route: Route) => route.path.replaceAll(/\{\w+\}/g, "x");
const list: readonly Route[] = routes;

test("the control: there are routes, of all three kinds", () => {
  expect(new Set(list.map((route) => route.auth))).toEqual(new Set(["none", "business", "account"]));
});

describe.each(list.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", (_name, route) => {
  test("without a key is 401 exactly when it needs one", async () => {
    const response = await api.app.inject({ method: route.method, url: pathOf(route) });
    expect(response.statusCode === 401).toBe(route.auth !== "none");
  });

  test("takes an API key, an account's token, or neither, just as the contract says", async () => {
    const { method, url, payload } = requestOf(route, { endUserId: "matrix" });
    const refusalOf = async (token: string): Promise<unknown> => {
      const response = await acme.call(method, url, payload, { authorization: `Bearer ${token}` });
      const isRefused = response.statusCode === 401 || response.statusCode === 403;
      return isRefused ? [response.statusCode, response.json().code] : null;
    };
    const isOpen = route.auth === "none";
    expect({
      key: await refusalOf(acme.secret),
      account: await refusalOf(account.token),
      "a revoked key": await refusalOf(revoked),
      "a token of a session that has ended": await refusalOf(signedOut),
      "a token that was never given": await refusalOf(`${account.token}x`),
    }).toEqual({
      key: route.auth === "account" ? [403, "account_required"] : null,
      account: null,
      "a revoked key": isOpen ? null : [403, "key_revoked"],
      "a token of a session that has ended": isOpen ? null : [401, "invalid_token"],
      "a token that was never given": isOpen ? null : [401, "invalid_token"],
    });
  });

  test("with a verb that no route has there is 405 with allow", async () => {
    const response = await api.app.inject({ method: "PATCH", url: pathOf(route) });
    expect(response.statusCode).toBe(405);
    expect(String(response.headers.allow)).toContain(route.method);
  });

  test("answers errors with error, code and requestId, and the status that the contract gives the code", async () => {
    const response = await api.app.inject({ method: route.method, url: `${pathOf(route)}/and/nothing/there` });
    expect(response.json()).toEqual({
      error: expect.any(String),
      code: "route_not_found",
      requestId: response.headers["x-request-id"],
    });
    expect(response.headers["x-should-retry"]).toBe("false");
  });

  test("is described in the OpenAPI document, with every status it can answer", async () => {
    const { paths } = (await api.app.inject({ method: "GET", url: "/v1/openapi.json" })).json() as {
      paths: Record<string, Record<string, { responses: object; operationId: string }>>;
    };
    const operation = paths[route.path]?.[route.method.toLowerCase()];
    expect(operation?.operationId).toBe(route.id);
    const wanted = [
      route.reply.status,
      405,
      500,
      ...(route.auth === "none" ? [] : [401, 403, 429]),
      ...(route.body ? [400, 413, 415] : []),
    ];
    for (const status of wanted) expect(Object.keys(operation?.responses ?? {})).toContain(String(status));
  });

  test("has a handler file of its name, or is a constant", () => {
    const files = readdirSync(join(checkout, "packages/api/src/routes"));
    expect(files.includes(`${route.id}.ts`) || ["get-openapi", "get-health"].includes(route.id)).toBe(true);
  });
});

test("every success has the shape that the contract promises", async () => {
  const at = "/v1/end-users/shape/credentials";
  await acme.call("PUT", at, { redditSession: "CANARY" });
  const accepted = await acme.call("POST", `${at}/check`);
  const submitted = await acme.call("POST", "/v1/tasks", { endUserId: "shape", task: "Read my feed" });
  const { taskId, sessionId } = submitted.json();
  const cancelled = await acme.call("POST", `/v1/tasks/${taskId}/cancel`);
  const endpoint = await acme.call("POST", "/v1/webhook-endpoints", { url: "https://example.com/webhooks" });
  const endpointAt = `/v1/webhook-endpoints/${endpoint.json().endpointId}`;
  const calls: Record<string, () => Promise<Awaited<ReturnType<TestBusiness["call"]>>>> = {
    "list-end-users": () => acme.call("GET", "/v1/end-users?limit=1"),
    "set-credentials": () => acme.call("PUT", at, { redditSession: "CANARY" }),
    "get-credentials": () => acme.call("GET", at),
    "check-credentials": async () => accepted,
    "get-sealing-key": () => acme.call("GET", "/v1/end-users/shape/sealing-key"),
    "create-upload-ticket": () =>
      acme.call("POST", "/v1/end-users/shape/upload-tickets", { platforms: ["reddit"], ttlSeconds: 60 }),
    "list-credential-access": () => acme.call("GET", "/v1/credential-access?endUserId=shape&limit=1"),
    "get-task": () => acme.call("GET", `/v1/tasks/${accepted.json().taskId}`),
    "submit-task": async () => submitted,
    "cancel-task": async () => cancelled,
    "stream-task-events": () => acme.call("GET", `/v1/tasks/${taskId}/events`),
    "list-sessions": () => acme.call("GET", "/v1/tasks?limit=1"),
    "get-session": () => acme.call("GET", `/v1/sessions/${sessionId}`),
    "extract-design": () => acme.call("POST", "/v1/design/extract", { endUserId: "shape", url: "https://example.com" }),
    "extract-one-design": () =>
      acme.call("POST", "/v1/design/extract/colors", { endUserId: "shape", url: "https://example.com" }),
    "get-asset": async () => acme.call("GET", await keptAsset()),
    "get-usage": () => acme.call("GET", "/v1/usage"),
    "get-task-statistics": () => acme.call("GET", "/v1/task-statistics"),
    "get-settings": () => acme.call("GET", "/v1/settings"),
    "set-settings": () => acme.call("PUT", "/v1/settings", { allowedHosts: ["example.com"] }),
    "create-webhook-endpoint": async () => endpoint,
    "list-webhook-endpoints": () => acme.call("GET", "/v1/webhook-endpoints"),
    "test-webhook-endpoint": () => acme.call("POST", `${endpointAt}/test`),
    "list-webhook-deliveries": () => acme.call("GET", `${endpointAt}/deliveries`),
    "delete-webhook-endpoint": () => acme.call("DELETE", endpointAt),
    "create-api-key": () => account.call("POST", "/v1/api-keys", { label: "back end" }),
    "list-api-keys": () => account.call("GET", "/v1/api-keys"),
    "revoke-api-key": async () => account.call("DELETE", `/v1/api-keys/${(await newKey()).prefix}`),
    "delete-credentials": () => acme.call("DELETE", at),
    "get-openapi": () => acme.call("GET", "/v1/openapi.json"),
    "get-health": () => acme.call("GET", "/healthz"),
    "get-readiness": () => acme.call("GET", "/readyz"),
  };
  for (const route of list) {
    const response = await calls[route.id]?.();
    expect([route.id, response?.statusCode]).toEqual([route.id, route.reply.status]);
    const { contentType = "application/json" } = route.reply;
    expect(String(response?.headers["content-type"]), route.id).toContain(contentType);
    const body = contentType === "application/json" ? response?.json() : response?.body;
    expect(route.reply.body.safeParse(body).error, route.id).toBeUndefined();
  }
});

async function newKey(): Promise<{ prefix: string }> {
  return (await account.call("POST", "/v1/api-keys")).json();
}

/** The path of a file that is kept. */
async function keptAsset(): Promise<string> {
  const { db } = api.context.database;
  const file = { sourceUrl: "https://example.com/a.bin", contentType: "text/html", bytes: Buffer.from("<p>") };
  const [kept] = await storeAssets(db, acme.businessId, [file], { store: null, signal: new AbortController().signal });
  return kept ? (await api.context.assetLinks()).pathTo(kept.assetId) : "";
}

test("another tenant's task is refused as the contract says", async () => {
  const at = "/v1/end-users/foreign/credentials";
  await acme.call("PUT", at, { redditSession: "CANARY" });
  const { taskId } = (await acme.call("POST", `${at}/check`)).json() as { taskId: string };
  expect((await other.call("GET", `/v1/tasks/${taskId}`)).statusCode).toBe(403);
});
