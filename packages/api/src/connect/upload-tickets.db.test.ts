import { createHash } from "node:crypto";
import { listCredentialAccess, createUploadTicket as ticketRoute } from "@stablehand/contract";
import { createApiKey, revokeApiKey } from "@stablehand/core/store/api-keys";
import { createUploadTicket, findUploadTicket } from "@stablehand/core/store/upload-tickets";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { signUp } from "../../../../tests/support/accounts.ts";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";
import { openedCredentials } from "../../../../tests/support/opened-credentials.ts";
import type { SealingKey } from "../../../sdk/src/contract/records.ts";
import { sealValues } from "../../../sdk/src/sealing/seal-values.ts";

let api: TestApi;
let acme: TestBusiness;
let address = 0;

beforeAll(async () => {
  api = await startTestApi({ publicUrl: "https://stablehand.example.com" });
  acme = await api.business("acme");
  await acme.call("PUT", "/v1/settings", { allowedHosts: [], embedOrigins: ["https://app.example.com"] });
});
beforeEach(() => {
  address += 1; // of its own for each test: wrong tokens are counted by it
});
afterAll(() => api.stop());

const query = async (text: string, values: unknown[] = []) =>
  (await api.context.database.pool.query(text, values)).rows;
const ask = (endUserId: string, body: object, business = acme) =>
  business.call("POST", `/v1/end-users/${encodeURIComponent(endUserId)}/upload-tickets`, body);

interface Ticket {
  readonly ticketId: string;
  readonly token: string;
  readonly url: string;
}

async function ticketFor(
  endUserId: string,
  body: object = { platforms: ["reddit"] },
  business = acme,
): Promise<Ticket> {
  return (await ask(endUserId, body, business)).json();
}

/** A request as the ticket's page makes it. */
async function visit(method: "GET" | "PUT", { ticketId, token }: { ticketId: string; token: string }, body?: unknown) {
  const response = await api.app.inject({
    method,
    url: `/connect/${ticketId}/${method === "GET" ? "ticket" : "credentials"}`,
    remoteAddress: `10.0.0.${address}`,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { payload: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.statusCode, body: response.json(), code: response.json().code as string | undefined };
}

const stored = (endUserId: string, business = acme) => openedCredentials(api, business, endUserId);
const accesses = async (endUserId: string) =>
  listCredentialAccess.reply.body
    .parse((await acme.call("GET", `/v1/credential-access?endUserId=${endUserId}`)).json())
    .accesses.filter(({ action }) => action === "set");

describe("a ticket", () => {
  test("is an address with 256 random bits behind the #, of which only a hash is stored", async () => {
    const response = await ask("made", { platforms: ["reddit", "reddit"], ttlSeconds: 60 });
    expect(response.statusCode).toBe(201);
    expect(response.headers["cache-control"]).toBe("no-store");
    const { url, token, ticketId, expiresAt } = ticketRoute.reply.body.parse(response.json());
    expect(url).toBe(`https://stablehand.example.com/connect/${ticketId}#${token}`);
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect((await ticketFor("made")).token).not.toBe(token);
    const lastsMs = new Date(expiresAt).getTime() - Date.now();
    expect(lastsMs).toBeGreaterThan(0);
    expect(lastsMs).toBeLessThan(120_000);
    const [row] = await query("SELECT *, upload_tickets::text AS whole FROM upload_tickets WHERE ticket_id = $1", [
      ticketId,
    ]);
    expect(row.whole).not.toContain(token);
    expect(row.token_hash).toEqual(createHash("sha256").update(token).digest());
    expect(row.platforms).toEqual(["reddit"]);
  });

  test.each([
    {},
    { platforms: [] },
    { platforms: ["myspace"] },
    { platforms: "reddit" },
    { platforms: ["reddit"], ttlSeconds: 901 },
    { platforms: ["reddit"], ttlSeconds: 0 },
    { platforms: ["reddit"], ttlSeconds: 1.5 },
    { platforms: ["reddit"], ttlSeconds: "60" },
    { platforms: ["reddit"], endUserId: "bob" },
    { platforms: ["reddit"], returnUrl: "https://evil.example/" },
    { platforms: ["reddit"], returnUrl: "http://app.example.com/" },
    { platforms: ["reddit"], returnUrl: "https://user@app.example.com/" },
    { platforms: ["reddit"], returnUrl: "javascript:alert(1)//https://app.example.com" },
    { platforms: ["reddit"], returnUrl: "blob:https://app.example.com/a" },
    { platforms: ["reddit"], returnUrl: "/connected" },
  ])("is not made of %j", async (body) => {
    const response = await ask("wrong", body);
    expect([response.statusCode, response.json().code]).toEqual([400, "invalid_request"]);
    expect(await query("SELECT FROM upload_tickets WHERE end_user_id = 'wrong'")).toEqual([]);
  });

  test("tells its page what it is for, and nothing of what is stored", async () => {
    const returnUrl = "https://app.example.com/connected?x=1";
    const ticket = await ticketFor("told", { platforms: ["reddit"], returnUrl });
    const before = await visit("GET", ticket);
    await acme.call("PUT", "/v1/end-users/told/credentials", { redditSession: "CANARY", twitterCt0: "CANARY" });
    const after = await visit("GET", ticket);
    expect(after).toEqual(before);
    expect(Object.keys(after.body).sort()).toEqual([
      "embedOrigins",
      "expiresAt",
      "platforms",
      "returnUrl",
      "sealingKey",
    ]);
    expect(after.body).toMatchObject({ platforms: ["reddit"], returnUrl, embedOrigins: ["https://app.example.com"] });
    expect(after.body.sealingKey).toMatchObject({ businessId: acme.businessId, endUserId: "told" });
  });

  test("does not return to an origin that is listed no more", async () => {
    const passing = await api.business("passing");
    const list = (embedOrigins: string[]) => passing.call("PUT", "/v1/settings", { allowedHosts: [], embedOrigins });
    await list(["https://app.example.com"]);
    const body = { platforms: ["reddit"], returnUrl: "https://app.example.com/" };
    const ticket = await ticketFor("alice", body, passing);
    await list(["https://other.example.com"]);
    expect((await visit("GET", ticket)).body).toMatchObject({ returnUrl: null });
  });

  test("is no token of the API, and no API key is a ticket's", async () => {
    const ticket = await ticketFor("alice");
    const headers = { authorization: `Bearer ${ticket.token}` };
    expect((await acme.call("GET", "/v1/end-users/alice/credentials", undefined, headers)).statusCode).toBe(401);
    expect((await visit("GET", { ...ticket, token: acme.secret })).status).toBe(404);
  });
});

describe("storing", () => {
  test.each(["in clear", "sealed by the browser"])(
    "works once, %s, and the row of the log names key and ticket",
    async (how) => {
      const endUserId = `once-${how.length}`;
      const ticket = await ticketFor(endUserId);
      const { sealingKey } = (await visit("GET", ticket)).body as { sealingKey: SealingKey };
      const values = { redditSession: "CANARY-once" };
      const body =
        how === "in clear"
          ? values
          : { sealed: await sealValues(sealingKey, [["redditSession", values.redditSession]]) };
      expect(await visit("PUT", ticket, body)).toMatchObject({ status: 200, body: { ok: true } });
      expect(await stored(endUserId)).toEqual(values);
      for (const again of [await visit("PUT", ticket, body), await visit("GET", ticket)])
        expect(again).toMatchObject({ status: 410, code: "ticket_used" });
      expect(await accesses(endUserId)).toMatchObject([
        { apiKeyId: acme.keyId, ticketId: ticket.ticketId, fields: ["redditSession"] },
      ]);
    },
  );

  test("of many at once exactly one does: the ticket is used up in the transaction that stores", async () => {
    const ticket = await ticketFor("race");
    const { sealingKey } = (await visit("GET", ticket)).body as { sealingKey: SealingKey };
    const names = Array.from({ length: 6 }, (_, n) => `CANARY-${n}`);
    const bodies = await Promise.all(
      names.map(async (name, n) =>
        n % 2 ? { redditSession: name } : { sealed: await sealValues(sealingKey, [["redditSession", name]]) },
      ),
    );
    const holder = await api.context.database.pool.connect();
    await holder.query("BEGIN");
    await holder.query("SELECT FROM end_user_keys WHERE end_user_id = 'race' FOR UPDATE"); // no one can store now
    const answering = Promise.all(bodies.map((body) => visit("PUT", ticket, body)));
    const countWaiting = async () =>
      (await query("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))
        .length;
    await expect.poll(countWaiting, { timeout: 20_000 }).toBe(names.length);
    await holder.query("COMMIT");
    holder.release();
    const answers = await answering;
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 5 }, () => 410)]);
    const winner = names[answers.findIndex(({ status }) => status === 200)];
    expect(await stored("race")).toEqual({ redditSession: winner });
    expect(await accesses("race")).toHaveLength(1);
  });

  test("that is refused leaves the ticket as it was, and stores nothing", async () => {
    const ticket = await ticketFor("refused");
    const { sealingKey } = (await visit("GET", ticket)).body as { sealingKey: SealingKey };
    const other = await ticketFor("refused-other");
    const { sealingKey: otherKey } = (await visit("GET", other)).body as { sealingKey: SealingKey };
    const refusals: [unknown, number][] = [
      [{ redditSession: "two words" }, 400],
      [{ redditSession: "" }, 400],
      [{ redditSession: "CANARY", twitterCt0: "CANARY" }, 400],
      [{ sealed: await sealValues(sealingKey, [["twitterCt0", "CANARY"]]) }, 400],
      [{ sealed: await sealValues(otherKey, [["redditSession", "CANARY"]]) }, 409],
      [{ sealed: { redditSession: "AQE" } }, 400],
      [{}, 400],
      ["{", 400],
      [undefined, 400],
      [{ redditSession: "x".repeat(200_000) }, 413],
    ];
    for (const [body, status] of refusals) expect((await visit("PUT", ticket, body)).status).toBe(status);
    expect([await stored("refused"), await stored("refused-other")]).toEqual([{}, {}]);
    expect((await visit("PUT", ticket, { redditSession: "CANARY-good" })).status).toBe(200);
    expect(await stored("refused")).toEqual({ redditSession: "CANARY-good" });
  });

  test("keeps what is stored of other platforms", async () => {
    await acme.call("PUT", "/v1/end-users/kept/credentials", {
      twitterCt0: "CANARY-kept",
      redditSession: "CANARY-old",
    });
    expect((await visit("PUT", await ticketFor("kept"), { redditSession: "CANARY-new" })).status).toBe(200);
    expect(await stored("kept")).toEqual({ twitterCt0: "CANARY-kept", redditSession: "CANARY-new" });
  });

  test("takes a sealed value whose end-user's key was made anew only after it is sealed anew", async () => {
    const ticket = await ticketFor("anew");
    const seal = async () => {
      const { sealingKey } = (await visit("GET", ticket)).body as { sealingKey: SealingKey };
      return { sealed: await sealValues(sealingKey, [["redditSession", "CANARY-anew"]]) };
    };
    const stale = await seal();
    await query("DELETE FROM end_user_keys WHERE end_user_id = 'anew'");
    expect(await visit("PUT", ticket, stale)).toMatchObject({ status: 409, code: "sealing_key_changed" });
    expect((await visit("PUT", ticket, await seal())).status).toBe(200);
    expect(await stored("anew")).toEqual({ redditSession: "CANARY-anew" });
  });

  test("works for a ticket that an account made, and the log names both", async () => {
    const account = await signUp(api, "acme");
    const ticket: Ticket = (
      await account.call("POST", "/v1/end-users/of-account/upload-tickets", { platforms: ["reddit"] })
    ).json();
    expect((await visit("PUT", ticket, { redditSession: "CANARY" })).status).toBe(200);
    const [row] = await accesses("of-account");
    expect(row).toMatchObject({ accountId: account.accountId, ticketId: ticket.ticketId });
    expect(row).not.toHaveProperty("apiKeyId");
  });
});

describe("a ticket is refused", () => {
  /** Both requests of its page are refused so, and nothing is stored. */
  async function expectRefused(ticket: { ticketId: string; token: string }, status: number, code: string) {
    address += 1;
    for (const answer of [await visit("GET", ticket), await visit("PUT", ticket, { redditSession: "CANARY" })])
      expect(answer).toMatchObject({ status, code });
  }

  test("when its time is over", async () => {
    const ticket = await ticketFor("over");
    await query("UPDATE upload_tickets SET expires_at = now() WHERE ticket_id = $1", [ticket.ticketId]);
    await expectRefused(ticket, 410, "ticket_expired");
    expect(await stored("over")).toEqual({});
  });

  test("with a token that is made up, another ticket's, altered or absent", async () => {
    const ticket = await ticketFor("forged");
    const other = await ticketFor("forged-other");
    const { token } = ticket;
    const altered = `${token.startsWith("A") ? "B" : "A"}${token.slice(1)}`;
    for (const wrong of [other.token, altered, token.slice(1), `${token}A`, "", "x y", token.toLowerCase()])
      await expectRefused({ ...ticket, token: wrong }, 404, "ticket_not_found");
    for (const ticketId of [other.ticketId, "x", "%00", "00000000-0000-4000-8000-000000000000"])
      await expectRefused({ ...ticket, ticketId }, 404, "ticket_not_found");
    expect([await stored("forged"), await stored("forged-other")]).toEqual([{}, {}]);
    expect((await visit("GET", ticket)).status, "the control").toBe(200);
  });

  test.each(["revoked", "expired"])("when the API key that made it is %s", async (end) => {
    const { db } = api.context.database;
    const { keyId, secret } = await createApiKey(db, acme.businessId, null, { scopes: ["credentials:write"] });
    const path = `/v1/end-users/key-${end}/upload-tickets`;
    const headers = { authorization: `Bearer ${secret}` };
    const ticket: Ticket = (await acme.call("POST", path, { platforms: ["reddit"] }, headers)).json();
    expect((await visit("GET", ticket)).status, "the control").toBe(200);
    if (end === "revoked") await revokeApiKey(db, acme.businessId, keyId);
    else await query("UPDATE api_keys SET expires_at = now() WHERE key_id = $1", [keyId]);
    await expectRefused(ticket, 404, "ticket_not_found");
    expect(await stored(`key-${end}`)).toEqual({});
  });

  test("also when that happens while it is stored", async () => {
    const { db } = api.context.database;
    const { keyId } = await createApiKey(db, acme.businessId, null);
    const made = {
      businessId: acme.businessId,
      endUserId: "meanwhile",
      platforms: ["reddit"],
      returnUrl: null,
    } as const;
    const by = { apiKeyId: keyId, actor: `key:${keyId}`, ttlSeconds: 60 };
    const { ticketId, token } = await createUploadTicket(db, { ...made, ...by });
    const ticket = await findUploadTicket(db, ticketId, token);
    if (!ticket) throw new Error("it is there");
    const { credentials } = api.context;
    await revokeApiKey(db, acme.businessId, keyId);
    const late = [["redditSession", "CANARY"]] as const;
    await expect(credentials.setByTicket(ticket, late)).rejects.toMatchObject({ code: "ticket_not_found" });
    await query("UPDATE api_keys SET revoked_at = NULL WHERE key_id = $1", [keyId]);
    await query("UPDATE upload_tickets SET expires_at = now() WHERE ticket_id = $1", [ticketId]);
    await expect(credentials.setByTicket(ticket, late)).rejects.toMatchObject({ code: "ticket_used" });
    expect(await stored("meanwhile")).toEqual({});
  });

  test("when its business is deleted", async () => {
    const gone = await api.business("gone");
    const ticket = await ticketFor("alice", { platforms: ["reddit"] }, gone);
    await query("DELETE FROM api_keys WHERE business_id = $1", [gone.businessId]);
    await query("DELETE FROM businesses WHERE business_id = $1", [gone.businessId]);
    await expectRefused(ticket, 404, "ticket_not_found");
  });
});

test("wrong tokens are counted by their address: many are told to wait, right ones and other addresses are not", async () => {
  const ticket = await ticketFor("guessed");
  const guess = async () => (await visit("GET", { ...ticket, token: "A".repeat(43) })).status;
  const answers: number[] = [];
  for (let n = 0; n < 80; n++) answers.push(await guess());
  expect(new Set(answers)).toEqual(new Set([404, 429]));
  address += 1;
  for (let n = 0; n < 80; n++) expect((await visit("GET", ticket)).status).toBe(200);
  expect(await guess()).toBe(404);
});

test("tickets long over are forgotten when others are made; those just over are still told apart", async () => {
  const old = await ticketFor("forgotten");
  const recent = await ticketFor("remembered");
  await query("UPDATE upload_tickets SET expires_at = now() - interval '25 hours' WHERE ticket_id = $1", [
    old.ticketId,
  ]);
  await query("UPDATE upload_tickets SET expires_at = now() - interval '23 hours' WHERE ticket_id = $1", [
    recent.ticketId,
  ]);
  await ticketFor("next");
  expect((await visit("GET", old)).code).toBe("ticket_not_found");
  expect((await visit("GET", recent)).code).toBe("ticket_expired");
});

test("the page may be embedded by the origins that its business lists now, and by nobody else", async () => {
  const embedding = await api.business("embedding");
  const { ticketId } = await ticketFor("alice", { platforms: ["reddit"] }, embedding);
  const policyOf = async (id: string) => {
    const { headers } = await api.app.inject({ method: "GET", url: `/connect/${id}` });
    return String(headers["content-security-policy"]).split("; ");
  };
  expect(await policyOf(ticketId)).toContain("frame-ancestors 'none'");
  const embedOrigins = ["https://a.example", "http://localhost:5173"];
  await embedding.call("PUT", "/v1/settings", { allowedHosts: [], embedOrigins });
  expect(await policyOf(ticketId)).toContain("frame-ancestors https://a.example http://localhost:5173");
  for (const id of ["x", "00000000-0000-4000-8000-000000000000"])
    expect(await policyOf(id)).toContain("frame-ancestors 'none'");
  expect((await policyOf(ticketId)).join()).not.toContain("unsafe");
});
