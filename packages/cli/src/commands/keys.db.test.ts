import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../../../../tests/support/api.ts";
import { runCli } from "../../../../tests/support/server.ts";

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const keys = (...args: string[]) => runCli(["keys", ...args], { DATABASE_URL: api.databaseUrl });
const json = async (...args: string[]) => JSON.parse((await keys(...args, "--json")).stdout);
const get = (secret: string, endUserId: string) =>
  api.app.inject({
    method: "GET",
    url: `/v1/end-users/${endUserId}/credentials`,
    headers: { authorization: `Bearer ${secret}` },
  });

describe("keys", () => {
  test("that are not narrowed look as they always did", async () => {
    const created = await json("create", "--business", "plain");
    expect(Object.keys(created).sort()).toEqual(["businessId", "createdAt", "keyId", "label", "prefix", "secret"]);
    const { keys: list } = await json("list", "--business", "plain");
    const shown = ["createdAt", "keyId", "label", "lastUsedAt", "prefix", "revokedAt"];
    expect(list.map((key: object) => Object.keys(key).sort())).toEqual([shown]);
  });

  test("are narrowed, shown so, and rotated with a grace period to ones that are just as narrow", async () => {
    const narrow = [
      "--scope",
      "credentials:read",
      "--scope",
      "tasks:run",
      "--end-user-prefix",
      "eu-",
      "--expires",
      "90d",
    ];
    const old = await json("create", "--business", "acme", "--label", "back end", ...narrow);
    expect(old).toMatchObject({ scopes: ["credentials:read", "tasks:run"], endUserPrefix: "eu-" });
    expect(Math.round((Date.parse(old.expiresAt) - Date.now()) / 86_400_000)).toBe(90);

    const { replaces, ...created } = await json("rotate", old.keyId, "--business", "acme", "--grace", "24h");
    const { scopes, endUserPrefix, expiresAt, label } = old;
    expect(created).toMatchObject({ scopes, endUserPrefix, expiresAt, label });
    expect(replaces).toMatchObject({ keyId: old.keyId, replacedBy: created.keyId });
    expect(Math.round((Date.parse(replaces.expiresAt) - Date.now()) / 3_600_000)).toBe(24);
    for (const { secret } of [old, created])
      expect([(await get(secret, "eu-1")).statusCode, (await get(secret, "us-1")).statusCode]).toEqual([200, 403]);

    const { stdout } = await keys("list", "--business", "acme");
    const line = stdout.split("\n").find((one) => one.startsWith(old.keyId));
    expect(line).toMatch(
      /only credentials:read, tasks:run {2}end-users "eu-"… {2}expires 20\S+ {2}replaced by sb_live_\w{8} {2}back end$/,
    );
    expect(stdout).not.toContain(created.secret);
  });

  test("that are rotated expire when the caller says, and revoked ones are shown so", async () => {
    const rotated = await json(
      "rotate",
      (await api.business("acme")).keyId,
      "--business",
      "acme",
      "--grace",
      "1h",
      "--expires",
      "30d",
    );
    expect(Math.round((Date.parse(rotated.expiresAt) - Date.now()) / 86_400_000)).toBe(30);
    expect((await get(rotated.secret, "eu-1")).statusCode).toBe(200);
    expect(await json("revoke", rotated.keyId, "--business", "acme")).toMatchObject({ revokedAt: expect.any(String) });
    expect((await get(rotated.secret, "eu-1")).statusCode).toBe(403);
    const line = (await keys("list", "--business", "acme")).stdout
      .split("\n")
      .find((one) => one.startsWith(rotated.keyId));
    expect(line).toContain("  REVOKED 20");
    expect((await keys("rotate", rotated.keyId, "--business", "acme", "--grace", "1h")).stderr).toContain(
      "was revoked",
    );
  });

  test.each<[string[], RegExp]>([
    [["revoke", "sb_live_nothing0"], /acme has no key sb_live_nothing0/],
    [["create", "--scope", "everything"], /Allowed choices are credentials:write, /],
    [["create", "--end-user-prefix", ""], /--end-user-prefix must have 1 to 256/],
    [["create", "--expires", "tomorrow"], /give a length of time such as 90d, or a date/],
    [["create", "--expires", "2020-01-01"], /over already/],
    [["create", "--expires", "2020-13-01"], /give a length of time/],
    [["rotate", "sb_live_nothing0", "--grace", "24h"], /acme has no key sb_live_nothing0/],
    [["rotate", "sb_live_nothing0", "--grace", "soon"], /give a length of time such as 24h/],
  ])("%j says what is wrong", async (args, sentence) => {
    const { code, stderr } = await keys(...args, "--business", "acme");
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
  });

  test("that were replaced are not rotated again", async () => {
    const { keyId } = await json("create", "--business", "acme");
    expect((await keys("rotate", keyId, "--business", "acme", "--grace", "0h")).stdout).toMatch(
      /shown only now[\s\S]*It replaces sb_live_.*EXPIRED .*replaced by/,
    );
    expect((await keys("rotate", keyId, "--business", "acme", "--grace", "0h")).stderr).toMatch(/was replaced before/);
  });
});
