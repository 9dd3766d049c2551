import type { z } from "zod";
import type { ErrorCode } from "./errors.ts";
import type { Scope } from "./scopes.ts";

/** Who may call a route: anyone; whoever holds a token of a business, whose key is not too narrow; or a signed-in account alone. */
export type RouteAccess =
  | { readonly auth: "none" | "account"; readonly scope?: never; readonly endUser?: never }
  | {
      readonly auth: "business";
      /** `whole`: only a key that is not narrowed at all. */
      readonly scope: Scope | "whole";
      /**
       * Where the request names its end-user, whom a key's end-user prefix has to cover. `stored`: the task or session that
       * it names has one, and the handler looks. `listed`: the answer lists end-users, and the handler leaves out all others.
       * `all`: it is about the whole business, and no key with a prefix may ask.
       */
      readonly endUser: "path" | "query" | "body" | "stored" | "listed" | "all";
    };

/** One endpoint, as data: handler, OpenAPI and tests are all made from it or checked against it. */
export type Route = RouteAccess & RouteParts;

interface RouteParts {
  /** Verb and noun, e.g. `set-credentials`; the handler's file has this name. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `{name}` for each parameter. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  /** Of the query string; each value comes as text. */
  readonly query?: z.ZodObject;
  /** Request headers that mean something here, by their names in lower case. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** True when the request may come without a body. */
  readonly bodyOptional?: boolean;
  /** `contentType` when the answer is no JSON; `body` then describes it as text. */
  readonly reply: {
    readonly status: number;
    readonly body: z.ZodType;
    readonly headers?: Record<string, string>;
    readonly contentType?: string;
  };
  /** The codes that this route adds to those of every route of its kind. */
  readonly errors: readonly ErrorCode[];
  /** The access-log event that a success leaves behind, or null: said explicitly, so that it cannot be forgotten. */
  readonly audit: "set" | "delete" | null;
}

/** Declares a route, keeping the exact types of its schemas. */
export function defineRoute<const R extends Route>(route: R): R {
  return route;
}

/** The codes a route can answer with: its own and those that come with its method, auth and body. */
export function errorCodesOf(route: Route): ErrorCode[] {
  const codes = new Set<ErrorCode>(["method_not_allowed", "internal", "invalid_request"]);
  if (route.auth !== "none") for (const code of authCodes) codes.add(code);
  for (const code of route.auth === "business" ? narrowKeyCodes : []) codes.add(code);
  if (route.auth === "account") codes.add("account_required");
  if (route.body) for (const code of bodyCodes) codes.add(code);
  for (const code of route.errors) codes.add(code);
  return [...codes];
}

const authCodes = ["missing_authorization", "invalid_token", "key_expired", "key_revoked", "rate_limited"] as const;
const narrowKeyCodes = ["scope_missing", "end_user_not_allowed"] as const;
const bodyCodes = ["invalid_json", "body_too_large", "unsupported_media_type"] as const;
