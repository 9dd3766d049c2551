import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createApiKey } from "@stablehand/core/store/api-keys";
import { ensureBusiness } from "@stablehand/core/store/businesses";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";
import { checkout } from "../../../../tests/support/checkout.ts";
import { makeOpenTempDir } from "../../../../tests/support/postgres.ts";
import { runCli } from "../../../../tests/support/server.ts";

let api: TestApi;
let temp: Awaited<ReturnType<typeof makeOpenTempDir>>;
let acme: TestBusiness;
let count = 0;

beforeAll(async () => {
  api = await startTestApi();
  temp = await makeOpenTempDir();
});
afterAll(async () => {
  await temp.remove();
  await api.stop();
});
beforeEach(async () => {
  await tamper("DELETE FROM credential_access");
  acme = await api.business(`acme-${count++}`);
  for (let n = 0; n < 12; n++)
    await acme.call("PUT", `/v1/end-users/user-${n}/credentials`, { redditSession: "CANARY" });
});

const audit = (...args: string[]) => runCli(["audit", ...args], { DATABASE_URL: api.databaseUrl });

/** As someone who owns the tables can: with the triggers that refuse it switched off. */
async function tamper(statement: string, values: unknown[] = []): Promise<void> {
  const { pool } = api.context.database;
  await pool.query("ALTER TABLE credential_access DISABLE TRIGGER USER");
  await pool.query(statement, values);
  await pool.query("ALTER TABLE credential_access ENABLE TRIGGER USER");
}

async function verify(...args: string[]) {
  const { code, stdout } = await audit("verify", "--json", ...args);
  const { broken, intact } = JSON.parse(stdout);
  expect(code).toBe(intact ? 0 : 1);
  return broken.map(({ business, sequence, kind }: Record<string, unknown>) => [business, sequence, kind]);
}

describe("audit verify", () => {
  test("finds an untouched log intact, and says how long it is", async () => {
    expect(await audit("verify")).toEqual({
      code: 0,
      stdout: "The access log is intact: 12 rows of 1 businesses.\n",
      stderr: "",
    });
  });

  const name = () => `acme-${count - 1}`;
  test.each<[string, string, string, number]>([
    ["an altered row", "UPDATE credential_access SET end_user_id = 'mallory' WHERE sequence = 5", "altered", 5],
    ["a dropped row", "DELETE FROM credential_access WHERE sequence = 5", "dropped", 5],
    [
      "two rows that changed places",
      `UPDATE credential_access AS log SET end_user_id = other.end_user_id, at = other.at, hash = other.hash, previous = other.previous
         FROM credential_access AS other WHERE log.sequence IN (5, 9) AND other.sequence = 14 - log.sequence`,
      "altered",
      5,
    ],
    [
      "an altered row that was given the hash that fits",
      `UPDATE credential_access AS log SET hash = sha256(convert_to(replace(credential_access_entry(log), 'user-4', 'mallory'), 'UTF8')),
              end_user_id = 'mallory' WHERE sequence = 5`,
      "altered",
      5,
    ],
  ])("names %s, and ends with another code than 0", async (_name, statement, kind, sequence) => {
    await tamper(statement);
    expect(await verify()).toEqual([[name(), sequence, kind]]);
    const { code, stdout } = await audit("verify", "--business", name());
    expect([code, stdout]).toEqual([1, expect.stringContaining(`${name()}: row ${sequence} was ${kind}: `)]);
  });

  test("against a kept head also finds what was cut off at the end, whatever was added since", async () => {
    const head = await audit("head", "--json");
    const file = join(temp.dir, "head.json");
    await writeFile(file, head.stdout);
    expect(await verify("--head", file)).toEqual([]);
    await acme.call("DELETE", "/v1/end-users/user-1/credentials");
    expect(await verify("--head", file)).toEqual([]);
    await tamper("DELETE FROM credential_access WHERE sequence > 10");
    expect(await verify()).toEqual([]);
    expect(await verify("--head", file)).toEqual([[name(), 11, "cut"]]);
    for (let n = 0; n < 3; n++)
      await acme.call("PUT", `/v1/end-users/new-${n}/credentials`, { redditSession: "CANARY" });
    expect(await verify()).toEqual([]);
    expect(await verify("--head", file)).toEqual([[name(), 12, "altered"]]);
    await tamper("DELETE FROM credential_access");
    expect(await verify("--head", file)).toEqual([[null, 1, "cut"]]);
  });

  test("reads a log of more than one part to its end, and tells where in it a row was altered", async () => {
    await api.context.database.pool.query(
      `INSERT INTO credential_access (business_id, end_user_id, action, fields, actor)
       SELECT $1, 'user-' || n, 'set', '{}', 'key:x' FROM generate_series(13, 10001) AS n`,
      [acme.businessId],
    );
    expect((await audit("verify")).stdout).toBe("The access log is intact: 10001 rows of 1 businesses.\n");
    await tamper("UPDATE credential_access SET actor = 'key:y' WHERE sequence = 7000");
    expect(await verify()).toEqual([[name(), 7000, "altered"]]);
  });

  test("and head look at one business when told so, also of kept heads", async () => {
    const quiet = await api.business(`quiet-${count}`);
    await quiet.call("PUT", "/v1/end-users/alice/credentials", { redditSession: "CANARY" });
    const { stdout } = await audit("head", "--json");
    expect(JSON.parse(stdout).heads).toHaveLength(2);
    const file = join(temp.dir, "heads.json");
    await writeFile(file, stdout);
    await tamper("DELETE FROM credential_access WHERE sequence > 10");
    expect(await verify("--head", file, "--business", `quiet-${count}`)).toEqual([]);
    expect(await verify("--head", file, "--business", name())).toEqual([[name(), 11, "cut"]]);
    const { heads } = JSON.parse((await audit("head", "--json", "--business", name())).stdout);
    expect(heads).toMatchObject([{ business: name(), sequence: 10 }]);
    expect((await audit("head", "--business", name())).stdout).toMatch(
      new RegExp(`^${name()} {2}row 10 {2}[0-9a-f]{64}\n$`),
    );
  });

  test("looks at one business when told so, and says what is wrong with what it is told", async () => {
    await tamper("UPDATE credential_access SET actor = 'key:x' WHERE sequence = 2");
    const { db } = api.context.database;
    await createApiKey(db, await ensureBusiness(db, "quiet"), null);
    expect(await verify("--business", "quiet")).toEqual([]);
    expect((await audit("verify", "--business", "nobody")).stderr).toBe("There is no business named nobody.\n");
    const file = join(temp.dir, "no-head.json");
    await writeFile(file, "{}");
    expect((await audit("verify", "--head", file)).stderr).toContain("audit head --json");
    expect((await audit("verify", "--head", `${file}.not`)).stderr).toContain("cannot be read");
  });
});

test("docs/audit.md: each hash is the one that sha256sum gives, and its SQL finds an altered row", async () => {
  const text = await readFile(join(checkout, "docs/audit.md"), "utf8");
  const examples = [...text.matchAll(/```sh\n(printf .*)\n```\n```\n(.*)\n```/g)];
  expect(examples).toHaveLength(2);
  const hashes = examples.map(([, command = "", answer]) => {
    const printed = execFileSync("sh", ["-c", command], { encoding: "utf8" }).trim();
    expect(printed).toBe(answer);
    return printed.split(" ")[0];
  });
  expect(examples[1]?.[1]).toContain(`"previous":"${hashes[0]}"`);
  const [, sql = ""] = /```sql\n([\s\S]*?)```/.exec(text) ?? [];
  const run = async () => (await api.context.database.pool.query(sql)).rows;
  expect(await run()).toEqual([]);
  await tamper("UPDATE credential_access SET actor = 'key:x' WHERE sequence = 2");
  expect(await run()).toEqual([{ business_id: acme.businessId, sequence: "2" }]);
});
