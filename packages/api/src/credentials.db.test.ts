import { credentialFieldNames } from "@stablehand/contract";
import { recordHealth } from "@stablehand/core/store/credential-openings";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";

let api: TestApi;
let acme: TestBusiness;
let other: TestBusiness;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  other = await api.business("other");
});
afterAll(() => api.stop());

const at = (endUserId: string) => `/v1/end-users/${encodeURIComponent(endUserId)}/credentials`;
const allValues = Object.fromEntries(credentialFieldNames.map((field) => [field, `CANARY-${field}`]));
const rows = async (table: string) =>
  Number((await api.context.database.pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count);

/** What is stored of an end-user, to see that a refused request changed nothing. */
async function stored(endUserId: string): Promise<unknown> {
  return (await acme.call("GET", at(endUserId))).json();
}

describe("PUT", () => {
  test("answers exactly { ok: true }, and repeated, the same", async () => {
    for (let again = 0; again < 2; again++) {
      const response = await acme.call("PUT", at("alice"), { twitterAuthToken: "CANARY-1", twitterCt0: "CANARY-2" });
      expect([response.statusCode, response.body]).toEqual([200, '{"ok":true}']);
    }
  });

  test("keeps the fields it does not mention", async () => {
    await acme.call("PUT", at("bob"), { twitterAuthToken: "CANARY-1" });
    await acme.call("PUT", at("bob"), { redditSession: "CANARY-2" });
    await acme.call("PUT", at("bob"), { twitterCt0: "CANARY-3" });
    const { platforms, details } = (await acme.call("GET", at("bob"))).json();
    expect(platforms).toEqual({ twitter: true, reddit: true, tiktok: false, youtube: false, instagram: false });
    expect(Object.keys(details.twitter.fields)).toEqual(["twitterAuthToken", "twitterCt0"]);
  });

  test("takes all twelve at once", async () => {
    expect((await acme.call("PUT", at("all"), allValues)).statusCode).toBe(200);
    expect(Object.values((await acme.call("GET", at("all"))).json().platforms)).toEqual(Array(5).fill(true));
  });

  test("ignores unrecognised fields beside a recognised one, and names them; a value pasted as a name is not echoed", async () => {
    const body = `{"twitterCt0":"CANARY-1","sessionKey":1,"0f3ab99CANARY12":1,"__proto__":{"redditSession":"CANARY-x"},"a b\\r\\nc":2}`;
    const response = await acme.call("PUT", at("carol"), body);
    expect(response.statusCode).toBe(200);
    expect(response.headers["x-ignored-fields"]).toBe("sessionKey, __proto__, 2 more");
    expect((await acme.call("GET", at("carol"))).json().details.reddit.fields).toEqual({});
  });

  test("trims white space around a value", async () => {
    expect((await acme.call("PUT", at("trim"), { twitterCt0: " \n CANARY-1\t" })).statusCode).toBe(200);
  });

  const long = "a".repeat(4_096);
  test("takes a value of 4,096 characters, also when each is two UTF-16 units", async () => {
    for (const value of [long, "🍪".repeat(4_096)])
      expect((await acme.call("PUT", at("long"), { twitterCt0: value })).statusCode).toBe(200);
  });

  const refused: [name: string, body: unknown, says: RegExp][] = [
    ["no body", undefined, /body is empty/],
    ["an empty object", {}, /no recognised credential field: send at least one of twitterAuthToken/],
    ["only unknown fields", { twitter: "x" }, /no recognised credential field/],
    ["only __proto__", '{"__proto__":{"twitterCt0":"CANARY"}}', /no recognised credential field/],
    ["an array", [{ twitterCt0: "x" }], /must be a JSON object/],
    ["a number", 7, /must be a JSON object/],
    ["null", "null", /must be a JSON object/],
    ["a string", '"twitterCt0"', /must be a JSON object/],
    ["broken JSON", '{"twitterCt0":"CANARY', /not JSON in UTF-8/],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /not JSON in UTF-8/],
    ["deeply nested arrays", "[".repeat(200_000), /not JSON/],
    [
      "a deeply nested value",
      `{"twitterCt0":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
      /twitterCt0 must be a string/,
    ],
    ["a number as value", { twitterCt0: 5 }, /twitterCt0 must be a string/],
    ["null as value", { twitterCt0: null }, /twitterCt0 must be a string/],
    ["an empty value", { twitterCt0: "" }, /twitterCt0 is empty/],
    ["a blank value", { twitterCt0: " \t " }, /twitterCt0 is empty/],
    ["4,097 characters", { twitterCt0: `${long}a` }, /twitterCt0 is longer than 4096/],
    ["a space inside", { twitterCt0: "CAN ARY" }, /twitterCt0 has a character that no cookie value can have/],
    ["a line end inside", { twitterCt0: "CAN\nARY" }, /no cookie value can have/],
    ["NUL", { twitterCt0: "CAN\u0000ARY" }, /no cookie value can have/],
    ["DEL", { twitterCt0: "CAN\u007fARY" }, /no cookie value can have/],
    ["a quotation mark", { twitterCt0: '"CANARY"' }, /no cookie value can have/],
    ["a comma", { twitterCt0: "CAN,ARY" }, /no cookie value can have/],
    ["a semicolon", { twitterCt0: "CANARY; Path=/" }, /no cookie value can have/],
    ["a backslash", { twitterCt0: "CAN\\ARY" }, /no cookie value can have/],
    ["half a surrogate pair", '{"twitterCt0":"CAN\\ud83cARY"}', /no cookie value can have/],
    ["the cookie's own name before it", { twitterCt0: "ct0=CANARY" }, /starts with "ct0=": send only what comes after/],
    ["one bad field beside a good one", { redditSession: "CANARY-good", twitterCt0: "" }, /twitterCt0 is empty/],
  ];
  test.each(refused)(
    "%s is 400, says what to change, quotes no value and stores nothing",
    async (_name, body, says) => {
      const before = [await stored("refused"), await rows("credentials"), await rows("credential_access")];
      const response = await acme.call("PUT", at("refused"), body);
      expect(response.statusCode).toBe(400);
      expect(response.json().error).toMatch(says);
      expect(response.body).not.toMatch(/CANARY/);
      expect([await stored("refused"), await rows("credentials"), await rows("credential_access")]).toEqual(before);
    },
  );

  test("a name=value pair of another cookie is a value like any other", async () => {
    expect((await acme.call("PUT", at("pair"), { twitterCt0: "SID=CANARY" })).statusCode).toBe(200);
  });

  test("1 MiB is read, one byte more is 413", async () => {
    const body = (bytes: number) => `{"twitterCt0":"CANARY","pad":"${"x".repeat(bytes - 32)}"}`;
    expect(Buffer.byteLength(body(1_048_576))).toBe(1_048_576);
    expect((await acme.call("PUT", at("big"), body(1_048_576))).statusCode).toBe(200);
    const response = await acme.call("PUT", at("bigger"), body(1_048_577));
    expect([response.statusCode, response.json().code]).toEqual([413, "body_too_large"]);
    expect(await stored("bigger")).toMatchObject({ platforms: { twitter: false } });
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", ""])("content type %j is 415", async (type) => {
    const response = await acme.call("PUT", at("type"), '{"twitterCt0":"CANARY"}', { "content-type": type });
    expect([response.statusCode, response.json().code]).toEqual([415, "unsupported_media_type"]);
  });

  test("a content type with a charset is JSON too", async () => {
    const headers = { "content-type": "application/json; charset=utf-8" };
    expect((await acme.call("PUT", at("type"), { twitterCt0: "CANARY" }, headers)).statusCode).toBe(200);
  });
});

describe("endUserId", () => {
  const fine = ["a".repeat(256), "🍪".repeat(256), "a/b", "../../etc/passwd", "%2F", "Ä ö", "self", "a\nb", "?x=1#y"];
  test.each(fine)("%j is an id like any other, kept exactly", async (id) => {
    const path = at(id);
    expect((await acme.call("PUT", path, { twitterCt0: "CANARY" })).statusCode).toBe(200);
    expect((await acme.call("GET", path)).json()).toMatchObject({
      endUserId: id,
      details: { twitter: { missing: ["twitterAuthToken"] } },
    });
  });

  test("is never normalised: two spellings of é are two end-users", async () => {
    await acme.call("PUT", at("e\u0301"), { redditSession: "CANARY" });
    expect((await acme.call("GET", at("\u00e9"))).json().platforms.reddit).toBe(false);
  });

  test.each([
    ["257 characters", at("a".repeat(257)), /longer than 256/],
    ["257 emoji", at("🍪".repeat(257)), /longer than 256/],
    ["empty", "/v1/end-users//credentials", /empty/],
    ["NUL", "/v1/end-users/a%00b/credentials", /NUL/],
    ["percent-encoding that is broken", "/v1/end-users/%zz/credentials", /percent-encoded/],
    ["percent-encoding that is not UTF-8", "/v1/end-users/%ff/credentials", /percent-encoded/],
  ])("%s is 400 for every method, and 401 without a key", async (_name, path, says) => {
    for (const [method, body] of [["PUT", { twitterCt0: "CANARY" }], ["GET"], ["DELETE"]] as const) {
      const response = await acme.call(method, path, body);
      expect([method, response.statusCode]).toEqual([method, 400]);
      expect(response.json().error).toMatch(says);
      expect((await api.app.inject({ method, url: path })).statusCode).toBe(401);
    }
  });
});

describe("GET", () => {
  test("of an end-user never seen has five times false, and nothing stored", async () => {
    const body = (await acme.call("GET", at("nobody"))).json();
    expect(Object.keys(body)).toEqual(["endUserId", "platforms", "details"]);
    expect(body.platforms).toEqual({ twitter: false, reddit: false, tiktok: false, youtube: false, instagram: false });
    expect(body.details.youtube).toEqual({
      fields: {},
      missing: ["youtubeSid", "youtubeHsid", "youtubeSsid", "youtubeSapisid"],
      health: "unknown",
      checkedAt: null,
    });
  });

  test("a platform is configured only when every one of its fields is stored", async () => {
    for (const [index, field] of ["instagramSessionId", "instagramCsrfToken", "instagramDsUserId"].entries()) {
      await acme.call("PUT", at("insta"), { [field]: "CANARY" });
      expect((await acme.call("GET", at("insta"))).json().platforms.instagram).toBe(index === 2);
    }
  });

  test("never holds a value, nor does any other answer", async () => {
    await acme.call("PUT", at("values"), allValues);
    for (const [method, path] of [
      ["GET", at("values")],
      ["POST", `${at("values")}/check`],
      ["DELETE", at("values")],
    ] as const)
      expect((await acme.call(method, path)).body).not.toMatch(/CANARY/);
  });
});

describe("two businesses", () => {
  test("may both have alice, and neither sees, changes or deletes the other's", async () => {
    await acme.call("PUT", at("shared"), { redditSession: "CANARY-acme" });
    expect((await other.call("GET", at("shared"))).json().platforms.reddit).toBe(false);
    await other.call("PUT", at("shared"), { tiktokSessionId: "CANARY-other" });
    await other.call("DELETE", at("shared"));
    expect((await acme.call("GET", at("shared"))).json().platforms.reddit).toBe(true);
  });
});

describe("DELETE", () => {
  test("of named fields removes these and no other", async () => {
    await acme.call("PUT", at("some"), allValues);
    const response = await acme.call("DELETE", at("some"), { fields: ["twitterCt0", "twitterCt0"] });
    expect([response.statusCode, response.body]).toEqual([200, '{"ok":true}']);
    const { platforms, details } = (await acme.call("GET", at("some"))).json();
    expect(platforms).toEqual({ twitter: false, reddit: true, tiktok: true, youtube: true, instagram: true });
    expect(details.twitter.missing).toEqual(["twitterCt0"]);
  });

  test.each([
    ["no body", undefined],
    ["an empty body", ""],
    ["an empty object", {}],
    ["an empty list", { fields: [] }],
  ])("with %s removes everything, the end-user's key too", async (_name, body) => {
    await acme.call("PUT", at("gone"), allValues);
    expect((await acme.call("DELETE", at("gone"), body)).statusCode).toBe(200);
    expect(Object.values((await acme.call("GET", at("gone"))).json().platforms)).toEqual(Array(5).fill(false));
    const { rowCount } = await api.context.database.pool.query("SELECT FROM end_user_keys WHERE end_user_id = 'gone'");
    expect(rowCount).toBe(0);
  });

  test("again, and of an end-user never seen, is fine", async () => {
    for (const id of ["gone", "never"]) expect((await acme.call("DELETE", at(id))).statusCode).toBe(200);
  });

  test("of the last field destroys the end-user's key as well", async () => {
    await acme.call("PUT", at("last"), { redditSession: "CANARY" });
    await acme.call("DELETE", at("last"), { fields: ["redditSession"] });
    const { rowCount } = await api.context.database.pool.query("SELECT FROM end_user_keys WHERE end_user_id = 'last'");
    expect(rowCount).toBe(0);
  });

  test.each([
    ["a name that is none of the twelve", { fields: ["twitterCt0", "twitterCt1"] }, /something else than/],
    ["__proto__ as a name", { fields: ["__proto__"] }, /something else than/],
    ["a text instead of a list", { fields: "twitterCt0" }, /array of field names/],
    ["a list with a number", { fields: [1] }, /array of field names/],
    ["null as fields", { fields: null }, /array of field names/],
    ["fields spelt wrong, which would delete everything", { field: ["twitterCt0"] }, /may hold only "fields"/],
    ["an array", ["twitterCt0"], /must be a JSON object/],
    ["null", "null", /must be a JSON object/],
    ["broken JSON", "{", /not JSON/],
  ])("with %s is 400 and removes nothing", async (_name, body, says) => {
    await acme.call("PUT", at("kept"), allValues);
    const response = await acme.call("DELETE", at("kept"), body);
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toMatch(says);
    expect(Object.values((await acme.call("GET", at("kept"))).json().platforms)).toEqual(Array(5).fill(true));
  });
});

test("what a check found no longer counts once one of the platform's cookies is deleted", async () => {
  const twitter = { twitterAuthToken: "CANARY", twitterCt0: "CANARY" };
  await acme.call("PUT", at("health"), twitter);
  const { rows: values } = await api.context.database.pool.query(
    "SELECT updated_at::text AS at FROM credentials WHERE business_id = $1 AND end_user_id = 'health'",
    [acme.businessId],
  );
  await recordHealth(api.context.database.db, { businessId: acme.businessId, endUserId: "health" }, [
    { platform: "twitter", health: "valid", checkedAt: new Date(), credentialsUpdatedAt: values.map((row) => row.at) },
  ]);
  const twitterDetails = async () => (await acme.call("GET", at("health"))).json().details.twitter;
  expect(await twitterDetails()).toMatchObject({ health: "valid", checkedAt: expect.any(String) });
  await acme.call("DELETE", at("health"), { fields: ["twitterCt0"] });
  expect(await twitterDetails()).toMatchObject({ health: "unknown", checkedAt: null });
});

describe("POST check", () => {
  test("of platforms that are stored is 202, and the task is there", async () => {
    await acme.call("PUT", at("check"), { twitterAuthToken: "CANARY", twitterCt0: "CANARY", redditSession: "CANARY" });
    const response = await acme.call("POST", `${at("check")}/check`);
    expect(response.statusCode).toBe(202);
    const accepted = response.json();
    expect(accepted).toEqual({
      taskId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: "pending",
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    const task = (await acme.call("GET", `/v1/tasks/${accepted.taskId}`)).json();
    expect(task).toMatchObject({ ...accepted, endUserId: "check", task: "Check the sign-in on twitter, reddit" });
    expect(Object.keys(task)).not.toContain("error");
    const jobs = await api.context.database.pool.query("SELECT FROM pgboss.job WHERE id = $1", [accepted.taskId]);
    expect(jobs.rowCount).toBe(1);
  });

  test("another business's task is 403, an unknown one or one that is no id 404", async () => {
    const { taskId } = (await acme.call("POST", `${at("check")}/check`, { platforms: ["reddit"] })).json();
    expect((await other.call("GET", `/v1/tasks/${taskId}`)).json()).toMatchObject({ code: "forbidden" });
    for (const id of ["0b8f4a1e-6d0c-4c0e-9a53-0d4f4a8f2b11", "x", "a%00b", "x".repeat(300)])
      expect([id, (await acme.call("GET", `/v1/tasks/${id}`)).statusCode]).toEqual([id, id.length > 256 ? 400 : 404]);
  });

  test.each([
    [
      "a platform with a field missing",
      { platforms: ["tiktok"] },
      /there is no tiktokSessionId, tiktokCsrfToken stored/,
    ],
    ["a platform that does not exist", { platforms: ["myspace"] }, /expected one of/],
    ["a text instead of a list", { platforms: "twitter" }, /must be an array/],
    ["another property", { platform: ["twitter"] }, /may hold only "platforms"/],
  ])("with %s is 400 and queues nothing", async (_name, body, says) => {
    const before = [await rows("tasks"), await rows("pgboss.job")];
    const response = await acme.call("POST", `${at("check")}/check`, body);
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toMatch(says);
    expect([await rows("tasks"), await rows("pgboss.job")]).toEqual(before);
  });

  test("of an end-user with nothing stored is 400", async () => {
    expect((await acme.call("POST", `${at("nobody")}/check`)).json()).toMatchObject({ code: "no_credentials" });
  });
});

describe("the access log", () => {
  test("has a row for every set and delete, with the fields and the key that did it", async () => {
    await acme.call("PUT", at("logged"), { twitterCt0: "CANARY", redditSession: "CANARY" });
    await acme.call("DELETE", at("logged"), { fields: ["redditSession", "tiktokSessionId"] });
    await acme.call("DELETE", at("logged"));
    const { rows: log } = await api.context.database.pool.query(
      "SELECT action, fields, actor FROM credential_access WHERE business_id = $1 AND end_user_id = 'logged' ORDER BY sequence",
      [acme.businessId],
    );
    const actor = `key:${acme.keyId}`;
    expect(log).toEqual([
      { action: "set", fields: ["redditSession", "twitterCt0"], actor },
      { action: "delete", fields: ["redditSession"], actor },
      { action: "delete", fields: ["twitterCt0"], actor },
    ]);
  });

  test("cannot be changed, cut or emptied", async () => {
    const { pool } = api.context.database;
    for (const statement of [
      "UPDATE credential_access SET actor = 'x'",
      "DELETE FROM credential_access",
      "TRUNCATE credential_access",
    ])
      await expect(pool.query(statement)).rejects.toThrow("append-only");
  });
});
