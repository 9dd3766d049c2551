import { inspect } from "node:util";
import { errors as contractErrors } from "@stablehand/contract";
import { describe, expect, test } from "vitest";
import { Stablehand } from "./client.ts";
import {
  ApiError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  ConnectionError,
  NotFoundError,
  PermissionError,
  RateLimitError,
  RequestTimeoutError,
  ServerError,
} from "./errors.ts";
import { createTransport, type Transport } from "./transport.ts";

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | null;
}

type Answer = Response | Error | (() => Response);

/** A transport to a server that gives these answers, one a request, and what was then sent and waited. */
function transportTo(...answers: Answer[]): { transport: Transport; sent: Sent[]; waits: number[] } {
  const sent: Sent[] = [];
  const waits: number[] = [];
  const transport = createTransport({
    token: () => "sb_live_test",
    baseUrl: "http://server.test/base",
    timeoutMs: 5_000,
    retriesMax: 2,
    fetch: async (url, init) => {
      sent.push({
        url: String(url),
        method: init?.method ?? "",
        headers: new Headers(init?.headers),
        body: init?.body === null || init?.body === undefined ? null : String(init.body),
      });
      const answer = answers.shift();
      if (answer === undefined) throw new Error("the server was asked once more than expected");
      if (answer instanceof Error) throw answer;
      return typeof answer === "function" ? answer() : answer;
    },
    pause: async (ms) => {
      waits.push(ms);
    },
  });
  return { transport, sent, waits };
}

const ok =
  (body: unknown = { ok: true }) =>
  () =>
    Response.json(body);
const refusal = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ error: `no: ${code}`, code, requestId: "r-1" }, { status, headers });

const get = (transport: Transport, options = {}) => transport.send("get-usage", {}, options);
const check = (transport: Transport) => transport.send("check-credentials", { params: { endUserId: "alice" } });
const submit = (transport: Transport, options = {}) =>
  transport.send("submit-task", { body: { endUserId: "alice", task: "Read" } }, options);

describe("what is sent", () => {
  test("goes to the route's own place, percent-encoded, with the key and no body where there is none", async () => {
    const { transport, sent } = transportTo(ok(), ok());
    await transport.send("get-credentials", { params: { endUserId: "a/ü?#%2F" } });
    await transport.send("list-sessions", { query: { limit: "5", endUserId: "a&b", cursor: undefined } });
    expect(sent.map(({ method, url }) => [method, url])).toEqual([
      ["GET", "http://server.test/base/v1/end-users/a%2F%C3%BC%3F%23%252F/credentials"],
      ["GET", "http://server.test/base/v1/tasks?limit=5&endUserId=a%26b"],
    ]);
    expect(sent[0]?.headers.get("authorization")).toBe("Bearer sb_live_test");
    expect(sent[0]?.headers.get("content-type")).toBeNull();
    expect(sent[0]?.body).toBeNull();
  });

  test.each(["", ".", "..", "\ud800"])(
    "never has %j as a part of its path: it would lead elsewhere",
    async (endUserId) => {
      const { transport, sent } = transportTo();
      await expect(transport.send("get-credentials", { params: { endUserId } })).rejects.toThrow("endUserId");
      expect(sent).toEqual([]);
    },
  );

  test("has one idempotency key for all attempts of a call, another for each call, and the caller's when given", async () => {
    const { transport, sent } = transportTo(
      new TypeError("reset"),
      new Response(null, { status: 502 }),
      ok(),
      ok(),
      ok(),
    );
    await submit(transport);
    await submit(transport);
    await submit(transport, { idempotencyKey: "mine" });
    const keys = sent.map(({ headers }) => headers.get("idempotency-key"));
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]]);
    expect(keys[3]).not.toBe(keys[0]);
    expect(keys[4]).toBe("mine");
    await expect(submit(transport, { idempotencyKey: "new\nline" })).rejects.toThrow("idempotencyKey");
  });
});

describe("errors", () => {
  test.each([
    [400, BadRequestError],
    [401, AuthenticationError],
    [403, PermissionError],
    [404, NotFoundError],
    [409, ConflictError],
    [413, BadRequestError],
    [429, RateLimitError],
    [503, ServerError],
  ])("%i has its own class, with the server's text, code and request id", async (status, expected) => {
    const { transport } = transportTo(refusal(status, "some_code", { "x-should-retry": "false" }));
    const error: unknown = await get(transport).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(expected);
    expect(error).toMatchObject({ message: "no: some_code", status, code: "some_code", requestId: "r-1" });
  });

  test("what else the answer has is in details", async () => {
    const body = { error: "Monthly limit of 15 tasks reached.", limit: 15, used: 15 };
    const { transport } = transportTo(Response.json(body, { status: 429, headers: { "x-should-retry": "false" } }));
    await expect(get(transport)).rejects.toMatchObject({ code: null, details: { limit: 15, used: 15 } });
  });

  test("a proxy's page is not repeated, since it may quote the request", async () => {
    const page = () => new Response("<h1>CANARY</h1>", { status: 403, headers: { "x-request-id": "r-2" } });
    const { transport } = transportTo(page);
    const error: unknown = await get(transport).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: null, requestId: "r-2", status: 403 });
    expect(inspect(error)).not.toContain("CANARY");
  });

  test("a redirect is not followed: it says to set baseUrl", async () => {
    const { transport, sent } = transportTo(
      new Response(null, { status: 308, headers: { location: "https://x.test/" } }),
    );
    await expect(get(transport)).rejects.toThrow("redirects");
    expect(sent).toHaveLength(1);
  });

  test("an answer that is no JSON says so, and is not asked for again", async () => {
    const { transport, sent } = transportTo(new Response("<html>"));
    await expect(get(transport)).rejects.toThrow("did not answer in JSON");
    expect(sent).toHaveLength(1);
  });
});

describe("an attempt that failed is repeated", () => {
  test("by the server's word, either way, before anything else", async () => {
    const yes = transportTo(refusal(400, "new_code", { "x-should-retry": "true" }), ok());
    await get(yes.transport);
    expect(yes.sent).toHaveLength(2);
    const no = transportTo(refusal(503, "unavailable", { "x-should-retry": "false" }));
    await expect(get(no.transport)).rejects.toThrow(ServerError);
    expect(no.sent).toHaveLength(1);
  });

  test.each(Object.entries(contractErrors))(
    "or else by what its code means: %s",
    async (code, { status, retryable }) => {
      const { transport, sent } = transportTo(refusal(status, code), ok());
      await (retryable ? get(transport) : expect(get(transport)).rejects.toThrow(ApiError));
      expect(sent).toHaveLength(retryable ? 2 : 1);
    },
  );

  test("after as long as the server says, in seconds or as a date, or else after more each time, less a little", async () => {
    const inThree = new Date(Date.now() + 3_000).toUTCString();
    const said = transportTo(
      refusal(429, "rate_limited", { "retry-after": "7" }),
      refusal(429, "rate_limited", { "retry-after": inThree }),
      ok(),
    );
    await get(said.transport);
    expect(said.waits[0]).toBe(7_000);
    expect(said.waits[1]).toBeGreaterThan(0);
    expect(said.waits[1]).toBeLessThanOrEqual(3_000);

    const { transport, waits } = transportTo(...Array.from({ length: 7 }, () => new TypeError("reset")));
    await expect(get(transport, { retriesMax: 6 })).rejects.toThrow(ConnectionError);
    const full = [500, 1_000, 2_000, 4_000, 8_000, 8_000];
    expect(waits).toHaveLength(6);
    for (const [index, ms] of waits.entries()) {
      expect(ms).toBeLessThanOrEqual(full[index] ?? 0);
      expect(ms).toBeGreaterThanOrEqual((full[index] ?? 0) * 0.75);
    }
    expect(new Set(waits.map((ms, index) => ms / (full[index] ?? 1))).size, "by chance").toBeGreaterThan(1);
  });

  test("not after more than a minute: the caller is told instead", async () => {
    const { transport, waits } = transportTo(refusal(429, "rate_limited", { "retry-after": "61" }));
    await expect(get(transport)).rejects.toMatchObject({ retryAfterMs: 61_000 });
    expect(waits).toEqual([]);
  });

  test("twice by default, as often as is said, or not at all", async () => {
    for (const [options, attempts] of [
      [{}, 3],
      [{ retriesMax: 4 }, 5],
      [{ retriesMax: 0 }, 1],
    ] as const) {
      const { transport, sent } = transportTo(...Array.from({ length: attempts }, () => refusal(503, "unavailable")));
      await expect(get(transport, options)).rejects.toThrow(ServerError);
      expect(sent).toHaveLength(attempts);
    }
  });

  test("but not what would be done twice, unless the server said that it did not do it", async () => {
    for (const failure of [new TypeError("reset"), new Response(null, { status: 502 })]) {
      const { transport, sent } = transportTo(failure);
      await expect(check(transport)).rejects.toThrow();
      expect(sent).toHaveLength(1);
    }
    const { transport, sent } = transportTo(refusal(503, "unavailable"), ok());
    await check(transport);
    expect(sent).toHaveLength(2);
  });
});

describe("a call ends", () => {
  const silent = (_url: unknown, init?: RequestInit) =>
    new Promise<Response>((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    });
  const options = { token: () => "k", baseUrl: "http://server.test", retriesMax: 0, fetch: silent };

  test("when its time is over, saying so", async () => {
    const transport = createTransport({ ...options, timeoutMs: 10 });
    await expect(get(transport)).rejects.toThrow(RequestTimeoutError);
  });

  test("when its signal is aborted, with the signal's own reason: before, during, and between attempts", async () => {
    const reason = new Error("changed my mind");
    const transport = createTransport({ ...options, timeoutMs: 5_000 });
    await expect(get(transport, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const during = new AbortController();
    const call = get(transport, { signal: during.signal });
    during.abort(reason);
    await expect(call).rejects.toBe(reason);

    const between = new AbortController();
    const away = createTransport({
      ...options,
      timeoutMs: 5_000,
      retriesMax: 5,
      fetch: async () => {
        queueMicrotask(() => between.abort(reason));
        return refusal(503, "unavailable", { "retry-after": "30" });
      },
    });
    await expect(get(away, { signal: between.signal })).rejects.toBe(reason);
  });
});

describe("the client", () => {
  test("refuses what is no key and what is no address, and never repeats the key", () => {
    const apiKey = "sb_live_CANARY\n";
    expect(() => new Stablehand({ apiKey, baseUrl: "http://x.test" })).toThrow("the API key has a character");
    expect(() => new Stablehand({ apiKey, baseUrl: "http://x.test" })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("CANARY") }),
    );
    for (const baseUrl of ["x.test", "ftp://x.test", "http://user:pass@x.test", "http://x.test/?a", ""])
      expect(() => new Stablehand({ apiKey: "k", baseUrl })).toThrow("baseUrl");
  });

  test("takes an address with or without /v1 and slashes", async () => {
    for (const baseUrl of ["http://x.test", "http://x.test/", "http://x.test/v1", "http://x.test/v1/"]) {
      let asked = "";
      const fetch = async (url: unknown) => {
        asked = String(url);
        return Response.json({});
      };
      await new Stablehand({ apiKey: "k", baseUrl, fetch }).usage.get();
      expect(asked).toBe("http://x.test/v1/usage");
    }
  });

  test("reads key and address from the environment when they are not given", async () => {
    const { STABLEHAND_API_KEY, STABLEHAND_BASE_URL } = process.env;
    let asked: unknown[] = [];
    const fetch = async (url: unknown, init?: RequestInit) => {
      asked = [url, new Headers(init?.headers).get("authorization")];
      return Response.json({});
    };
    try {
      Object.assign(process.env, { STABLEHAND_API_KEY: "sb_live_env", STABLEHAND_BASE_URL: "http://env.test" });
      await new Stablehand({ fetch }).usage.get();
      expect(asked).toEqual(["http://env.test/v1/usage", "Bearer sb_live_env"]);
      await new Stablehand({ fetch, apiKey: "sb_live_given", baseUrl: "http://given.test" }).usage.get();
      expect(asked).toEqual(["http://given.test/v1/usage", "Bearer sb_live_given"]);
      delete process.env.STABLEHAND_API_KEY;
      delete process.env.STABLEHAND_BASE_URL;
      expect(() => new Stablehand({ fetch })).toThrow("STABLEHAND_API_KEY");
      await new Stablehand({ fetch, apiKey: "k" }).usage.get();
      expect(asked[0]).toBe("http://127.0.0.1:8787/v1/usage");
    } finally {
      if (STABLEHAND_API_KEY !== undefined) process.env.STABLEHAND_API_KEY = STABLEHAND_API_KEY;
      if (STABLEHAND_BASE_URL !== undefined) process.env.STABLEHAND_BASE_URL = STABLEHAND_BASE_URL;
    }
  });

  test("does not show its key when it is printed", () => {
    const client = new Stablehand({ apiKey: "sb_live_CANARY", baseUrl: "http://x.test" });
    expect(inspect(client, { depth: 20, showHidden: true })).not.toContain("CANARY");
    expect(JSON.stringify(client)).not.toContain("CANARY");
  });
});

describe("an access token", () => {
  const answering = () => {
    const sent: (string | null)[] = [];
    const fetch: typeof globalThis.fetch = async (_url, init) => {
      sent.push(new Headers(init?.headers).get("authorization"));
      return ok({ keys: [] })();
    };
    return { sent, fetch };
  };

  test("takes the place of the API key, and is asked for at each attempt", async () => {
    const { sent, fetch } = answering();
    const tokens = ["eyJ.a.b", "eyJ.c.d"];
    const client = new Stablehand({ baseUrl: "http://x.test", fetch, accessToken: async () => tokens.shift() ?? "" });
    expect([await client.apiKeys.list(), await client.apiKeys.list()]).toEqual([[], []]);
    await new Stablehand({ baseUrl: "http://x.test", fetch, accessToken: "eyJ.e.f" }).apiKeys.list();
    expect(sent).toEqual(["Bearer eyJ.a.b", "Bearer eyJ.c.d", "Bearer eyJ.e.f"]);
  });

  test("that cannot be had ends the call with what its maker threw, and nothing is sent", async () => {
    const { sent, fetch } = answering();
    const signedOut = new Error("signed out");
    const accessToken = () => Promise.reject(signedOut);
    await expect(new Stablehand({ baseUrl: "http://x.test", fetch, accessToken }).apiKeys.list()).rejects.toBe(
      signedOut,
    );
    const none = new Stablehand({ baseUrl: "http://x.test", fetch, accessToken: () => "" });
    await expect(none.apiKeys.list()).rejects.toThrow("accessToken gave none");
    expect(sent).toEqual([]);
  });

  test("beside an API key is refused", () => {
    expect(() => new Stablehand({ apiKey: "k", accessToken: "t" })).toThrow("not both");
  });

  test("makes a key once: a connection that broke is not tried again", async () => {
    let attempts = 0;
    const fetch = async () => {
      attempts += 1;
      throw new TypeError("broke");
    };
    const client = new Stablehand({ baseUrl: "http://x.test", fetch, accessToken: "t" });
    await expect(client.apiKeys.create({ label: "x" })).rejects.toBeInstanceOf(ConnectionError);
    expect(attempts).toBe(1);
  });
});
