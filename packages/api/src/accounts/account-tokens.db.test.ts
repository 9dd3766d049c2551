import { randomUUID } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signUp, type TestAccount, tokenOf } from "../../../../tests/support/accounts.ts";
import { startTestApi, type TestApi } from "../../../../tests/support/api.ts";

let api: TestApi;
let acme: TestAccount;

beforeAll(async () => {
  api = await startTestApi();
  acme = await signUp(api, "acme");
});
afterAll(() => api.stop());

const use = (token: string) =>
  api.inject({ method: "GET", url: "/v1/usage", headers: { authorization: `Bearer ${token}` } });
const refusal = async (token: string) => {
  const answer = await use(token);
  return [answer.statusCode, answer.json().code, String(answer.headers["www-authenticate"])];
};
const invalid = [401, "invalid_token", 'Bearer realm="stablehand", error="invalid_token"'];

describe("a token of a session", () => {
  test("lasts a quarter of an hour at most, and says who and which session, and nothing else", () => {
    const { exp = 0, iat = 0, ...claims } = decodeJwt(acme.token);
    expect(exp - iat).toBeLessThanOrEqual(900);
    expect(claims).toEqual({ sub: acme.accountId, sid: expect.any(String), iss: "stablehand", aud: "stablehand-api" });
  });

  test("is verified by the keys that are published, which hold no private half", async () => {
    const { keys } = (await api.inject({ method: "GET", url: "/auth/jwks" })).json();
    expect(keys.map(({ kid }: { kid: string }) => kid)).toContain(decodeProtectedHeader(acme.token).kid);
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(["alg", "crv", "kid", "kty", "x"]);
  });

  test("is of its own business", async () => {
    const other = await api.business("other");
    const { taskId } = (await other.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read" })).json();
    expect((await acme.call("GET", `/v1/tasks/${taskId}`)).statusCode).toBe(403);
    const { taskId: own } = (await acme.call("POST", "/v1/tasks", { task: "Read" })).json();
    expect((await other.call("GET", `/v1/tasks/${own}`)).statusCode).toBe(403);
    expect((await acme.call("GET", `/v1/tasks/${own}`)).json().businessId).toBe(acme.businessId);
  });

  test("ends with its session, and with the account", async () => {
    const gone = await signUp(api, "gone");
    const { pool } = api.context.database;
    await pool.query("UPDATE account_sessions SET expires_at = now() WHERE account_id = $1", [gone.accountId]);
    expect(await refusal(gone.token)).toEqual(invalid);
    const deleted = await signUp(api, "deleted");
    expect((await use(deleted.token)).statusCode).toBe(200);
    await pool.query("DELETE FROM accounts WHERE id = $1", [deleted.accountId]);
    expect(await refusal(deleted.token)).toEqual(invalid);
  });

  test("does what an API key does where the key is confirmed by the statement, and is written down as the account", async () => {
    const at = "/v1/end-users/carol/credentials";
    expect((await acme.call("PUT", at, { redditSession: "CANARY" })).statusCode).toBe(200);
    expect((await acme.call("POST", `${at}/check`)).statusCode).toBe(202);
    expect((await acme.call("DELETE", at)).statusCode).toBe(200);
    const { accesses } = (await acme.call("GET", "/v1/credential-access?endUserId=carol")).json();
    expect(
      accesses.map(({ action, accountId, apiKeyId }: Record<string, string>) => [action, accountId, apiKeyId]),
    ).toEqual([
      ["delete", acme.accountId, undefined],
      ["set", acme.accountId, undefined],
    ]);
  });
});

describe("a forged token", () => {
  const claims = () => decodeJwt(acme.token);

  test("that another key signed is refused, whatever its header says", async () => {
    const { privateKey, publicKey } = await generateKeyPair("EdDSA");
    const { kid } = decodeProtectedHeader(acme.token);
    const jwk = await exportJWK(publicKey);
    for (const header of [
      { alg: "EdDSA", kid },
      { alg: "EdDSA", kid: randomUUID() },
      { alg: "EdDSA", kid: "a\0b" },
      { alg: "EdDSA" },
      { alg: "EdDSA", jwk },
      { alg: "EdDSA", kid, jku: "http://127.0.0.1:9/jwks" },
    ])
      expect(await refusal(await new SignJWT(claims()).setProtectedHeader(header as never).sign(privateKey))).toEqual(
        invalid,
      );
  });

  test("by a key of another kind is refused: none, or the public key taken for a secret", async () => {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const { kid } = decodeProtectedHeader(acme.token);
    expect(await refusal(`${encode({ alg: "none", kid })}.${encode(claims())}.AA`)).toEqual(invalid);
    const { keys } = (await api.inject({ method: "GET", url: "/auth/jwks" })).json();
    const secret = Buffer.from(JSON.stringify(keys[0]));
    const hmac = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid }).sign(secret);
    expect(await refusal(hmac)).toEqual(invalid);
  });

  test("with any character changed is refused", async () => {
    expect((await use(acme.token)).statusCode).toBe(200);
    for (let at = 0; at < acme.token.length; at += 7) {
      const changed = `${acme.token.slice(0, at)}${acme.token[at] === "A" ? "B" : "A"}${acme.token.slice(at + 1)}`;
      if (isSameSignature(changed)) continue;
      expect((await use(changed)).statusCode, changed).toBe(401);
    }
  });

  /** The last character of a signature has bits that mean nothing. */
  function isSameSignature(token: string): boolean {
    const decode = (text: string) => text.split(".").map((part) => Buffer.from(part, "base64url").toString("hex"));
    return decode(token).join() === decode(acme.token).join();
  }

  test("signed by our key but over, for another audience, or of a session that never was, is refused", async () => {
    const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
    const kid = randomUUID();
    await api.context.database.pool.query(
      "INSERT INTO account_token_keys (id, public_key, private_key, created_at) VALUES ($1, $2, '', now())",
      [kid, JSON.stringify(await exportJWK(publicKey))],
    );
    const sign = (payload: JWTPayload) =>
      new SignJWT({ ...claims(), ...payload }).setProtectedHeader({ alg: "EdDSA", kid }).sign(privateKey);
    const now = Math.floor(Date.now() / 1_000);
    expect((await use(await sign({}))).statusCode, "the control").toBe(200);
    for (const payload of [
      { exp: now - 1 },
      { exp: undefined },
      { iat: now - 1_000, exp: now + 1_000 },
      { nbf: now + 60 },
      { aud: "another" },
      { iss: "another" },
      { sid: randomUUID() },
      { sid: 7 },
      { sid: undefined },
    ])
      expect(await refusal(await sign(payload)), JSON.stringify(payload)).toEqual(invalid);
    await api.context.database.pool.query("DELETE FROM account_token_keys WHERE id = $1", [kid]);
  });
});

test("a token made on one process is taken by another, and ends there too when it is signed out here", async () => {
  const second = await startTestApi({ databaseUrl: api.databaseUrl });
  try {
    const token = await tokenOf(api, acme.cookie);
    const there = () =>
      second.inject({ method: "GET", url: "/v1/usage", headers: { authorization: `Bearer ${token}` } });
    expect((await there()).statusCode).toBe(200);
    const headers = { cookie: acme.cookie, origin: "http://localhost:80" };
    await api.inject({ method: "POST", url: "/auth/sign-out", headers, payload: {} });
    expect((await there()).statusCode).toBe(401);
  } finally {
    await second.stop();
  }
});

test("what is no token and no key is refused as before", async () => {
  for (const token of ["a.b.c", "..", "a.b", "eyJ.eyJ.x", `sb_live_${"x".repeat(8)}_${"y".repeat(40)}`])
    expect((await refusal(token)).slice(0, 2)).toEqual([401, "invalid_token"]);
});
