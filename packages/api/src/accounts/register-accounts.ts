import { AppError } from "@stablehand/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AppContext } from "../context.ts";
import { addressHeader, oidcProvider, passwordCharacters, setupTokenHeader } from "./account-names.ts";

/** What people sign in with here, for the page on which they do. */
export interface SignInOptions {
  /** Whether an account can be made without a set-up link. */
  readonly signUp: boolean;
  /** Whether a link to a new password can be sent; if not, the operator prints one. */
  readonly resetByEmail: boolean;
  /** An OpenID provider, by the name that people know it as. */
  readonly oidc: { readonly provider: string; readonly name: string } | null;
  readonly passwordCharacters: { readonly min: number; readonly max: number };
}

const paths = {
  GET: ["get-session", "token", "jwks", "list-sessions", `callback/${oidcProvider}`],
  POST: [
    "sign-in/email",
    "sign-in/social",
    "sign-up/email",
    "sign-out",
    "request-password-reset",
    "reset-password",
    "change-password",
    "revoke-session",
    "revoke-sessions",
    "revoke-other-sessions",
  ],
} as const;

/**
 * Serves signing in under `/auth`: of the sign-in library what is named here, and nothing else.
 *
 * The library is loaded at the first request. Its refusals become the API's: `error`, `code`, `requestId`.
 */
export function registerAccounts(app: FastifyInstance, context: AppContext): void {
  for (const [method, names] of Object.entries(paths))
    for (const name of names)
      app.route({
        method: method as keyof typeof paths, // a key of it
        url: `/auth/${name}`,
        exposeHeadRoute: false,
        handler: (request, reply) => answer(context, request, reply),
      });
  const { allowSignUp, mail, oidc } = context.accountSettings;
  const options: SignInOptions = {
    signUp: allowSignUp,
    resetByEmail: mail !== null,
    oidc: oidc && { provider: oidcProvider, name: oidc.name },
    passwordCharacters,
  };
  app.get("/auth/options", async () => options);
}

async function answer(context: AppContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const signIn = await context.signIn();
  const response = await signIn(toWebRequest(context, request));
  if (response.status >= 500) throw new Error(`the sign-in library answered ${response.status}`);
  reply.code(response.status);
  for (const [name, value] of response.headers) if (name !== "set-cookie") reply.header(name, value);
  for (const cookie of response.headers.getSetCookie()) reply.header("set-cookie", cookie);
  reply.header("cache-control", "no-store");
  const text = await response.text();
  if (response.status < 400) return reply.send(text);
  const wait = response.headers.get("x-retry-after");
  if (wait) reply.header("retry-after", wait);
  const { message, code } = readRefusal(text);
  return reply
    .type("application/json; charset=utf-8")
    .send({ error: message, code: code ?? codeOf[response.status] ?? "refused", requestId: request.id });
}

const codeOf: Readonly<Record<number, string>> = {
  401: "not_signed_in",
  404: "route_not_found",
  429: "too_many_attempts",
};

function readRefusal(text: string): { message: string; code?: string } {
  const said = text.startsWith("{") ? (JSON.parse(text) as { message?: string; code?: string }) : {}; // as the library writes it
  return {
    message: said.message ?? "This was refused. Sign in and try again.",
    ...(said.code !== undefined && { code: said.code.toLowerCase() }),
  };
}

const passedOn = [
  "cookie",
  "origin",
  "referer",
  "user-agent",
  "sec-fetch-site",
  "sec-fetch-mode",
  "sec-fetch-dest",
  setupTokenHeader,
];

/** A NUL as JSON writes it, which PostgreSQL stores in no text; not the six characters themselves. */
const nulEscape = /(?<!\\)(?:\\\\)*\\u0000/;

/** The same request, at the address where people reach this server, with the address that it came from. */
function toWebRequest(context: AppContext, request: FastifyRequest): Request {
  const headers = new Headers();
  for (const name of passedOn) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  headers.set(addressHeader, request.ip);
  const place = context.publicUrl ?? `${request.protocol}://${request.host}`;
  if (!URL.canParse(place)) throw new AppError("invalid_request", "The Host header names no host.");
  const [, search = ""] = /(\?.*)$/.exec(request.raw.url ?? "") ?? [];
  // The origin alone: a Host header with a path in it would lead to another route of the library.
  const address = `${new URL(place).origin}${request.routeOptions.url}${search}`;
  const hasBody = request.method === "POST";
  if (hasBody) headers.set("content-type", "application/json");
  const body = JSON.stringify(request.body ?? {});
  if (nulEscape.test(body))
    throw new AppError("invalid_request", "The body has a NUL character, which no text here may.");
  return new Request(address, { method: request.method, headers, ...(hasBody && { body }) });
}
