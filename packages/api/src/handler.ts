import type { Route } from "@stablehand/contract";
import type { z } from "zod";
import type { Caller } from "./auth.ts";
import type { AppContext } from "./context.ts";

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a handler is given: everything checked already. `rawBody` is the JSON as it came, for what the schema drops. */
export interface Input<R extends Route> {
  readonly caller: R["auth"] extends "business" ? Caller : null;
  readonly params: R extends { params: infer Schema } ? Parsed<Schema> : undefined;
  readonly body: R extends { body: infer Schema }
    ? Parsed<Schema> | (R extends { bodyOptional: true } ? undefined : never)
    : undefined;
  readonly rawBody: unknown;
  setHeader(name: string, value: string): void;
}

/** Does the work of one route. It throws AppError for what the caller did wrong, and formats nothing. */
export type Handler<R extends Route> = (input: Input<R>, context: AppContext) => Promise<z.input<R["reply"]["body"]>>;

/**
 * The routes whose own statement refuses a revoked API key, so that a known caller need not be looked up first.
 *
 * What that statement does not reach is still exact: every failure is answered only after the caller was looked up anew.
 */
export const confirmsCaller: ReadonlySet<string> = new Set(["set-credentials"]);

/** Writes a handler for a route of the contract, with that route's types. */
export function handlerFor<R extends Route>(_route: R, handler: Handler<R>): Handler<R> {
  return handler;
}
