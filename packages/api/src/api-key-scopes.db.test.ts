import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Route, routes, type Scope, scopes } from "@stablehand/contract";
import { createApiKey, type Narrowing, revokeApiKey, rotateApiKey } from "@stablehand/core/store/api-keys";
import { writeCredentials } from "@stablehand/core/store/credential-writes";
import { submitTasks } from "@stablehand/core/store/task-submissions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import { checkout } from "../../../tests/support/checkout.ts";
import { requestOf } from "../../../tests/support/route-request.ts";

let api: TestApi;
let acme: TestBusiness;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
});
afterAll(() => api.stop());

const guarded: readonly Route[] = routes.filter((route) => route.auth === "business");

/** A key of acme's that is narrowed, and how it calls. */
async function narrowKey(narrowing: Narrowing) {
  const key = await createApiKey(api.context.database.db, acme.businessId, null, narrowing);
  return { ...key, call: callerOf(key.secret) };
}

function callerOf(secret: string) {
  return async (method: string, url: string, payload?: unknown) => {
    const response = await acme.call(method, url, payload, { authorization: `Bearer ${secret}` });
    const isJson = String(response.headers["content-type"]).startsWith("application/json");
    return { status: response.statusCode, code: isJson ? (response.json().code as string | undefined) : undefined };
  };
}

describe("scopes", () => {
  /** The kinds of keys that the matrix has a column for. */
  const columns: readonly [name: string, narrowing: Narrowing][] = [
    ...scopes.map((scope) => [scope, { scopes: [scope] }] as [string, Narrowing]),
    ["all five", { scopes }],
    ["not narrowed", {}],
  ];
  const isAllowed = (route: Route, { scopes: held }: Narrowing) =>
    held === undefined || held.includes(route.scope as Scope); // "whole" is in no list

  describe.each(columns)("a key with %s", (_name, narrowing) => {
    test.each(guarded.map((route) => [route.id, route] as const))(
      "calls %s only as the contract says",
      async (_id, route) => {
        const { call } = await narrowKey(narrowing);
        const { method, url, payload } = requestOf(route, { endUserId: "matrix" });
        const { status, code } = await call(method, url, payload);
        const refused = status === 403 && code === "scope_missing";
        expect([route.id, refused]).toEqual([route.id, !isAllowed(route, narrowing)]);
        expect(status).not.toBe(401);
      },
    );
  });

  test("the matrix in docs/api-keys.md is the contract's, cell by cell", () => {
    const lines = readFileSync(join(checkout, "docs/api-keys.md"), "utf8").split("\n");
    const table = lines.filter((line) => /^\| `(GET|POST|PUT|DELETE) /.test(line));
    const expected = guarded.map((route) => {
      const cells = columns.map(([, narrowing]) => (isAllowed(route, narrowing) ? "yes" : "–"));
      return `| \`${route.method} ${route.path}\` | ${cells.join(" | ")} |`;
    });
    expect(table).toEqual(expected);
  });

  test("that are missing are named, before the body is looked at", async () => {
    const { secret } = await narrowKey({ scopes: ["tasks:read"] });
    const response = await acme.call("PUT", "/v1/end-users/a/credentials", "{ broken", {
      authorization: `Bearer ${secret}`,
    });
    expect(response.json()).toMatchObject({
      code: "scope_missing",
      error: "This takes the scope credentials:write, which this API key does not have: it has tasks:read.",
    });
  });
});

describe("a key for some end-users", () => {
  const endUsers: Record<string, string> = { mine: "eu-alice", other: "us-alice", almost: "eu", empty: "EU-alice" };

  test.each(guarded.map((route) => [route.id, route] as const))(
    "calls %s for them and for no others",
    async (_id, route) => {
      const { call } = await narrowKey({ endUserPrefix: "eu-" });
      for (const [name, endUserId] of Object.entries(endUsers)) {
        const stored = await storedOf(endUserId);
        const { method, url, payload } = requestOf(route, { endUserId, ...stored });
        const { status, code } = await call(method, url, payload);
        const wanted =
          route.scope === "whole"
            ? "scope_missing"
            : route.endUser === "all" || (route.endUser !== "listed" && name !== "mine")
              ? "end_user_not_allowed"
              : undefined;
        if (wanted) expect([route.id, name, status, code]).toEqual([route.id, name, 403, wanted]);
        else expect([route.id, name, status < 300 || code === "no_credentials"]).toEqual([route.id, name, true]);
      }
    },
  );

  test.each(["/v1/tasks", "/v1/credential-access"])("has to name one in GET %s", async (url) => {
    const { call } = await narrowKey({ endUserPrefix: "eu-" });
    expect(await call("GET", url)).toEqual({ status: 403, code: "end_user_not_allowed" });
    expect((await call("GET", `${url}?endUserId=eu-x`)).status).toBe(200);
  });

  /** A task and a session of an end-user, by a key that may. */
  async function storedOf(endUserId: string): Promise<{ taskId: string; sessionId: string }> {
    const task = (await acme.call("POST", "/v1/tasks", { endUserId, task: "Read" })).json();
    await acme.call("POST", `/v1/tasks/${task.taskId}/cancel`); // its events then have an end
    return task;
  }
});

describe("a key with an end", () => {
  const soon = () => new Date(Date.now() + 3_600_000);
  const expire = (keyId: string) =>
    api.context.database.pool.query("UPDATE api_keys SET expires_at = now() WHERE key_id = $1", [keyId]);

  test("is 401 from then on, on every route, also right after it was accepted, and whatever the body", async () => {
    for (const route of guarded) {
      const { keyId, call } = await narrowKey({ expiresAt: soon() });
      const { method, url, payload } = requestOf(route, { endUserId: "expiring" });
      expect((await call(method, url, payload)).status, route.id).not.toBe(401);
      await expire(keyId);
      for (const body of payload === undefined ? [undefined] : [payload, "{ broken"])
        expect(await call(method, url, body), route.id).toEqual({ status: 401, code: "key_expired" });
    }
  });

  test("stores nothing and makes no task in the statement that confirms it", async () => {
    const { keyId, call } = await narrowKey({ expiresAt: soon() });
    const url = "/v1/end-users/late/credentials";
    expect((await call("PUT", url, { redditSession: "CANARY" })).status).toBe(200);
    await expire(keyId);
    expect((await call("PUT", url, { twitterCt0: "CANARY" })).status).toBe(401);
    const { details } = (await acme.call("GET", url)).json();
    expect([Object.keys(details.reddit.fields), Object.keys(details.twitter.fields)]).toEqual([["redditSession"], []]);
  });
});

describe("the statements that confirm a caller by themselves", () => {
  const cases: [string, Narrowing, boolean][] = [
    ["of no narrowing", {}, true],
    ["with the scope", { scopes: ["tasks:run", "credentials:write"] }, true],
    ["without the scope", { scopes: ["tasks:read", "design:run", "credentials:read"] }, false],
    ["for this end-user", { endUserPrefix: "ali" }, true],
    ["for others", { endUserPrefix: "alicf" }, false],
    ["that has expired", { expiresAt: new Date(Date.now() - 1_000) }, false],
    ["that has not", { expiresAt: new Date(Date.now() + 60_000) }, true],
  ];
  test.each(cases)("store and submit with a key %s, or refuse", async (_name, narrowing, allowed) => {
    const { keyId } = await narrowKey(narrowing);
    const { pool } = api.context.database;
    const asked = { businessId: acme.businessId, endUserId: "alice", apiKeyId: keyId, actor: `key:${keyId}` };
    const newKey = { publicKey: Buffer.alloc(32), sealedPrivateKey: Buffer.alloc(8), keyringKeyId: Buffer.alloc(8) };
    const write = {
      ...asked,
      keyId: Buffer.alloc(8),
      newKey,
      values: [{ field: "twitterCt0" as const, sealed: Buffer.alloc(1) }],
    };
    expect(await writeCredentials(pool, [write])).toEqual([allowed ? "stored" : "refused"]);
    const task = { ...asked, kind: "browse" as const, task: "Read", sessionId: null };
    for (const idempotency of [null, { key: keyId, bodyHash: Buffer.alloc(32) }]) {
      const [outcome] = await submitTasks(pool, [{ ...task, idempotency }], null);
      expect(outcome?.outcome).toBe(allowed ? "created" : "refused");
    }
  });

  test("take design:run for an extraction, and tasks:run for no extraction", async () => {
    const { keyId } = await narrowKey({ scopes: ["design:run"] });
    const task = {
      businessId: acme.businessId,
      endUserId: "alice",
      apiKeyId: keyId,
      task: "x",
      sessionId: null,
      idempotency: null,
    };
    const outcomes = await submitTasks(
      api.context.database.pool,
      [
        { ...task, kind: "design" },
        { ...task, kind: "browse" },
        { ...task, kind: "check" },
      ],
      null,
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["created", "refused", "refused"]);
  });
});

describe("a rotated key", () => {
  const rotate = (keyId: string, graceMs: number, expiresAt?: Date) =>
    rotateApiKey(api.context.database.db, acme.businessId, keyId, { graceMs, expiresAt });
  const url = "/v1/end-users/eu-alice/credentials";

  test("goes on for the grace period, beside its successor, which may do just the same", async () => {
    const narrowing: Narrowing = {
      scopes: ["credentials:read"],
      endUserPrefix: "eu-",
      expiresAt: new Date("2099-01-01"),
    };
    const old = await narrowKey(narrowing);
    const rotation = await rotate(old.keyId, 60_000);
    if (rotation.outcome !== "rotated") throw new Error(rotation.outcome);
    expect(rotation.created).toMatchObject(narrowing);
    expect(rotation.old).toMatchObject({ keyId: old.keyId, replacedBy: rotation.created.keyId });
    const ends = rotation.old.expiresAt?.getTime() ?? 0;
    expect(ends).toBeGreaterThan(Date.now() + 30_000);
    expect(ends).toBeLessThan(Date.now() + 90_000);
    const successor = callerOf(rotation.created.secret);
    for (const call of [old.call, successor]) {
      expect((await call("GET", url)).status).toBe(200);
      expect((await call("PUT", url, { redditSession: "CANARY" })).code).toBe("scope_missing");
      expect((await call("GET", "/v1/end-users/us-bob/credentials")).code).toBe("end_user_not_allowed");
    }
  });

  test("without grace is 401 at once; its successor goes on", async () => {
    const old = await narrowKey({});
    const rotation = await rotate(old.keyId, 0, new Date("2099-02-02"));
    if (rotation.outcome !== "rotated") throw new Error(rotation.outcome);
    expect(rotation.created.expiresAt).toEqual(new Date("2099-02-02"));
    expect(await old.call("GET", url)).toEqual({ status: 401, code: "key_expired" });
    expect((await callerOf(rotation.created.secret)("GET", url)).status).toBe(200);
  });

  test("never lives longer by it, and is not rotated twice, nor when it is revoked, expired or another's", async () => {
    const brief = await narrowKey({ expiresAt: new Date(Date.now() + 60_000) });
    const rotation = await rotate(brief.keyId, 86_400_000);
    expect(rotation).toMatchObject({ old: { expiresAt: brief.expiresAt } });
    expect((await rotate(brief.keyId, 1)).outcome).toBe("ended");
    const revoked = await narrowKey({});
    await revokeApiKey(api.context.database.db, acme.businessId, revoked.keyId);
    expect((await rotate(revoked.keyId, 1)).outcome).toBe("ended");
    const expired = await narrowKey({ expiresAt: new Date(Date.now() - 1_000) });
    expect((await rotate(expired.keyId, 1)).outcome).toBe("ended");
    const other = await api.business("other");
    expect((await rotate(other.keyId, 1)).outcome).toBe("unknown");
  });
});
