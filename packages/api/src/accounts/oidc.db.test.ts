import { createHash, randomUUID } from "node:crypto";
import { createSetupToken, listAccounts } from "@stablehand/core/store/accounts";
import { ensureBusiness } from "@stablehand/core/store/businesses";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cookiesOf, signUp, tokenOf } from "../../../../tests/support/accounts.ts";
import { startTestApi, type TestApi } from "../../../../tests/support/api.ts";
import { type OidcFault, type OidcProvider, startOidcProvider } from "../../../../tests/support/oidc-provider.ts";

let provider: OidcProvider;
let api: TestApi;
const publicUrl = "http://stablehand.test";

beforeAll(async () => {
  provider = await startOidcProvider({ sub: "u-1", email: "ann@corp.example", emailVerified: true });
  const { issuer, clientId, clientSecret } = provider;
  const oidc = { issuer, clientId, clientSecret, name: "Corp" };
  api = await startTestApi({ publicUrl, accounts: { secret: "x".repeat(32), allowSignUp: false, oidc, mail: null } });
});
afterAll(async () => {
  await api.stop();
  await provider.stop();
});
beforeEach(() => {
  provider.fault = null;
});

const setupTokenFor = async (business: string) => {
  const { db } = api.context.database;
  return (await createSetupToken(db, await ensureBusiness(db, business))) ?? "";
};

/** Asks to sign in, as the page does: where the browser is sent, and with which cookie. */
async function begin(setupToken?: string) {
  const started = await api.inject({
    method: "POST",
    url: "/auth/sign-in/social",
    headers: { origin: publicUrl, ...(setupToken !== undefined && { "x-setup-token": setupToken }) },
    payload: { provider: "oidc", callbackURL: "/", errorCallbackURL: "/sign-in" },
  });
  expect(started.statusCode, started.body).toBe(200);
  return { url: started.json<{ url: string }>().url, cookie: cookiesOf(started), cookies: started.cookies };
}

/** An ID token for us, good in all but that no sign-in here asked for it. */
async function strayIdToken(nonce: string): Promise<string> {
  const redirectUri = `${publicUrl}/auth/callback/oidc`;
  const verifier = randomUUID();
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const asked = new URLSearchParams({ redirect_uri: redirectUri, nonce, code_challenge: challenge });
  const { headers } = await fetch(`${provider.issuer}/authorize?${asked}`, { redirect: "manual" });
  const code = new URL(headers.get("location") ?? "").searchParams.get("code") ?? "";
  const answer = await fetch(`${provider.issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({
      code,
      code_verifier: verifier,
      client_secret: provider.clientSecret,
      redirect_uri: redirectUri,
    }),
  });
  return ((await answer.json()) as { id_token: string }).id_token; // as the provider above writes it
}

/** What the provider sends the browser back with. */
async function visitProvider(url: string): Promise<string> {
  const { headers } = await fetch(url, { redirect: "manual" });
  const back = new URL(headers.get("location") ?? "");
  expect(back.origin + back.pathname).toBe(`${publicUrl}/auth/callback/oidc`);
  return back.pathname + back.search;
}

const comeBack = (url: string, cookie: string) => api.inject({ method: "GET", url, headers: { cookie } });

async function signIn(setupToken?: string) {
  const { url, cookie } = await begin(setupToken);
  return comeBack(await visitProvider(url), cookie);
}

describe("signing in at an OpenID provider", () => {
  test("asks with PKCE, state and nonce, and keeps the state in a cookie that the way back brings", async () => {
    const { url, cookies } = await begin();
    await visitProvider(url);
    const asked = Object.fromEntries(provider.asked ?? []);
    expect(asked).toMatchObject({
      client_id: "stablehand",
      response_type: "code",
      code_challenge_method: "S256",
      redirect_uri: `${publicUrl}/auth/callback/oidc`,
    });
    expect(asked["scope"]?.split(" ")).toEqual(expect.arrayContaining(["openid", "email"]));
    for (const name of ["state", "nonce", "code_challenge"]) expect(asked[name]?.length, name).toBeGreaterThan(20);
    expect(cookies).toEqual([expect.objectContaining({ httpOnly: true, sameSite: "Lax" })]);
  });

  test("makes no account without a set-up link; with one, that of its business, once", async () => {
    const refused = await signIn();
    expect([refused.statusCode, refused.cookies.filter(({ name }) => name.endsWith("session_token"))]).toEqual([
      302,
      [],
    ]);
    expect(refused.headers.location).toMatch(/^\/sign-in\?error=signup_closed/);
    expect(await listAccounts(api.context.database.db)).toEqual([]);

    const setupToken = await setupTokenFor("corp");
    const made = await signIn(setupToken);
    expect([made.statusCode, made.headers.location]).toEqual([302, "/"]);
    const [account] = await listAccounts(api.context.database.db);
    expect(account).toMatchObject({ email: "ann@corp.example", business: "corp" });
    const token = await tokenOf(api, cookiesOf(made));
    const usage = await api.inject({ method: "GET", url: "/v1/usage", headers: { authorization: `Bearer ${token}` } });
    expect(usage.statusCode).toBe(200);

    provider.person = { sub: "u-2", email: "ben@corp.example", emailVerified: true };
    expect((await signIn(setupToken)).headers.location).toContain("error=signup_closed");
  });

  test("again is the same account, known by the provider's subject, also under another address", async () => {
    provider.person = { sub: "u-1", email: "ann@new.example", emailVerified: true };
    const again = await signIn();
    expect([again.statusCode, again.headers.location]).toEqual([302, "/"]);
    expect((await listAccounts(api.context.database.db)).map(({ business, sessions }) => [business, sessions])).toEqual(
      [["corp", 2]],
    );
  });

  test("opens no account that has a password, whatever address the provider vouches for", async () => {
    const { email, accountId } = await signUp(api, "password");
    await api.context.database.pool.query("UPDATE accounts SET email_verified = true WHERE id = $1", [accountId]);
    provider.person = { sub: "u-3", email, emailVerified: true };
    const taken = await signIn(await setupTokenFor("another"));
    expect(taken.headers.location).toContain("/sign-in?error=account_not_linked");
    expect(taken.cookies.filter(({ name }) => name.endsWith("session_token"))).toEqual([]);
  });

  test.each<OidcFault>(["signature", "audience", "issuer", "expired", "nonce"])(
    "is refused when the ID token's %s is not right",
    async (fault) => {
      provider.person = { sub: "u-1", email: "ann@corp.example", emailVerified: true };
      provider.fault = fault;
      const answer = await signIn();
      expect([answer.statusCode, answer.headers.location]).toEqual([302, expect.stringContaining("/sign-in?error=")]);
      expect(answer.cookies.filter(({ name }) => name.endsWith("session_token"))).toEqual([]);
    },
  );

  test("is not begun while the provider names no keys to verify an ID token with, and is once it does", async () => {
    const other = await startOidcProvider(provider.person);
    other.fault = "keys";
    const { issuer, clientId, clientSecret } = other;
    const oidc = { issuer, clientId, clientSecret, name: "Other" };
    const accounts = { secret: "x".repeat(32), allowSignUp: false, oidc, mail: null };
    const its = await startTestApi({ publicUrl, accounts });
    try {
      const ask = async () => {
        const payload = { provider: "oidc", callbackURL: "/" };
        const headers = { origin: publicUrl };
        return (await its.inject({ method: "POST", url: "/auth/sign-in/social", headers, payload })).statusCode;
      };
      expect([await ask(), await ask()]).toEqual([404, 404]);
      other.fault = null;
      expect(await ask()).toBe(200);
    } finally {
      await its.stop();
      await other.stop();
    }
  });

  test("is not completed in another browser than the one that began, nor twice", async () => {
    provider.person = { sub: "u-1", email: "ann@corp.example", emailVerified: true };
    const victim = await begin();
    const attacker = await begin();
    const stolen = await comeBack(await visitProvider(attacker.url), victim.cookie);
    expect(stolen.headers.location).toContain("error=state_mismatch");
    const back = await visitProvider(victim.url);
    expect((await comeBack(back, victim.cookie)).headers.location).toBe("/");
    expect((await comeBack(back, victim.cookie)).headers.location).toContain("error=");
  });

  test("is not done with an ID token alone, nor with more than the page sends", async () => {
    provider.person = { sub: "u-1", email: "ann@corp.example", emailVerified: true };
    const nonce = randomUUID();
    const idToken = { token: await strayIdToken(nonce), nonce };
    for (const more of [
      { idToken },
      { additionalData: {} },
      { additionalParams: {} },
      { scopes: ["offline_access"] },
    ]) {
      const refused = await api.inject({
        method: "POST",
        url: "/auth/sign-in/social",
        headers: { origin: publicUrl },
        payload: { provider: "oidc", callbackURL: "/", ...more },
      });
      expect([refused.statusCode, refused.json().code, refused.cookies]).toEqual([400, "invalid_request", []]);
    }
  });

  test("leaves no token of the provider behind, and no set-up token", async () => {
    const setupToken = await setupTokenFor("traces");
    await begin(setupToken);
    const { rows } = await api.context.database.pool.query<{ row: string }>(
      `SELECT to_jsonb(a)::text AS row FROM account_sign_ins a
       UNION ALL SELECT to_jsonb(v)::text FROM account_verifications v`,
    );
    const kept = rows.map(({ row }) => row).join("\n");
    expect(kept).toContain('"oidc"');
    for (const secret of ["an-access-token", "eyJ", setupToken]) expect(kept).not.toContain(secret);
  });
});
