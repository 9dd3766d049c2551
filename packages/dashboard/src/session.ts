import { Stablehand } from "@stablehand/sdk";
import { lifetimeOf } from "./token-lifetime.ts";

/** Who is signed in. */
export interface Person {
  readonly email: string;
  readonly name: string;
}

/** Nobody is signed in any more: the page leads to the sign-in. */
export class SignedOutError extends Error {
  override readonly name = "SignedOutError";
}

/** An auth route refused; the message is for the reader. */
class AuthRefusal extends Error {
  override readonly name = "AuthRefusal";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const authTimeoutMs = 20_000;
const renewBeforeEndMs = 30_000;

/** Calls one of the auth routes; the browser adds the session's cookie. Throws AuthRefusal. */
export async function callAuth<Reply>(
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const response = await fetch(`/auth${path}`, {
    method: body ? "POST" : "GET",
    headers: { ...headers, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(authTimeoutMs),
  });
  const text = await response.text();
  const reply: unknown = text === "" ? null : JSON.parse(text);
  if (!response.ok) throw new AuthRefusal(response.status, messageOf(reply, response.status));
  return reply as Reply; // as the auth routes are documented
}

function messageOf(reply: unknown, status: number): string {
  const { message, error } = (reply ?? {}) as { message?: unknown; error?: unknown }; // looked at just below
  if (typeof message === "string" && message) return message;
  if (typeof error === "string" && error) return error;
  return `The server answered ${status}.`;
}

let held: { readonly token: string; readonly goodUntil: number } | null = null;
let asked: Promise<string> | null = null;

/** Forgets the token, which lives in memory alone. */
export function forgetToken(): void {
  held = null;
}

/** A token for `/v1` that is good for half a minute at least. Calls that come together ask once. */
async function currentToken(): Promise<string> {
  if (held && Date.now() < held.goodUntil) return held.token;
  asked ??= askForToken().finally(() => {
    asked = null;
  });
  return asked;
}

async function askForToken(): Promise<string> {
  try {
    const { token } = await callAuth<{ token: string }>("/token");
    const lifetimeMs = lifetimeOf(token);
    held = { token, goodUntil: Date.now() + Math.max(lifetimeMs - renewBeforeEndMs, lifetimeMs / 2) };
    return token;
  } catch (error) {
    if (error instanceof AuthRefusal && (error.status === 401 || error.status === 403)) throw new SignedOutError();
    throw error;
  }
}

/** Sends a request, and once more with a new token when the server does not take the one that it has. */
async function fetchOnceMore(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(input, { ...init, credentials: "omit" });
  if (response.status !== 401) return response;
  forgetToken();
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${await currentToken()}`);
  return fetch(input, { ...init, headers, credentials: "omit" });
}

/** The client that every page uses; its requests carry the session's token, and no cookie. */
export const client = new Stablehand({
  accessToken: currentToken,
  baseUrl: globalThis.location?.origin,
  fetch: fetchOnceMore,
});
