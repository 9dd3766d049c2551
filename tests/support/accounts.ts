import type { BusinessId } from "../../packages/core/src/ids.ts";
import { createSetupToken } from "../../packages/core/src/store/accounts.ts";
import { ensureBusiness } from "../../packages/core/src/store/businesses.ts";
import { jsonRequest, type TestApi } from "./api.ts";

/** The password of every account that a test makes. */
export const testPassword = "correct horse battery staple";

/** A signed-in account of a business, and how it calls. */
export interface TestAccount {
  readonly businessId: BusinessId;
  readonly accountId: string;
  readonly email: string;
  /** The cookies of its session, as a browser would send them. */
  readonly cookie: string;
  /** A short-lived token of that session. */
  readonly token: string;
  /** A request with that token; a `payload` that is no text is sent as JSON. */
  call(method: string, url: string, payload?: unknown, headers?: Record<string, string>): ReturnType<TestApi["inject"]>;
}

/** Signs an account up for the business of that name, by a set-up link, and gets a token of its session. */
export async function signUp(api: TestApi, business: string, email = `${business}@example.com`): Promise<TestAccount> {
  const { db } = api.context.database;
  const businessId = await ensureBusiness(db, business);
  const setupToken = (await createSetupToken(db, businessId)) ?? "";
  const response = await api.inject({
    method: "POST",
    url: "/auth/sign-up/email",
    headers: { "x-setup-token": setupToken },
    payload: { name: business, email, password: testPassword },
  });
  if (response.statusCode !== 200) throw new Error(`the sign-up was refused: ${response.body}`);
  const cookie = cookiesOf(response);
  const token = await tokenOf(api, cookie);
  return {
    businessId,
    accountId: response.json<{ user: { id: string } }>().user.id,
    email,
    cookie,
    token,
    call: (method, url, payload, headers = {}) =>
      api.inject(jsonRequest(method, url, payload, { authorization: `Bearer ${token}`, ...headers })),
  };
}

/** A token of the session that these cookies are of. */
export async function tokenOf(api: TestApi, cookie: string): Promise<string> {
  const response = await api.inject({ method: "GET", url: "/auth/token", headers: { cookie } });
  if (response.statusCode !== 200) throw new Error(`no token was given: ${response.body}`);
  return response.json<{ token: string }>().token;
}

/** What an answer sets, as a browser would send it back; what it deletes is left out. */
export function cookiesOf({ cookies }: { readonly cookies: readonly { name: string; value: string }[] }): string {
  const kept = cookies.filter(({ value }) => value !== "");
  return kept.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join("; ");
}
