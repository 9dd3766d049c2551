import { createResetToken } from "@stablehand/core/store/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signUp, testPassword } from "../../../../tests/support/accounts.ts";
import { startTestApi, type TestApi } from "../../../../tests/support/api.ts";
import { type MailServer, startMailServer } from "../../../../tests/support/mail-server.ts";

let mail: MailServer;
let api: TestApi;
let silent: TestApi;
const publicUrl = "https://stablehand.example.com";

beforeAll(async () => {
  mail = await startMailServer();
  const accounts = { secret: "x".repeat(32), allowSignUp: false, oidc: null };
  api = await startTestApi({
    publicUrl,
    accounts: { ...accounts, mail: { smtpUrl: mail.url, from: "Stablehand <stablehand@example.com>" } },
  });
  silent = await startTestApi();
});
afterAll(async () => {
  await Promise.all([api.stop(), silent.stop()]);
  await mail.stop();
});

const post = (to: TestApi, url: string, payload: object) => to.inject({ method: "POST", url, payload });
const newPassword = "another long password";
const reset = (to: TestApi, token: string, password = newPassword) =>
  post(to, "/auth/reset-password", { token, newPassword: password });
const signIn = async (to: TestApi, email: string, password: string) =>
  (await post(to, "/auth/sign-in/email", { email, password })).statusCode;
const tokenIn = (text: string) => /#token=([\w-]+)/.exec(text)?.[1] ?? "";

describe("a link to a new password", () => {
  test("comes by e-mail, is good once, and signs the account out everywhere", async () => {
    const { email, call, cookie } = await signUp(api, "mailed");
    expect((await post(api, "/auth/request-password-reset", { email })).statusCode).toBe(200);
    const text = await mail.next();
    expect(text).toContain(`To: ${email}`);
    expect(text).toContain(`${publicUrl}/reset#token=`);
    const token = tokenIn(text);

    expect((await call("GET", "/v1/usage")).statusCode).toBe(200);
    expect((await reset(api, token)).statusCode).toBe(200);
    expect([await signIn(api, email, testPassword), await signIn(api, email, newPassword)]).toEqual([401, 200]);
    expect((await call("GET", "/v1/usage")).statusCode).toBe(401);
    expect((await api.inject({ method: "GET", url: "/auth/token", headers: { cookie } })).statusCode).toBe(401);
    expect((await reset(api, token, testPassword)).json().code).toBe("invalid_token");
  });

  test("is answered the same when there is no such account, and then sent to nobody", async () => {
    const { email } = await signUp(api, "asked");
    const known = await post(api, "/auth/request-password-reset", { email });
    const unknown = await post(api, "/auth/request-password-reset", { email: "nobody@example.com" });
    expect([unknown.statusCode, unknown.json()]).toEqual([known.statusCode, known.json()]);
    expect(await mail.next()).toContain(email);
    expect(mail.waiting()).toBe(0);
  });

  test("leads to PUBLIC_URL, whatever Host and body say", async () => {
    const { email } = await signUp(api, "poisoned");
    await api.inject({
      method: "POST",
      url: "/auth/request-password-reset",
      headers: { host: "evil.example", "x-forwarded-host": "evil.example" },
      payload: { email },
    });
    const text = await mail.next();
    expect(text).toContain("stablehand.example.com/reset");
    expect(text).not.toContain("evil.example");
  });

  test("is printed by the operator where no e-mail is set up, which the answer says", async () => {
    const { email } = await signUp(silent, "printed");
    const asked = await post(silent, "/auth/request-password-reset", { email });
    expect([asked.statusCode, asked.json().code]).toEqual([400, "reset_password_disabled"]);
    const token = (await createResetToken(silent.context.database.db, email.toUpperCase())) ?? "";
    const both = await Promise.all([reset(silent, token), reset(silent, token, "a third long password")]);
    expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 400]);
  });

  test("is good for an hour", async () => {
    const { email } = await signUp(silent, "late");
    const { db, pool } = silent.context.database;
    const token = (await createResetToken(db, email)) ?? "";
    await pool.query("UPDATE account_verifications SET expires_at = now() - interval '1 second'");
    expect((await reset(silent, token)).json().code).toBe("invalid_token");
    expect(await signIn(silent, email, testPassword)).toBe(200);
  });

  test("is not what the database keeps of it", async () => {
    const { email } = await signUp(silent, "stolen");
    const { db, pool } = silent.context.database;
    const token = (await createResetToken(db, email)) ?? "";
    const { rows } = await pool.query<{ identifier: string; id: string }>(
      "SELECT id, identifier FROM account_verifications",
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(token);
    for (const { identifier, id } of rows)
      for (const guess of [identifier, id]) expect((await reset(silent, guess)).statusCode).toBe(400);
  });
});

test("a password is stored as a hash with a salt of its own", async () => {
  await Promise.all([signUp(silent, "salt-one"), signUp(silent, "salt-two")]);
  const { rows } = await silent.context.database.pool.query<{ password: string }>(
    "SELECT password FROM account_sign_ins",
  );
  expect(new Set(rows.map(({ password }) => password)).size).toBe(rows.length);
  expect(JSON.stringify(rows)).not.toContain(testPassword);
});

test("a changed password signs out the other sessions that it is asked to", async () => {
  const { email, cookie } = await signUp(silent, "changed");
  const other = await post(silent, "/auth/sign-in/email", { email, password: testPassword });
  const changed = await silent.inject({
    method: "POST",
    url: "/auth/change-password",
    headers: { cookie, origin: "http://localhost:80" },
    payload: { currentPassword: testPassword, newPassword, revokeOtherSessions: true },
  });
  expect(changed.statusCode).toBe(200);
  const otherCookie = other.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join("; ");
  const token = await silent.inject({ method: "GET", url: "/auth/token", headers: { cookie: otherCookie } });
  expect(token.statusCode).toBe(401);
});
