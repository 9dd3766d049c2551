import { createHash } from "node:crypto";
import { newId, type TaskId } from "@stablehand/core/ids";
import { takeCredentials } from "@stablehand/core/store/credential-openings";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";

let api: TestApi;
let acme: TestBusiness;
let other: TestBusiness;

interface Page {
  accesses: Record<string, string>[];
  nextCursor?: string;
}

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  other = await api.business("other");
});
afterAll(() => api.stop());

const at = (endUserId: string) => `/v1/end-users/${endUserId}/credentials`;
const read = async (business: TestBusiness, query = ""): Promise<Page> =>
  (await business.call("GET", `/v1/credential-access${query}`)).json();

test("every set, check, open and delete is there, with who did it, for which task, which fields and which key", async () => {
  await acme.call("PUT", at("logged"), { twitterCt0: "CANARY", redditSession: "CANARY" });
  const [checked, opened] = [newId<TaskId>(), newId<TaskId>()];
  const asked = { businessId: acme.businessId, endUserId: "logged", workerId: "w:1" };
  await takeCredentials(api.context.database.db, {
    ...asked,
    fields: ["redditSession"],
    taskId: checked,
    action: "check",
  });
  await takeCredentials(api.context.database.db, {
    ...asked,
    fields: ["twitterCt0", "twitterAuthToken"],
    taskId: opened,
    action: "open",
  });
  await acme.call("DELETE", at("logged"));
  const { accesses } = await read(acme, "?endUserId=logged");
  const [{ keyId = "" } = {}] = accesses;
  expect(keyId).toMatch(/^[0-9a-f]{16}$/);
  const byKey = { endUserId: "logged", keyId, apiKeyId: acme.keyId, fields: ["redditSession", "twitterCt0"] };
  const byWorker = { endUserId: "logged", keyId, workerId: "w:1" };
  const shown = accesses.map(({ sequence: _s, at: _a, entry: _e, previous: _p, hash: _h, ...row }) => row);
  expect(shown).toEqual([
    { action: "delete", ...byKey },
    { action: "open", ...byWorker, taskId: opened, fields: ["twitterCt0"] },
    { action: "check", ...byWorker, taskId: checked, fields: ["redditSession"] },
    { action: "set", ...byKey },
  ]);
});

test("a tenant can verify its own chain from what it is told, page by page", async () => {
  for (let n = 0; n < 7; n++) await acme.call("PUT", at(`page-${n}`), { redditSession: "CANARY" });
  const rows: Record<string, string>[] = [];
  for (let cursor = ""; ; ) {
    const page = await read(acme, `?limit=3${cursor}`);
    expect(page.accesses.length).toBeLessThanOrEqual(3);
    rows.unshift(...page.accesses.toReversed());
    if (!page.nextCursor) break;
    cursor = `&cursor=${page.nextCursor}`;
  }
  expect(rows.map((row) => row.sequence)).toEqual(rows.map((_, n) => n + 1));
  let previous = "0".repeat(64);
  for (const { entry = "", hash = "", previous: claimed, endUserId } of rows) {
    expect(createHash("sha256").update(entry).digest("hex")).toBe(hash);
    expect([claimed, JSON.parse(entry)]).toEqual([previous, expect.objectContaining({ previous, endUser: endUserId })]);
    previous = hash;
  }
  expect(rows.length).toBeGreaterThan(6);
});

test("another business's rows are not in it, not even of an end-user of the same name", async () => {
  await acme.call("PUT", at("same"), { redditSession: "CANARY" });
  await other.call("PUT", at("same"), { twitterCt0: "CANARY" });
  for (const query of ["", "?endUserId=same"]) {
    const { accesses } = await read(other, query);
    expect(accesses.map(({ endUserId, apiKeyId }) => [endUserId, apiKeyId])).toEqual([["same", other.keyId]]);
  }
});

test.each([
  ["limit=0", /limit must be/],
  ["limit=1.5", /limit must be/],
  ["cursor=x", /cursor is not one/],
  ["cursor=0", /cursor is not one/],
  ["cursor=1&cursor=2", /cursor must stand once/],
  ["endUserId=", /endUserId is empty/],
  [`endUserId=${"a".repeat(257)}`, /longer than 256/],
])("%s is 400 with a sentence", async (query, sentence) => {
  const response = await acme.call("GET", `/v1/credential-access?${query}`);
  expect([response.statusCode, response.json().error]).toEqual([400, expect.stringMatching(sentence)]);
});

test("a limit over 100 is taken as 100", async () => {
  const { accesses } = await read(acme, "?limit=100000000000000000000");
  expect(accesses.length).toBeGreaterThan(6);
});
