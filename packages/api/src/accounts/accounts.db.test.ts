import { randomBytes, randomUUID } from "node:crypto";
import { createSetupToken, listAccounts } from "@stablehand/core/store/accounts";
import { ensureBusiness } from "@stablehand/core/store/businesses";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cookiesOf, signUp, testPassword, tokenOf } from "../../../../tests/support/accounts.ts";
import { startTestApi, type TestApi } from "../../../../tests/support/api.ts";

let api: TestApi;
let open: TestApi;

beforeAll(async () => {
  [api, open] = await Promise.all([
    startTestApi(),
    startTestApi({ accounts: { secret: "x".repeat(32), allowSignUp: true, oidc: null, mail: null } }),
  ]);
});
afterAll(() => Promise.all([api.stop(), open.stop()]));
// Twenty sign-ups an hour are not enough for this file.
beforeEach(() => api.context.database.pool.query("DELETE FROM sign_in_attempts"));

const post = (to: TestApi, url: string, payload: object, headers: Record<string, string> = {}) =>
  to.inject({ method: "POST", url, payload, headers });
const get = (to: TestApi, url: string, headers: Record<string, string> = {}) =>
  to.inject({ method: "GET", url, headers });
const newcomer = (email: string) => ({ name: "Ann", email, password: testPassword });
const setupTokenOf = async (business: string) => {
  const { db } = api.context.database;
  return (await createSetupToken(db, await ensureBusiness(db, business))) ?? "";
};
const emails = async (of: TestApi) => (await listAccounts(of.context.database.db)).map(({ email }) => email);

describe("a set-up link", () => {
  test("makes the account of its business, which is signed in at once", async () => {
    const { businessId, cookie, email } = await signUp(api, "acme");
    const session = (await get(api, "/auth/get-session", { cookie })).json();
    expect(session.user).toMatchObject({ email, businessId });
    const usage = await get(api, "/v1/usage", { authorization: `Bearer ${await tokenOf(api, cookie)}` });
    expect(usage.statusCode).toBe(200);
  });

  test("is good once, also for two who use it at the same moment", async () => {
    const token = await setupTokenOf("twice");
    const answers = await Promise.all(
      ["one", "two", "three"].map((name) =>
        post(api, "/auth/sign-up/email", newcomer(`${name}@twice.example`), { "x-setup-token": token }),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 403, 403]);
    expect((await emails(api)).filter((email) => email.endsWith("@twice.example"))).toHaveLength(1);
    const again = await post(api, "/auth/sign-up/email", newcomer("four@twice.example"), { "x-setup-token": token });
    expect([again.statusCode, again.json().code]).toEqual([403, "signup_closed"]);
  });

  test("is not spent by a sign-up that is refused", async () => {
    const token = await setupTokenOf("patient");
    const headers = { "x-setup-token": token };
    const weak = await post(
      api,
      "/auth/sign-up/email",
      { ...newcomer("a@patient.example"), password: "short" },
      headers,
    );
    expect([weak.statusCode, weak.json().code]).toEqual([400, "password_too_short"]);
    expect((await post(api, "/auth/sign-up/email", newcomer("a@patient.example"), headers)).statusCode).toBe(200);
  });

  test.each([
    ["a name with a NUL", { name: "Ann\0" }],
    ["a name of a page", { name: "n".repeat(101) }],
    ["an e-mail address longer than there are", { email: `${randomBytes(1_500).toString("hex")}@patient.example` }],
  ])("is not spent on %s", async (what, wrong) => {
    const headers = { "x-setup-token": await setupTokenOf(what) };
    const account = newcomer(`${randomUUID()}@patient.example`);
    const refused = await post(api, "/auth/sign-up/email", { ...account, ...wrong }, headers);
    expect([refused.statusCode, refused.json().code]).toEqual([400, "invalid_request"]);
    expect((await post(api, "/auth/sign-up/email", account, headers)).statusCode).toBe(200);
  });

  test("that is over, or of which a newer one was made, makes none", async () => {
    const { pool } = api.context.database;
    const older = await setupTokenOf("late");
    const newer = await setupTokenOf("late");
    const tryWith = async (token: string) =>
      (await post(api, "/auth/sign-up/email", newcomer("a@late.example"), { "x-setup-token": token })).statusCode;
    expect(await tryWith(older)).toBe(403);
    await pool.query("UPDATE account_setup_links SET expires_at = now() - interval '1 second'");
    expect(await tryWith(newer)).toBe(403);
  });

  test("is kept as a hash, and none is made for a business that has its account", async () => {
    const token = await setupTokenOf("hashed");
    const { rows } = await api.context.database.pool.query(
      "SELECT row_to_json(l)::text AS row FROM account_setup_links l",
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(await setupTokenOf("acme")).toBe("");
  });
});

describe("without a set-up link", () => {
  test("nobody makes an account, unless sign-up is open", async () => {
    for (const headers of [{}, { "x-setup-token": "guessed" }]) {
      const refused = await post(api, "/auth/sign-up/email", newcomer("stranger@example.com"), headers);
      expect([refused.statusCode, refused.json().code]).toEqual([403, "signup_closed"]);
    }
    expect(await emails(api)).not.toContain("stranger@example.com");
  });

  test("nobody learns whether an e-mail address has an account", async () => {
    const { email } = await signUp(api, "enumerated");
    const asked = await Promise.all(
      [email, "unknown@example.com"].map((one) => post(api, "/auth/sign-up/email", newcomer(one))),
    );
    expect(asked.map((answer) => [answer.statusCode, answer.json().code])).toEqual([
      [403, "signup_closed"],
      [403, "signup_closed"],
    ]);
  });

  test("where sign-up is open, each gets a business of their own, never one that was there", async () => {
    const { db } = open.context.database;
    const taken = await ensureBusiness(db, "ann@example.com");
    for (const email of ["ann@example.com", "ben@example.com"])
      expect((await post(open, "/auth/sign-up/email", newcomer(email))).statusCode).toBe(200);
    const accounts = await listAccounts(db);
    expect(accounts.map(({ business }) => business)).toEqual([
      expect.stringMatching(/^ann@example\.com \([0-9a-f-]{36}\)$/),
      "ben@example.com",
    ]);
    expect(accounts.map(({ businessId }) => businessId)).not.toContain(taken);
  });

  test("nobody names a business, a role or an id for the new account", async () => {
    const { businessId } = await open.business("victim");
    const refused = await post(open, "/auth/sign-up/email", { ...newcomer("eve@example.com"), businessId });
    expect(refused.statusCode).toBe(400);
    await post(open, "/auth/sign-up/email", { ...newcomer("eve@example.com"), id: "mine", emailVerified: undefined });
    const [eve] = (await listAccounts(open.context.database.db)).filter(({ email }) => email === "eve@example.com");
    expect(eve?.accountId).toMatch(/^[0-9a-f-]{36}$/);
    expect(eve?.businessId).not.toBe(businessId);
  });
});

describe("the session", () => {
  test("is a cookie that script cannot read and no other site sends; Secure where people come by https", async () => {
    const secure = await startTestApi({ publicUrl: "https://stablehand.example.com" });
    try {
      for (const [to, isSecure] of [
        [api, false],
        [secure, true],
      ] as const) {
        await signUp(to, "cookies");
        const answer = await post(to, "/auth/sign-in/email", { email: "cookies@example.com", password: testPassword });
        const [session] = answer.cookies.filter(({ name }) => name.endsWith("session_token"));
        expect(session).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/" });
        expect([Boolean(session?.secure), session?.name.startsWith("__Secure-")]).toEqual([isSecure, isSecure]);
        expect(answer.headers["cache-control"]).toBe("no-store");
      }
    } finally {
      await secure.stop();
    }
  });

  test("is a new one at each sign-in: a cookie planted before is not the one that becomes signed in", async () => {
    const { email, cookie: first } = await signUp(api, "fixation");
    const planted = "stablehand.session_token=planted.value";
    const answer = await post(
      api,
      "/auth/sign-in/email",
      { email, password: testPassword },
      { cookie: planted, origin: "http://localhost:80" },
    );
    expect(answer.statusCode).toBe(200);
    const second = cookiesOf(answer);
    expect(second).not.toContain("planted");
    expect(second).not.toBe(first);
    expect((await get(api, "/auth/get-session", { cookie: planted })).json()).toBeNull();
  });

  test("is of no use by the database's row alone: the cookie carries a signature too", async () => {
    const { accountId } = await signUp(api, "rows");
    const { rows } = await api.context.database.pool.query<{ token: string }>(
      "SELECT token FROM account_sessions WHERE account_id = $1",
      [accountId],
    );
    const stolen = rows[0]?.token;
    expect(stolen).toBeTruthy();
    for (const cookie of [`stablehand.session_token=${stolen}`, `stablehand.session_token=${stolen}.AAAA`])
      expect((await get(api, "/auth/token", { cookie })).statusCode).toBe(401);
  });

  test("ends on signing out, and everywhere on signing out everywhere, with the tokens of all of them", async () => {
    const { email, cookie: first, call } = await signUp(api, "leaving");
    const origin = "http://localhost:80";
    const second = cookiesOf(await post(api, "/auth/sign-in/email", { email, password: testPassword }));
    const secondToken = await tokenOf(api, second);
    const usage = (token: string) => get(api, "/v1/usage", { authorization: `Bearer ${token}` });
    expect([(await call("GET", "/v1/usage")).statusCode, (await usage(secondToken)).statusCode]).toEqual([200, 200]);

    expect((await post(api, "/auth/sign-out", {}, { cookie: first, origin })).statusCode).toBe(200);
    expect((await call("GET", "/v1/usage")).statusCode).toBe(401);
    expect((await get(api, "/auth/get-session", { cookie: first })).json()).toBeNull();
    expect((await usage(secondToken)).statusCode).toBe(200);

    const third = cookiesOf(await post(api, "/auth/sign-in/email", { email, password: testPassword }));
    const thirdToken = await tokenOf(api, third);
    expect((await post(api, "/auth/revoke-sessions", {}, { cookie: third, origin })).statusCode).toBe(200);
    for (const token of [secondToken, thirdToken]) expect((await usage(token)).statusCode).toBe(401);
    for (const cookie of [second, third]) expect((await get(api, "/auth/token", { cookie })).statusCode).toBe(401);
  });
});

describe("a page of another site", () => {
  const elsewhere = { origin: "https://evil.example" };

  test("changes nothing with the cookie of whoever visits it", async () => {
    const { cookie, call } = await signUp(api, "csrf");
    for (const url of ["/auth/sign-out", "/auth/revoke-sessions", "/auth/change-password"])
      for (const headers of [elsewhere, { origin: "null" }, {}]) {
        const answer = await post(api, url, {}, { cookie, ...headers });
        expect([url, answer.statusCode]).toEqual([url, 403]);
      }
    expect((await call("GET", "/v1/usage")).statusCode).toBe(200);
  });

  test("signs nobody in, by script or by a form", async () => {
    const { email } = await signUp(api, "login-csrf");
    const credentials = { email, password: testPassword };
    const script = await post(api, "/auth/sign-in/email", credentials, elsewhere);
    expect([script.statusCode, script.cookies]).toEqual([403, []]);
    const form = await api.inject({
      method: "POST",
      url: "/auth/sign-in/email",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
      },
      payload: new URLSearchParams(credentials).toString(),
    });
    expect([form.statusCode, form.cookies]).toEqual([415, []]);
  });

  test("is not where a sign-in leads", async () => {
    const { email } = await signUp(api, "redirect");
    const answer = await post(api, "/auth/sign-in/email", {
      email,
      password: testPassword,
      callbackURL: "https://evil.example/",
    });
    expect([answer.statusCode, answer.cookies]).toEqual([403, []]);
  });

  test("gets nothing from /v1 by a cookie", async () => {
    const { cookie } = await signUp(api, "no-cookies");
    const answer = await get(api, "/v1/usage", { cookie });
    expect([answer.statusCode, answer.json().code]).toEqual([401, "missing_authorization"]);
  });
});

describe("what is served under /auth", () => {
  test.each([
    ["POST", "/auth/update-user"],
    ["POST", "/auth/delete-user"],
    ["POST", "/auth/change-email"],
    ["POST", "/auth/link-social"],
    ["POST", "/auth/update-session"],
    ["GET", "/auth/error"],
    ["GET", "/auth/ok"],
    ["GET", "/auth/reset-password/x"],
  ] as const)("is not %s %s", async (method, url) => {
    const { statusCode, body } = await api.inject({ method, url, ...(method === "POST" && { payload: {} }) });
    expect([statusCode, JSON.parse(body).code]).toEqual([404, "route_not_found"]);
  });

  test("is the path of the request, whatever path the Host header has", async () => {
    const keys = await get(api, "/auth/jwks", { host: "localhost/auth/ok?x=" });
    expect([keys.statusCode, Object.keys(keys.json())]).toEqual([200, ["keys"]]);
  });

  test("answers a NUL in a body, wherever it is, as what the caller did wrong", async () => {
    const { cookie } = await signUp(api, "nul");
    const headers = { cookie, origin: "http://localhost:80" };
    const refused = await post(api, "/auth/revoke-session", { token: "a\0b" }, headers);
    expect([refused.statusCode, refused.json().code]).toEqual([400, "invalid_request"]);
    const escaped = await post(api, "/auth/revoke-session", { token: String.raw`a\u0000` }, headers);
    expect(escaped.json().code).not.toBe("invalid_request");
  });

  test("tells what people can sign in with", async () => {
    const passwordCharacters = { min: 12, max: 128 };
    const closed = { signUp: false, resetByEmail: false, oidc: null, passwordCharacters };
    expect((await get(api, "/auth/options")).json()).toEqual(closed);
    expect((await get(open, "/auth/options")).json()).toEqual({ ...closed, signUp: true });
  });

  test("answers a refusal as the rest of the API does", async () => {
    const answer = await post(api, "/auth/sign-in/email", { email: "nobody@example.com", password: testPassword });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toEqual({
      error: "Invalid email or password",
      code: "invalid_email_or_password",
      requestId: answer.headers["x-request-id"],
    });
  });
});
