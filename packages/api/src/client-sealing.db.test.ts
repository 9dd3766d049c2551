import { type CredentialField, credentialFieldNames } from "@stablehand/contract";
import { newId, type TaskId } from "@stablehand/core/ids";
import { revokeApiKey } from "@stablehand/core/store/api-keys";
import { takeCredentials } from "@stablehand/core/store/credential-openings";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { OpenError, openEndUserKey, openValue } from "@stablehand/vault/open";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import { Stablehand } from "../../sdk/src/client.ts";
import type { SealingKey } from "../../sdk/src/contract/records.ts";
import { sealValues } from "../../sdk/src/sealing/seal-values.ts";

let api: TestApi;
let acme: TestBusiness;
let other: TestBusiness;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  other = await api.business("other");
});
afterAll(() => api.stop());

const at = (endUserId: string) => `/v1/end-users/${endUserId}/credentials`;

/** What a worker takes of an end-user, still sealed, and the key that is to open it. */
async function taken(endUserId: string, business = acme) {
  const owner = { businessId: business.businessId, endUserId };
  const sealed = await takeCredentials(api.context.database.db, {
    ...owner,
    fields: credentialFieldNames,
    taskId: newId<TaskId>(),
    workerId: "test",
    action: "open",
  });
  if (!sealed) return null;
  const keyring = await openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile));
  const key = openEndUserKey(owner, sealed.key, keyring.keys);
  if (!key) throw new Error("the keyring has the key");
  return { owner, key, values: sealed.values };
}

/** What a worker opens of an end-user. Throws when anything does not open. */
async function opened(endUserId: string): Promise<Partial<Record<CredentialField, string>>> {
  const found = await taken(endUserId);
  if (!found) return {};
  const { owner, key, values } = found;
  return Object.fromEntries(values.map((one) => [one.field, openValue(owner, one.field, key, one.sealed)]));
}

/** The SDK, whose requests reach the API without a socket; `sent` has each request as text. */
function sdkOf(business: TestBusiness, sealing?: "client" | "server") {
  const sent: string[] = [];
  const client = new Stablehand({
    apiKey: business.secret,
    baseUrl: "http://api.test",
    sealing,
    fetch: async (input, init) => {
      const { pathname } = new URL(String(input));
      const body = init?.body ? String(init.body) : undefined;
      sent.push(`${init?.method} ${pathname} ${body ?? ""}`);
      const { statusCode, headers, payload } = await business.call(String(init?.method), pathname, body);
      return new Response(payload, { status: statusCode, headers: headers as Record<string, string> }); // of one value each here
    },
  });
  return { client, sent };
}

async function sealingKeyOf(endUserId: string, business = acme): Promise<SealingKey> {
  const response = await business.call("GET", `/v1/end-users/${endUserId}/sealing-key`);
  expect(response.statusCode).toBe(200);
  return response.json();
}

const value = "CANARY-client-0123456789";

describe("the SDK", () => {
  test("seals what it uploads: no request has a value in it, and a worker opens what was given, to the byte", async () => {
    const { client, sent } = sdkOf(acme);
    const values = Object.fromEntries(credentialFieldNames.map((field) => [field, `${value}-${field}-é🍪%2C`]));
    await client.endUsers("sealed").credentials.set({ ...values, twitterCt0: `  ${values["twitterCt0"]}\n` });
    expect(await opened("sealed")).toEqual(values);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toContain('{"sealed":{');
    for (const text of [value, Buffer.from(value).toString("base64").slice(0, -4), "é"])
      expect(sent.join("\n")).not.toContain(text);
  });

  test("sends the value with sealing: server, which is the control of what the test above looks for", async () => {
    const { client, sent } = sdkOf(acme, "server");
    await client.endUsers("plain").credentials.set({ twitterCt0: value });
    expect(sent.join("\n")).toContain(value);
    expect(await opened("plain")).toEqual({ twitterCt0: value });
  });

  test("keeps the fields that are not mentioned, whoever sealed them", async () => {
    const [byClient, byServer] = [sdkOf(acme).client, sdkOf(acme, "server").client];
    await byServer.endUsers("both").credentials.set({ twitterCt0: "CANARY-1", redditSession: "CANARY-2" });
    await byClient.endUsers("both").credentials.set({ twitterCt0: "CANARY-3" });
    await byServer.endUsers("both").credentials.set({ tiktokSessionId: "CANARY-4" });
    expect(await opened("both")).toEqual({
      twitterCt0: "CANARY-3",
      redditSession: "CANARY-2",
      tiktokSessionId: "CANARY-4",
    });
    const status = await byClient.endUsers("both").credentials.get();
    expect([status.platforms.reddit, status.platforms.twitter]).toEqual([true, false]);
  });

  test("seals anew when the key went between asking for it and storing: 20 uploads against 20 DELETEs", async () => {
    const { client } = sdkOf(acme);
    const race = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0
        ? client.endUsers("race").credentials.set({ twitterCt0: `CANARY-${index}` })
        : acme.call("DELETE", at("race")),
    );
    const settled = await Promise.allSettled(race);
    const codes = settled.flatMap((one) => (one.status === "rejected" ? [(one.reason as { code?: string }).code] : []));
    expect(codes.filter((code) => code !== "sealing_key_changed")).toEqual([]);
    await client.endUsers("race").credentials.set({ redditSession: "CANARY-after" });
    expect((await opened("race")).redditSession).toBe("CANARY-after");
  });
});

describe("the sealing key", () => {
  test("is made when there is none, is the same when asked again, also by many at once, and is what the server seals to", async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => sealingKeyOf("new")));
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(1);
    await acme.call("PUT", at("new"), { twitterCt0: value });
    expect(await sealingKeyOf("new")).toEqual(keys[0]);
    const found = await taken("new");
    expect(found?.key.keyId.toString("hex")).toBe(keys[0]?.keyId);
  });

  test("is another for each end-user and business, and after a DELETE, also when nothing was stored", async () => {
    const first = await sealingKeyOf("one");
    expect((await sealingKeyOf("two")).keyId).not.toBe(first.keyId);
    expect((await sealingKeyOf("one", other)).keyId).not.toBe(first.keyId);
    await acme.call("DELETE", at("one"));
    expect((await sealingKeyOf("one")).keyId).not.toBe(first.keyId);
  });

  test("is not kept by anything on the way", async () => {
    const { headers } = await acme.call("GET", "/v1/end-users/new/sealing-key");
    expect(headers["cache-control"]).toBe("no-store");
  });
});

describe("an upload that was sealed elsewhere is refused, and nothing of it stored,", () => {
  const put = (endUserId: string, sealed: unknown, business = acme) => business.call("PUT", at(endUserId), { sealed });

  test("when it is for another end-user, another business, or a key that is gone: seal anew, says the code", async () => {
    const forBob = await sealValues(await sealingKeyOf("bob"), [["twitterCt0", value]]);
    const forOther = await sealValues(await sealingKeyOf("victim", other), [["twitterCt0", value]]);
    const stale = await sealValues(await sealingKeyOf("victim"), [["twitterCt0", value]]);
    await acme.call("DELETE", at("victim"));
    for (const sealed of [forBob, forOther, stale]) {
      const response = await put("victim", sealed);
      expect([response.statusCode, response.json().code]).toEqual([409, "sealing_key_changed"]);
      expect(response.headers["x-should-retry"]).toBe("false");
    }
    await sealingKeyOf("victim"); // also when the end-user has a key again
    for (const sealed of [forBob, forOther, stale]) expect((await put("victim", sealed)).statusCode).toBe(409);
    expect(await taken("victim")).toBeNull();
  });

  test("when a field of it is sealed to another key than the rest: all or nothing", async () => {
    const key = await sealingKeyOf("mixed");
    const { twitterCt0 } = await sealValues(key, [["twitterCt0", value]]);
    const { redditSession } = await sealValues(await sealingKeyOf("mixed-other"), [["redditSession", value]]);
    expect((await put("mixed", { twitterCt0, redditSession })).statusCode).toBe(409);
    expect(await taken("mixed")).toBeNull();
  });

  test("when its form is wrong, in words that name the field and never the value", async () => {
    const key = await sealingKeyOf("form");
    const { twitterCt0 } = await sealValues(key, [["twitterCt0", value]]);
    const changed = (at: number, byte: number) => {
      const bytes = Buffer.from(twitterCt0, "base64url");
      bytes[at] = byte;
      return bytes.toString("base64url");
    };
    const empty = await sealValues(key, [["twitterCt0", ""]]);
    for (const sealed of [
      { twitterCt0: changed(0, 2) },
      { twitterCt0: changed(1, 2) },
      { twitterCt0: empty.twitterCt0 },
      { twitterCt0: twitterCt0.slice(0, 60) },
      { twitterCt0: "A".repeat(30_000) },
      { twitterCt0: `${twitterCt0}=` },
      { twitterCt0: twitterCt0.replace(/^./, "+") },
      { twitterCt0: value },
      { twitterCt0: 5 },
      {},
      { notAField: twitterCt0 },
      [],
      "sealed",
      null,
    ]) {
      const response = await put("form", sealed);
      expect([sealed, response.statusCode, response.json().code]).toEqual([sealed, 400, "invalid_request"]);
      expect(response.body).not.toContain("CANARY");
    }
    expect(await taken("form")).toBeNull();
    expect((await put("form", { twitterCt0 })).statusCode, "the control").toBe(200);
  });

  test("when two values are one message of one context, which would give both away", async () => {
    const key = await sealingKeyOf("nonce");
    const { twitterCt0 } = await sealValues(key, [["twitterCt0", value]]);
    const response = await put("nonce", { twitterCt0, twitterAuthToken: twitterCt0 });
    expect([response.statusCode, response.json().error]).toEqual([400, expect.stringContaining("nonce")]);
  });

  test("when values in clear stand beside it", async () => {
    const key = await sealingKeyOf("beside");
    const sealed = await sealValues(key, [["twitterCt0", value]]);
    const response = await acme.call("PUT", at("beside"), { sealed, redditSession: "CANARY" });
    expect(response.json().error).toContain("not both");
    expect(await taken("beside")).toBeNull();
  });

  test("when the API key is revoked", async () => {
    const revoked = await api.business("acme");
    const sealed = await sealValues(await sealingKeyOf("revoked"), [["twitterCt0", value]]);
    await revoked.call("GET", "/v1/usage"); // it is known
    await revokeApiKey(api.context.database.db, revoked.businessId, revoked.keyId);
    expect((await put("revoked", sealed, revoked)).json().code).toBe("key_revoked");
    expect(await taken("revoked")).toBeNull();
  });
});

test("what was sealed for another field, end-user or business is not known to the server, and opens nowhere", async () => {
  const key = await sealingKeyOf("bound");
  const moved = [
    ["twitterCt0", await sealValues(key, [["twitterAuthToken", value]])],
    ["redditSession", await sealValues({ ...key, endUserId: "someone" }, [["redditSession", value]])],
    ["tiktokSessionId", await sealValues({ ...key, businessId: other.businessId }, [["tiktokSessionId", value]])],
  ] as const;
  const sealed = Object.fromEntries(moved.map(([field, values]) => [field, Object.values(values)[0]]));
  expect((await acme.call("PUT", at("bound"), { sealed })).statusCode).toBe(200);
  const found = await taken("bound");
  expect(found?.values).toHaveLength(3);
  let opens = 0;
  for (const one of found?.values ?? []) {
    try {
      openValue(found?.owner ?? key, one.field, found?.key as never, one.sealed); // found: it has three values
      opens += 1;
    } catch (error) {
      expect(error).toBeInstanceOf(OpenError);
    }
  }
  expect(opens).toBe(0);
});

test("a sealed upload is in the access log as any other", async () => {
  await sdkOf(acme).client.endUsers("logged").credentials.set({ twitterCt0: value, redditSession: value });
  const { rows } = await api.context.database.pool.query(
    "SELECT action, fields, actor FROM credential_access WHERE end_user_id = 'logged'",
  );
  expect(rows).toEqual([{ action: "set", fields: ["redditSession", "twitterCt0"], actor: `key:${acme.keyId}` }]);
});

test("names that are no field are ignored and told, inside and outside of what is sealed", async () => {
  const sealed = await sealValues(await sealingKeyOf("ignored"), [["twitterCt0", value]]);
  const response = await acme.call("PUT", at("ignored"), { sealed: { ...sealed, twiterCt: "x" }, note: "x" });
  expect([response.statusCode, response.headers["x-ignored-fields"]]).toEqual([200, "note, twiterCt"]);
});
