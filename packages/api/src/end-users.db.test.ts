import { listEndUsers } from "@stablehand/contract";
import { createApiKey } from "@stablehand/core/store/api-keys";
import { findEndUsers } from "@stablehand/core/store/end-users";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";

let api: TestApi;
let acme: TestBusiness;
let other: TestBusiness;

/** In the order of their bytes. */
const ids = ["", "1", "2", "3", "4", "5"].map((n) => `eu-ann${n}`).concat("eu-Zoë <b>", "us-ANN", "us-bob");

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  other = await api.business("other");
  for (const id of ids) await put(acme, id, { redditSession: "CANARY" });
  await put(other, "eu-ann-of-other", { redditSession: "CANARY" });
  await put(acme, "eu-gone", { redditSession: "CANARY" });
  await acme.call("DELETE", "/v1/end-users/eu-gone/credentials");
});
afterAll(() => api.stop());

const put = (business: TestBusiness, id: string, values: object) =>
  business.call("PUT", `/v1/end-users/${encodeURIComponent(id)}/credentials`, values);
const sorted = (some: readonly string[]) => [...some].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

async function list(query: string, headers = {}, business = acme) {
  const response = await business.call("GET", `/v1/end-users?${query}`, undefined, headers);
  const { endUsers, nextCursor } = listEndUsers.reply.body.parse(response.json());
  return { ids: endUsers.map(({ endUserId }) => endUserId), nextCursor, body: response.body };
}

test("the list is of those for whom something is stored, of this business alone, in the order of their ids", async () => {
  expect((await list("")).ids).toEqual(sorted(ids));
  expect((await list("", {}, other)).ids).toEqual(["eu-ann-of-other"]);
});

test("each stands in it just as when it is read alone, and no value does", async () => {
  await put(acme, "us-bob", { twitterCt0: "CANARY" });
  const { body } = await list("");
  const alone = (await acme.call("GET", "/v1/end-users/us-bob/credentials")).json();
  expect(alone.details.twitter.missing).toEqual(["twitterAuthToken"]);
  expect(JSON.parse(body).endUsers.at(-1)).toEqual(alone);
  expect(body).not.toContain("CANARY");
});

test("page by page every one comes once, also while others are added before and after", async () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(`limit=2${cursor ? `&cursor=${cursor}` : ""}`);
    expect(page.ids.length).toBeLessThanOrEqual(2);
    seen.push(...page.ids);
    cursor = page.nextCursor;
    if (seen.length === 4) await put(acme, "aa-new", { redditSession: "CANARY" });
  } while (cursor !== undefined);
  expect(seen).toEqual(sorted(ids));
  await acme.call("DELETE", "/v1/end-users/aa-new/credentials");
});

test.each([
  ["search=ann", ids.filter((id) => /ann/i.test(id))],
  ["search=ANN", ids.filter((id) => /ann/i.test(id))],
  ["search=%3Cb%3E", ["eu-Zoë <b>"]],
  ["search=zo%C3%AB", ["eu-Zoë <b>"]],
  ["search=%25", []],
  ["search=_", []],
  ["prefix=us-", ["us-ANN", "us-bob"]],
  ["prefix=us-a", []],
  ["prefix=us-&search=B", ["us-bob"]],
  ["prefix=eu-ann5", ["eu-ann5"]],
  ["prefix=zz", []],
])("%s finds what has it, as text and not as a pattern", async (query, found) => {
  expect(await list(query)).toMatchObject({ ids: sorted(found), nextCursor: undefined });
});

test("a key with a prefix is shown the end-users that it is for, whatever it asks and wherever it goes on", async () => {
  const narrowing = { scopes: ["credentials:read"], endUserPrefix: "eu-ann" } as const;
  const { secret } = await createApiKey(api.context.database.db, acme.businessId, null, narrowing);
  const headers = { authorization: `Bearer ${secret}` };
  const own = ids.filter((id) => id.startsWith("eu-ann"));
  const cursor = Buffer.from("eu-ann5").toString("base64url");
  for (const [query, found] of [
    ["", own],
    ["prefix=eu", own],
    ["prefix=eu-ann2", ["eu-ann2"]],
    ["prefix=us-", []],
    ["search=zo", []],
    [`cursor=${cursor}`, []],
    [`cursor=${Buffer.from("eu").toString("base64url")}`, own],
  ] as const)
    expect([query, (await list(query, headers)).ids]).toEqual([query, found]);
});

test("a search looks through so many at most, and says where it goes on until it has seen all", async () => {
  const { db } = api.context.database;
  const search = { prefix: "", text: "bob", limit: 5, lookedThroughMax: 4 };
  const seen: string[] = [];
  const places: (string | null)[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof findEndUsers>> = await findEndUsers(db, acme.businessId, {
      ...search,
      after,
    });
    seen.push(...page.endUserIds);
    after = page.next;
    places.push(after);
  } while (after !== null);
  expect(seen).toEqual(["us-bob"]);
  expect(places).toEqual([sorted(ids)[3], sorted(ids)[7], null]);
  const within = await findEndUsers(db, acme.businessId, { ...search, prefix: "eu-ann5", after: null });
  expect(within, "what comes after the prefix is not looked through").toEqual({ endUserIds: [], next: null });
});

test.each(["search=%00", "prefix=%00", "cursor=AA", "search=a&search=b", `search=${"x".repeat(257)}`, "limit=0"])(
  "%s is 400",
  async (query) => {
    expect((await acme.call("GET", `/v1/end-users?${query}`)).statusCode).toBe(400);
  },
);
