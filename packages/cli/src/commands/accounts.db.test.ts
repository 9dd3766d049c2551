import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signUp, testPassword } from "../../../../tests/support/accounts.ts";
import { startTestApi, type TestApi } from "../../../../tests/support/api.ts";
import { runCli } from "../../../../tests/support/server.ts";
import { createFirstLink } from "../first-link.ts";

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const accounts = (args: string[], env: Record<string, string> = {}) =>
  runCli(["accounts", ...args], { DATABASE_URL: api.databaseUrl, ...env });
const json = async (...args: string[]) => JSON.parse((await accounts([...args, "--json"])).stdout);
const tokenIn = (url: string) => new URL(url).hash.replace("#token=", "");
const signUpWith = (token: string, email: string) =>
  api.inject({
    method: "POST",
    url: "/auth/sign-up/email",
    headers: { "x-setup-token": token },
    payload: { name: "Ann", email, password: testPassword },
  });

describe("the link that a first start prints", () => {
  test("is for the oldest business, or one that is made, until there is an account", async () => {
    const first = await createFirstLink(api.databaseUrl, "http://here");
    expect(first).toEqual({
      url: expect.stringMatching(/^http:\/\/here\/setup#token=[\w-]{43}$/),
      business: "default",
    });
    const next = await createFirstLink(api.databaseUrl, "http://here");
    expect((await signUpWith(tokenIn(first?.url ?? ""), "ann@example.com")).statusCode).toBe(403);
    expect((await signUpWith(tokenIn(next?.url ?? ""), "ann@example.com")).statusCode).toBe(200);
    expect(await createFirstLink(api.databaseUrl, "http://here")).toBeNull();
    expect((await json("list")).accounts).toMatchObject([{ email: "ann@example.com", business: "default" }]);
  });
});

describe("accounts", () => {
  test("lists who signs in, by business, and how often they are signed in", async () => {
    await signUp(api, "listed");
    const { stdout } = await accounts(["list"]);
    expect(stdout).toMatch(/^listed@example\.com {2}business listed {2}created 20\S+ {2}1 session$/m);
  });

  test("prints a set-up link that makes the account of a business, and none for one that has its own", async () => {
    const { stdout } = await accounts(["setup-link", "--business", "acme", "--base-url", "https://a.example/"]);
    const [, url = ""] = /^(https:\/\/a\.example\/setup#token=\S+)$/m.exec(stdout) ?? [];
    expect((await signUpWith(tokenIn(url), "ben@example.com")).statusCode).toBe(200);
    const { code, stderr } = await accounts(["setup-link", "--business", "acme"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("acme has its account already")]);
  });

  test("prints a link to a new password, to PUBLIC_URL", async () => {
    const { email } = await signUp(api, "forgot");
    const { stdout } = await accounts(["reset-link", "--email", email], { PUBLIC_URL: "https://b.example" });
    const [, url = ""] = /^(https:\/\/b\.example\/reset#token=\S+)$/m.exec(stdout) ?? [];
    const payload = { token: tokenIn(url), newPassword: "another long password" };
    expect((await api.inject({ method: "POST", url: "/auth/reset-password", payload })).statusCode).toBe(200);
  });

  test.each([
    [["reset-link", "--email", "nobody@example.com"], /No account has the e-mail address nobody@example\.com/],
    [["setup-link", "--business", " "], /--business is empty/],
    [["setup-link", "--business", "x", "--base-url", "x"], /The base URL is "x"/],
  ])("%j says what is wrong", async (args, sentence) => {
    const { code, stderr } = await accounts(args);
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
  });
});
