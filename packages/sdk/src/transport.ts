import { addressOf } from "./address.ts";
import { type RouteId, type RouteTypes, routes } from "./contract/routes.ts";
import { delay } from "./delay.ts";
import { ApiError, ConnectionError, RequestTimeoutError, StablehandError, toApiError } from "./errors.ts";
import { readRefusal } from "./refusal.ts";

/** What may be said of one call. */
export interface CallOptions {
  /** Ends the call; its reason is what the call then throws. */
  readonly signal?: AbortSignal | undefined;
  /** Of one attempt, in milliseconds; the client's by default. */
  readonly timeoutMs?: number | undefined;
  /** How many times a failed attempt is repeated, where that is safe; the client's by default. */
  readonly retriesMax?: number | undefined;
  /** For submissions; made for each call when it is absent. */
  readonly idempotencyKey?: string | undefined;
}

/** How requests are made. */
export interface TransportOptions {
  /** Gives what each attempt is sent with, and is asked for each. What it throws ends the call. */
  readonly token: () => string | Promise<string>;
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs: number;
  readonly retriesMax: number;
  readonly pause?: typeof delay;
}

type RequestOf<Id extends RouteId> = RouteTypes[Id]["request"];

interface Prepared {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
  /** Whether the same request twice is one request. */
  readonly repeatable: boolean;
}

/** Sends requests, typed by the contract's routes. */
export interface Transport {
  /** Sends a request and gives the answer's JSON. */
  send<Id extends RouteId>(id: Id, request: RequestOf<Id>, options?: CallOptions): Promise<RouteTypes[Id]["reply"]>;
  /** Follows a task's events; null when there are none to come. `timeoutMs` is until the answer begins. */
  follow(taskId: string, lastEventId: string | null, options: CallOptions): Promise<ReadableStream<Uint8Array> | null>;
}

const backoffMs = { first: 500, max: 8_000 };
const retryAfterMsMax = 60_000;
const alsoRepeatable: ReadonlySet<RouteId> = new Set(["cancel-task"]);

/**
 * Makes the transport of one client.
 *
 * A failed attempt is repeated when the server says that this helps, and by the status where it says nothing; after
 * `retry-after`, else after 0.5 s, 1 s, 2 s and so on to 8 s, up to a quarter less by chance. A request that could be done twice is
 * repeated only when the server said that it did not do it.
 */
export function createTransport(options: TransportOptions): Transport {
  const { fetch, pause = delay } = options; // not called as a method: browsers refuse that

  async function attempt<Result>(
    { method, url, headers, body }: Prepared,
    { signal, timeoutMs = options.timeoutMs }: CallOptions,
    read: (response: Response) => Promise<Result>,
  ): Promise<Result> {
    const authorization = `Bearer ${await options.token()}`;
    signal?.throwIfAborted();
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    try {
      const response = await fetch(url, {
        method,
        headers: { authorization, ...headers },
        body,
        redirect: "manual", // an API key and cookies go to the server that was named, or nowhere
        signal: signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
      });
      if (!response.ok) throw toApiError(await readRefusal(response));
      return await read(response);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      signal?.throwIfAborted();
      if (error instanceof SyntaxError)
        throw new StablehandError(`${hostOf(url)} did not answer in JSON: is it baseUrl?`);
      if (deadline.signal.aborted)
        throw new RequestTimeoutError(`no answer from ${hostOf(url)} within ${timeoutMs} ms`);
      throw new ConnectionError(`${hostOf(url)} could not be reached, or the connection broke`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async function perform<Result>(
    request: Prepared,
    call: CallOptions,
    read: (response: Response) => Promise<Result>,
  ): Promise<Result> {
    for (let tries = 0; ; tries++) {
      try {
        return await attempt(request, call, read);
      } catch (error) {
        const waitMs = tries < (call.retriesMax ?? options.retriesMax) ? waitBefore(error, tries, request) : null;
        if (waitMs === null) throw error;
        await pause(waitMs, call.signal);
      }
    }
  }

  function prepare(id: RouteId, request: LooseRequest, { idempotencyKey }: CallOptions, more: Record<string, string>) {
    const { method, path, takesKey } = routes[id];
    const hasBody = request.body !== undefined;
    return {
      method,
      url: `${options.baseUrl}${addressOf(path, request.params, request.query)}`,
      headers: {
        ...(hasBody && { "content-type": "application/json" }),
        ...(takesKey && { "idempotency-key": idempotencyKey === undefined ? newKey() : checkKey(idempotencyKey) }),
        ...more,
      },
      body: hasBody ? JSON.stringify(request.body) : null,
      repeatable: method !== "POST" || takesKey || alsoRepeatable.has(id),
    };
  }

  return {
    async send(id, request, call = {}) {
      const prepared = prepare(id, request as LooseRequest, call, { accept: "application/json" }); // its parts, whatever the route
      return perform(prepared, call, (response) => response.json() as Promise<RouteTypes[typeof id]["reply"]>); // as the contract says
    },
    async follow(taskId, lastEventId, call) {
      const after = lastEventId === null ? {} : { "last-event-id": lastEventId };
      const headers = { accept: "text/event-stream", ...after };
      const prepared = prepare("stream-task-events", { params: { taskId } }, call, headers);
      return perform(prepared, call, async (response) => (response.status === 204 ? null : response.body));
    },
  };
}

interface LooseRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

/** How long to wait before the next attempt, in milliseconds; null when there is to be none. */
function waitBefore(error: unknown, tries: number, { repeatable }: Prepared): number | null {
  const backoff = Math.min(backoffMs.first * 2 ** tries, backoffMs.max) * (1 - Math.random() / 4);
  if (error instanceof ApiError) {
    if (!(error.retryable ?? (repeatable && isPassing(error.status)))) return null;
    const waitMs = error.retryAfterMs ?? backoff;
    return waitMs <= retryAfterMsMax ? waitMs : null;
  }
  return error instanceof ConnectionError && repeatable ? backoff : null;
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function newKey(): string {
  // Not randomUUID, which browsers have on https alone.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function checkKey(key: string): string {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new StablehandError("idempotencyKey must have 1 to 255 visible ASCII characters");
}
