import type { Readable } from "node:stream";
import type { Route } from "@stablehand/contract";
import type { z } from "zod";
import type { Caller } from "./auth.ts";
import type { AppContext } from "./context.ts";

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a handler is given: everything checked already. `rawBody` is the JSON as it came, for what the schema drops. */
export interface Input<R extends Route> {
  readonly caller: R["auth"] extends "none" ? null : Caller;
  readonly params: R extends { params: infer Schema } ? Parsed<Schema> : undefined;
  readonly query: R extends { query: infer Schema } ? Parsed<Schema> : undefined;
  readonly headers: R extends { headers: infer Schema } ? Parsed<Schema> : undefined;
  readonly body: R extends { body: infer Schema }
    ? Parsed<Schema> | (R extends { bodyOptional: true } ? undefined : never)
    : undefined;
  readonly rawBody: unknown;
  /** W3C trace context of the request; undefined when nothing is traced. */
  readonly traceparent: string | undefined;
  /** Where the caller reaches this server, without a slash at the end. */
  readonly baseUrl: string;
  setHeader(name: string, value: string): void;
}

/** The body of a route's answer: JSON by its schema, or a stream where the contract names another type; null is 204. */
type Answer<R extends Route> = R["reply"] extends { contentType: string }
  ? Readable | null
  : z.input<R["reply"]["body"]>;

/** Does the work of one route. It throws AppError for what the caller did wrong, and formats nothing. */
export type Handler<R extends Route> = (input: Input<R>, context: AppContext) => Promise<Answer<R>>;

/**
 * The routes whose own statement refuses a revoked API key, so that a known caller need not be looked up first.
 *
 * What that statement does not reach is still exact: every failure is answered only after the caller was looked up anew.
 */
export const confirmsCaller: ReadonlySet<string> = new Set(["set-credentials", "submit-task"]);

/** Writes a handler for a route of the contract, with that route's types. */
export function handlerFor<R extends Route>(_route: R, handler: Handler<R>): Handler<R> {
  return handler;
}
