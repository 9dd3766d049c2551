import { describe, expect, test } from "vitest";
import { Stablehand } from "../client.ts";
import { ConflictError, SealingError, ServerError } from "../errors.ts";
import type { Sealing } from "./end-users.ts";

/** A client, and the requests that its server was sent; `answer` says what comes back. */
function clientOf(answer: (request: string) => Response, sealing?: Sealing) {
  const sent: string[] = [];
  const client = new Stablehand({
    apiKey: "k",
    baseUrl: "http://server.test",
    retriesMax: 0,
    sealing,
    fetch: async (url, init) => {
      const request = `${init?.method} ${new URL(String(url)).pathname}`;
      sent.push(`${request} ${init?.body ?? ""}`.trim());
      return answer(request);
    },
  });
  return { credentials: client.endUsers("alice").credentials, sent };
}

const refusal = (status: number, code: string) => Response.json({ error: code, code, requestId: "r" }, { status });

// The published vector's key; see packages/vault/vectors/client-sealing-v1.json.
const key = {
  businessId: "biz-1",
  endUserId: "alice",
  keyId: "d1ce8f21ea93cee2",
  publicKey: "_XTFZk8BD7-VFxY5tINV0CfAI52t8f6cTfGwmpON7hE",
  version: 1,
  suite: 1,
};
const plain = 'PUT /v1/end-users/alice/credentials {"twitterCt0":"CANARY"}';
const asked = "GET /v1/end-users/alice/sealing-key";

describe("a server that takes no sealed values", () => {
  test.each([404, 405])(
    "is told values in clear after it answered %i, and not asked for a key again",
    async (status) => {
      const { credentials, sent } = clientOf((request) =>
        request.startsWith("GET") ? refusal(status, "route_not_found") : Response.json({ ok: true }),
      );
      await credentials.set({ twitterCt0: "CANARY" });
      await credentials.set({ twitterCt0: "CANARY" });
      expect(sent).toEqual([asked, plain, plain]);
    },
  );

  test("gets nothing when the caller insists on sealing", async () => {
    const { credentials, sent } = clientOf(() => refusal(404, "route_not_found"), "client");
    await expect(credentials.set({ twitterCt0: "CANARY" })).rejects.toThrow(SealingError);
    expect(sent).toEqual([asked]);
  });
});

describe("nothing is sent in clear", () => {
  test("because the key could not be had just now", async () => {
    const { credentials, sent } = clientOf(() => refusal(503, "unavailable"));
    await expect(credentials.set({ twitterCt0: "CANARY" })).rejects.toThrow(ServerError);
    expect(sent).toEqual([asked]);
  });

  test("because the key is of a kind that this release does not know", async () => {
    const { credentials, sent } = clientOf(() => Response.json({ ...key, suite: 2 }));
    await expect(credentials.set({ twitterCt0: "CANARY" })).rejects.toThrow("update @stablehand/sdk");
    expect(sent).toEqual([asked]);
  });

  test("because the key changed: it is asked for again, four times at most", async () => {
    const { credentials, sent } = clientOf((request) =>
      request.startsWith("GET") ? Response.json(key) : refusal(409, "sealing_key_changed"),
    );
    await expect(credentials.set({ twitterCt0: "CANARY" })).rejects.toThrow(ConflictError);
    expect(sent.filter((one) => one === asked)).toHaveLength(4);
    expect(sent).toHaveLength(8);
    expect(sent.join("\n")).not.toContain("CANARY");
  });
});

test("with sealing: server no key is asked for", async () => {
  const { credentials, sent } = clientOf(() => Response.json({ ok: true }), "server");
  await credentials.set({ twitterCt0: " CANARY " });
  expect(sent).toEqual([plain]);
});

test("deleting names its fields, or has no body; an empty list deletes nothing rather than everything", async () => {
  const { credentials, sent } = clientOf(() => Response.json({ ok: true }));
  await credentials.delete(["twitterCt0"]);
  await credentials.delete();
  await expect(credentials.delete([])).rejects.toThrow("fields is empty");
  const at = "DELETE /v1/end-users/alice/credentials";
  expect(sent).toEqual([`${at} {"fields":["twitterCt0"]}`, at]);
});
