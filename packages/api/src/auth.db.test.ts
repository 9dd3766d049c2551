import { randomUUID } from "node:crypto";
import { revokeApiKey } from "@stablehand/core/store/api-keys";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import { createApp } from "./app.ts";
import { openContext } from "./context.ts";

let api: TestApi;
let acme: TestBusiness;
const url = "/v1/end-users/alice/credentials";

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
});
afterAll(() => api.stop());

const get = (authorization?: string) =>
  api.app.inject({ method: "GET", url, ...(authorization !== undefined && { headers: { authorization } }) });

describe("the Authorization header", () => {
  test("that is missing is 401 and says what to send", async () => {
    const response = await get();
    expect(response.statusCode).toBe(401);
    expect(response.headers["www-authenticate"]).toBe('Bearer realm="stablehand"');
    expect(response.json()).toMatchObject({
      code: "missing_authorization",
      error: expect.stringMatching(/Bearer sb_live_/),
    });
  });

  const flipped = (secret: string) => secret.slice(0, -1) + (secret.endsWith("A") ? "B" : "A");
  test.each<[string, (secret: string) => string]>([
    ["empty", () => ""],
    ["without a scheme", (secret) => secret],
    ["of another scheme", (secret) => `Basic ${secret}`],
    ["with two tokens", (secret) => `Bearer ${secret} ${secret}`],
    ["with a key that differs in the last character", (secret) => `Bearer ${flipped(secret)}`],
    ["with a key cut short", (secret) => `Bearer ${secret.slice(0, -1)}`],
    ["with a prefix only", (secret) => `Bearer ${secret.slice(0, 16)}`],
    ["with a JWT, which no dashboard has issued", () => "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."],
    ["with a key in other case", (secret) => `Bearer ${secret.toUpperCase()}`],
  ])("%s is 401 with www-authenticate", async (_name, header) => {
    const response = await get(header(acme.secret));
    expect(response.statusCode).toBe(401);
    expect(response.headers["www-authenticate"]).toMatch(/^Bearer realm="stablehand", error="invalid_token"$/);
    expect(response.json().code).toBe("invalid_token");
    expect(response.body).not.toContain(acme.secret.slice(0, -2));
  });

  test("may be written with the scheme in any case", async () => {
    for (const scheme of ["bearer", "BEARER"]) expect((await get(`${scheme} ${acme.secret}`)).statusCode).toBe(200);
  });
});

test("a body is not even parsed for a stranger: 401 comes before 400, 413 and 415", async () => {
  for (const payload of ["{", "x".repeat(1_100_000)])
    for (const type of ["application/json", "text/plain"]) {
      const response = await api.app.inject({ method: "PUT", url, payload, headers: { "content-type": type } });
      expect(response.statusCode).toBe(401);
    }
});

describe("a revoked key", () => {
  test("is 403 on the very next request, on every process, for every route and whatever the body", async () => {
    const { keyId, secret, call } = await api.business("revoked");
    const second = await openContext(
      {
        databaseUrl: api.databaseUrl,
        connectionsMax: 4,
        host: "",
        port: 0,
        publicKeyringFile: api.vault.publicKeyringFile,
        trustedProxies: [],
        accounts: api.context.accountSettings,
        logLevel: "silent",
      },
      api.context.log,
    );
    const secondApp = createApp(second);
    const headers = { authorization: `Bearer ${secret}` };
    const onSecond = () => secondApp.inject({ method: "GET", url, headers });
    for (let again = 0; again < 3; again++)
      expect([(await call("GET", url)).statusCode, (await onSecond()).statusCode]).toEqual([200, 200]);

    const { businessId } = await api.business("revoked");
    const revoked = await revokeApiKey(api.context.database.db, businessId, keyId);

    expect((await call("GET", url)).statusCode).toBe(403);
    expect((await onSecond()).statusCode).toBe(403);
    for (const [method, path, body] of [
      ["PUT", url, "{ broken"],
      ["PUT", url, { twitterCt0: "CANARY" }],
      ["DELETE", url, undefined],
      ["POST", `${url}/check`, undefined],
      ["GET", "/v1/tasks/x", undefined],
      ["GET", "/v1/end-users//credentials", undefined],
    ] as const) {
      const response = await call(method, path, body);
      expect([method, path, response.statusCode, response.json().code]).toEqual([method, path, 403, "key_revoked"]);
    }
    expect(await revokeApiKey(api.context.database.db, businessId, keyId)).toEqual(revoked);
    await secondApp.close();
    await second.close();
  });

  test.each<[string, string, unknown, Record<string, string>]>([
    ["a good body", url, { twitterCt0: "CANARY" }, {}],
    ["a broken body", url, "{ broken", {}],
    ["a bad field", url, { twitterCt0: "" }, {}],
    ["another content type", url, "x", { "content-type": "text/plain" }],
    ["a body too large", url, "x".repeat(1_100_000), {}],
    ["an id too long", `/v1/end-users/${"a".repeat(257)}/credentials`, { twitterCt0: "CANARY" }, {}],
  ])("that a PUT has just been accepted with is 403 on the next PUT, with %s", async (_name, path, body, headers) => {
    const known = await api.business("recognised");
    expect((await known.call("PUT", "/v1/end-users/seen/credentials", { twitterCt0: "CANARY" })).statusCode).toBe(200);
    await revokeApiKey(api.context.database.db, known.businessId, known.keyId);
    const response = await known.call("PUT", path, body, headers);
    expect([response.statusCode, response.json().code]).toEqual([403, "key_revoked"]);
  });

  test.each<[string, unknown, Record<string, string>]>([
    ["a new task", { endUserId: "alice", task: "Read" }, {}],
    ["a further turn", { endUserId: "alice", task: "Read", sessionId: "the first one's" }, {}],
    ["a new Idempotency-Key", { endUserId: "alice", task: "Read" }, { "idempotency-key": "new" }],
    ["a repetition", { endUserId: "alice", task: "Read" }, { "idempotency-key": "seen" }],
    ["another body under the same Idempotency-Key", { endUserId: "bob", task: "Read" }, { "idempotency-key": "seen" }],
    ["an unknown session", { endUserId: "alice", task: "Read", sessionId: randomUUID() }, {}],
    ["a bad body", { endUserId: "alice" }, {}],
  ])(
    "that a task has just been accepted with is 403 on the next task, and makes none: %s",
    async (_name, body, headers) => {
      const known = await api.business("submitting");
      const first = await known.call(
        "POST",
        "/v1/tasks",
        { endUserId: "alice", task: "Read" },
        { "idempotency-key": "seen" },
      );
      expect(first.statusCode).toBe(201);
      const count = async () => (await api.context.database.pool.query("SELECT count(*) FROM tasks")).rows[0].count;
      const before = await count();
      await revokeApiKey(api.context.database.db, known.businessId, known.keyId);
      const sessionId = first.json().sessionId;
      const turn =
        (body as { sessionId?: string }).sessionId === "the first one's" ? { ...(body as object), sessionId } : body;
      const response = await known.call("POST", "/v1/tasks", turn, headers);
      expect([response.statusCode, response.json().code]).toEqual([403, "key_revoked"]);
      expect(await count()).toBe(before);
    },
  );

  test("of another business cannot be revoked by its prefix", async () => {
    const { businessId } = await api.business("stranger");
    expect(await revokeApiKey(api.context.database.db, businessId, acme.keyId)).toBeNull();
    expect((await acme.call("GET", url)).statusCode).toBe(200);
  });
});

describe("an API key", () => {
  test("has the promised form, and only a hash of it is stored", async () => {
    expect(acme.secret).toMatch(/^sb_live_[A-Za-z0-9]{8}_[A-Za-z0-9]{40}$/);
    expect(acme.keyId).toBe(acme.secret.slice(0, 16));
    const { rows } = await api.context.database.pool.query("SELECT * FROM api_keys WHERE key_id = $1", [acme.keyId]);
    expect(JSON.stringify(rows)).not.toContain(acme.secret.slice(17));
    expect(rows[0].secret_hash).toHaveLength(32);
  });
});

describe("paths and verbs", () => {
  test("an unknown path is 404, key or not", async () => {
    for (const path of ["/v1", "/v1/nothing", `${url}/`, "/v1/end-users/alice", "//v1/tasks/x", "/v1/%zz"]) {
      const response = await api.app.inject({ method: "GET", url: path });
      expect([path, response.statusCode]).toEqual([path, 404]);
      expect(response.json().code).toBe("route_not_found");
      expect(response.headers["x-request-id"]).toBe(response.json().requestId);
    }
  });

  test("a wrong verb is 405 and names the right ones, key or not, whatever the verb", async () => {
    for (const method of ["POST", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]) {
      const response = await api.app.inject({ method: method as "GET", url }); // some are not in the library's list
      expect([method, response.statusCode]).toEqual([method, 405]);
      expect(response.headers.allow).toBe("PUT, GET, HEAD, DELETE");
    }
  });

  test("HEAD works where GET does, and has no body", async () => {
    const response = await acme.call("HEAD", url);
    expect([response.statusCode, response.body]).toEqual([200, ""]);
  });

  test("every answer has an x-request-id of its own, never the caller's", async () => {
    const ids = new Set<unknown>();
    for (const headers of [{}, { "x-request-id": "chosen" }, { authorization: "x" }]) {
      const response = await api.app.inject({ method: "GET", url, headers });
      ids.add(response.headers["x-request-id"]);
    }
    expect(ids.size).toBe(3);
    expect([...ids]).not.toContain("chosen");
  });
});

test("lastUsedAt of a key is stored, soon after", async () => {
  const used = await api.business("used");
  await used.call("GET", url);
  const lastUsed = async () =>
    (await api.context.database.pool.query("SELECT last_used_at FROM api_keys WHERE key_id = $1", [used.keyId])).rows[0]
      .last_used_at as Date | null;
  await expect.poll(lastUsed, { timeout: 10_000 }).toBeInstanceOf(Date);
});
