import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { signUp, testPassword } from "../../../../tests/support/accounts.ts";
import { startTestApi, type TestApi } from "../../../../tests/support/api.ts";

let api: TestApi;
let second: TestApi;

beforeAll(async () => {
  api = await startTestApi({ trustedProxies: ["127.0.0.1"] });
  second = await startTestApi({ databaseUrl: api.databaseUrl, trustedProxies: ["127.0.0.1"] });
});
afterAll(async () => {
  await second.stop();
  await api.stop();
});
beforeEach(() => api.context.database.pool.query("DELETE FROM sign_in_attempts"));

const signIn = (to: TestApi, email: string, password: string, address: string) =>
  to.inject({
    method: "POST",
    url: "/auth/sign-in/email",
    payload: { email, password },
    headers: { "x-forwarded-for": address },
  });
const statuses = async (attempts: Promise<{ statusCode: number }>[]) =>
  (await Promise.all(attempts)).map(({ statusCode }) => statusCode);
const count = (list: number[], wanted: number) => list.filter((status) => status === wanted).length;

test("an account's password can be guessed ten times in a quarter of an hour, from wherever, at whichever process", async () => {
  const { email } = await signUp(api, "guessed");
  const guesses = await statuses(
    Array.from({ length: 16 }, (_, n) => signIn(n % 2 ? api : second, email, `wrong password ${n}`, `198.51.100.${n}`)),
  );
  expect([count(guesses, 401), count(guesses, 429)]).toEqual([10, 6]);
  const right = await signIn(api, email.toUpperCase(), testPassword, "203.0.113.1");
  expect([right.statusCode, right.json().code]).toEqual([429, "too_many_attempts"]);
  expect(Number(right.headers["retry-after"])).toBeGreaterThan(0);
  expect(right.cookies).toEqual([]);

  await api.context.database.pool.query("UPDATE sign_in_attempts SET ends_at = now()");
  expect((await signIn(api, email, testPassword, "203.0.113.1")).statusCode).toBe(200);
});

test("the right password begins the count anew", async () => {
  const { email } = await signUp(api, "forgetful");
  for (let round = 0; round < 2; round++) {
    const wrong = await statuses(Array.from({ length: 9 }, () => signIn(api, email, "wrong password", "203.0.113.2")));
    expect(count(wrong, 401)).toBe(9);
    expect((await signIn(api, email, testPassword, "203.0.113.2")).statusCode).toBe(200);
  }
});

test("from one address thirty accounts can be tried in five minutes, at all processes together", async () => {
  const from = "203.0.113.3";
  const tries = await statuses(
    Array.from({ length: 36 }, (_, n) =>
      signIn(n % 2 ? api : second, `nobody-${n}@example.com`, "wrong password", from),
    ),
  );
  expect([count(tries, 401), count(tries, 429)]).toEqual([30, 6]);
  expect((await signIn(api, "nobody@example.com", "wrong password", "203.0.113.4")).statusCode).toBe(401);
});

test("an address is not what a caller says, but what a trusted proxy does", async () => {
  const untrusting = await startTestApi({ databaseUrl: api.databaseUrl });
  try {
    const tries = await statuses(
      Array.from({ length: 31 }, (_, n) =>
        untrusting.inject({
          method: "POST",
          url: "/auth/sign-in/email",
          payload: { email: `nobody-${n}@example.com`, password: "wrong password" },
          headers: { "x-forwarded-for": `198.51.100.${n}`, "x-stablehand-address": `198.51.100.${n}` },
        }),
      ),
    );
    expect(count(tries, 429)).toBe(1);
  } finally {
    await untrusting.stop();
  }
});

test("links to a new password are asked for five times an hour", async () => {
  const asked = await statuses(
    Array.from({ length: 7 }, (_, n) =>
      api.inject({
        method: "POST",
        url: "/auth/request-password-reset",
        payload: { email: "someone@example.com" },
        headers: { "x-forwarded-for": `198.51.100.${n}` },
      }),
    ),
  );
  expect(count(asked, 429)).toBe(2);
});
