import { createApiKey as storeApiKey } from "@stablehand/core/store/api-keys";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signUp, type TestAccount } from "../../../tests/support/accounts.ts";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";

let api: TestApi;
let second: TestApi;
let acme: TestBusiness;
let account: TestAccount;
let other: TestAccount;

beforeAll(async () => {
  api = await startTestApi();
  second = await startTestApi({ databaseUrl: api.databaseUrl });
  acme = await api.business("acme");
  account = await signUp(api, "acme");
  other = await signUp(api, "other");
});
afterAll(async () => {
  await second.stop();
  await api.stop();
});

const create = async (payload?: unknown) => (await account.call("POST", "/v1/api-keys", payload)).json();
const use = async (to: TestApi, secret: string) => {
  const headers = { authorization: `Bearer ${secret}` };
  return (await to.inject({ method: "GET", url: "/v1/usage", headers })).statusCode;
};

describe("POST /v1/api-keys", () => {
  test("makes a key as the contract has it, whose secret is shown once and kept nowhere", async () => {
    const made = await create({ label: "back end" });
    expect(made).toEqual({
      keyId: made.prefix,
      prefix: expect.stringMatching(/^sb_live_[A-Za-z0-9]{8}$/),
      secret: expect.stringMatching(/^sb_live_[A-Za-z0-9]{8}_[A-Za-z0-9]{40}$/),
      label: "back end",
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(made.secret.startsWith(made.prefix)).toBe(true);
    expect(await use(api, made.secret)).toBe(200);
    expect((await account.call("GET", "/v1/api-keys")).body).not.toContain(made.secret);
    const { rows } = await api.context.database.pool.query("SELECT to_jsonb(k)::text AS row FROM api_keys k");
    expect(JSON.stringify(rows)).not.toContain(made.secret.slice(17));
  });

  test("takes no label, and one of sixty characters, of whatever script", async () => {
    for (const payload of [undefined, {}]) expect((await create(payload)).label).toBeNull();
    for (const label of ["x".repeat(60), "🍪".repeat(60), ""]) expect((await create({ label })).label).toBe(label);
  });

  test.each([
    [{ label: "x".repeat(61) }, "label is longer than 60 characters"],
    [{ label: 7 }, "label must be a string"],
    [{ label: "a\0b" }, "label contains a NUL character or half of a surrogate pair"],
    [{ label: "\ud83c" }, "label contains a NUL character or half of a surrogate pair"],
    [[], 'the body must be a JSON object such as {"label":"back end"}'],
  ])("refuses %j", async (payload, error) => {
    const answer = await account.call("POST", "/v1/api-keys", payload);
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      expect.objectContaining({ error, code: "invalid_request" }),
    ]);
  });
});

describe("GET /v1/api-keys", () => {
  test("lists the business's keys, newest first, revoked ones included, with what narrows them", async () => {
    const { db } = api.context.database;
    const expiresAt = new Date(Date.now() + 60_000);
    const narrow = await storeApiKey(db, account.businessId, "narrow", {
      scopes: ["tasks:read"],
      endUserPrefix: "eu-",
      expiresAt,
    });
    const made = await create({ label: "newest" });
    await account.call("DELETE", `/v1/api-keys/${made.prefix}`);
    const { keys } = (await account.call("GET", "/v1/api-keys")).json();
    expect(keys[0]).toEqual({
      keyId: made.prefix,
      prefix: made.prefix,
      label: "newest",
      createdAt: made.createdAt,
      lastUsedAt: null,
      revokedAt: expect.any(String),
    });
    expect(keys[1]).toMatchObject({
      keyId: narrow.keyId,
      scopes: ["tasks:read"],
      endUserPrefix: "eu-",
      expiresAt: expiresAt.toISOString(),
    });
    expect(keys.map(({ keyId }: { keyId: string }) => keyId)).toContain(acme.keyId);
    expect((await other.call("GET", "/v1/api-keys")).json()).toEqual({ keys: [] });
  });
});

describe("DELETE /v1/api-keys/{prefix}", () => {
  test("revokes at once, on every process, and again gives the same answer", async () => {
    const made = await create();
    expect([await use(api, made.secret), await use(second, made.secret)]).toEqual([200, 200]);
    const first = await account.call("DELETE", `/v1/api-keys/${made.prefix}`);
    expect(first.json()).toMatchObject({ keyId: made.prefix, revokedAt: expect.any(String) });
    expect([await use(api, made.secret), await use(second, made.secret)]).toEqual([403, 403]);
    const again = await account.call("DELETE", `/v1/api-keys/${made.prefix}`);
    expect([again.statusCode, again.json().revokedAt]).toEqual([200, first.json().revokedAt]);
  });

  test("knows no key that was never made, nor another business's, which goes on", async () => {
    for (const prefix of ["sb_live_00000000", "sb_live_", "x", "%00".repeat(16), `${acme.keyId}x`]) {
      const answer = await account.call("DELETE", `/v1/api-keys/${prefix}`);
      expect([prefix, answer.statusCode, answer.json().code]).toEqual([prefix, 404, "api_key_not_found"]);
    }
    expect((await other.call("DELETE", `/v1/api-keys/${acme.keyId}`)).statusCode).toBe(404);
    expect(await use(api, acme.secret)).toBe(200);
  });
});

test("an API key makes, lists and revokes none, not even itself, and is told so", async () => {
  for (const [method, url] of [
    ["POST", "/v1/api-keys"],
    ["GET", "/v1/api-keys"],
    ["DELETE", `/v1/api-keys/${acme.keyId}`],
  ] as const) {
    const answer = await acme.call(method, url);
    expect([answer.statusCode, answer.json().code]).toEqual([403, "account_required"]);
  }
  expect(await use(api, acme.secret)).toBe(200);
});

describe("endUserId of tasks and extractions", () => {
  const submissions = [
    ["/v1/tasks", { task: "Read" }, 201],
    ["/v1/design/extract", { url: "https://example.com" }, 202],
    ["/v1/design/extract/colors", { url: "https://example.com" }, 202],
  ] as const;

  test.each(submissions)("is self by default for an account in POST %s", async (url, body, status) => {
    const own = await account.call("POST", url, body);
    expect(own.statusCode).toBe(status);
    expect((await account.call("GET", `/v1/tasks/${own.json().taskId}`)).json().endUserId).toBe("self");
    const named = await account.call("POST", url, { ...body, endUserId: "alice" });
    expect((await account.call("GET", `/v1/tasks/${named.json().taskId}`)).json().endUserId).toBe("alice");
  });

  test.each(submissions)("is required of an API key in POST %s", async (url, body) => {
    const answer = await acme.call("POST", url, body);
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      expect.objectContaining({ code: "invalid_request", error: expect.stringContaining("endUserId is missing") }),
    ]);
    const narrow = await storeApiKey(api.context.database.db, acme.businessId, null, { endUserPrefix: "eu-" });
    const headers = { authorization: `Bearer ${narrow.secret}` };
    expect((await acme.call("POST", url, body, headers)).statusCode).toBe(400);
  });

  test.each([null, "", 7, "a\0"])("%j is refused of both", async (endUserId) => {
    for (const caller of [account, acme])
      expect((await caller.call("POST", "/v1/tasks", { task: "Read", endUserId })).statusCode).toBe(400);
  });

  test("self of one business is not self of another", async () => {
    const { sessionId } = (await account.call("POST", "/v1/tasks", { task: "Read" })).json();
    expect((await other.call("POST", "/v1/tasks", { task: "Read", sessionId })).statusCode).toBe(403);
    expect((await account.call("POST", "/v1/tasks", { task: "Read", sessionId })).statusCode).toBe(201);
    expect((await account.call("POST", "/v1/tasks", { task: "Read", sessionId, endUserId: "alice" })).json().code).toBe(
      "session_of_other_end_user",
    );
  });
});
