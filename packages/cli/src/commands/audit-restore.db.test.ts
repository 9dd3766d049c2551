import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { restoreBackup } from "@stablehand/core/backup/restore-backup";
import { writeBackup } from "@stablehand/core/backup/write-backup";
import { migrate } from "@stablehand/core/migrate";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";
import { createTestDatabase, makeOpenTempDir } from "../../../../tests/support/postgres.ts";
import { runCli } from "../../../../tests/support/server.ts";

let api: TestApi;
let acme: TestBusiness;
let temp: Awaited<ReturnType<typeof makeOpenTempDir>>;
let head: string;
const at = (n: number) => `/v1/end-users/user-${n}/credentials`;

beforeAll(async () => {
  api = await startTestApi();
  temp = await makeOpenTempDir();
  acme = await api.business("acme");
  const other = await api.business("other");
  for (let n = 0; n < 8; n++) {
    await acme.call("PUT", at(n), { redditSession: "CANARY" });
    await other.call("PUT", at(n), { redditSession: "CANARY" });
  }
  await acme.call("DELETE", at(3));
  head = join(temp.dir, "head.json");
  writeFileSync(head, (await stablehand(api.databaseUrl, "audit", "head", "--json")).stdout);
});
afterAll(async () => {
  await temp.remove();
  await api.stop();
});

const stablehand = (databaseUrl: string, ...args: string[]) =>
  runCli(args, { DATABASE_URL: databaseUrl, STABLEHAND_DATA_DIR: join(temp.dir, "data") });

async function query(databaseUrl: string, ...statements: string[]): Promise<object[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    let rows: object[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

let count = 0;
async function backUp(databaseUrl = api.databaseUrl): Promise<{ values: string; keys: string }> {
  count += 1;
  const files = { values: join(temp.dir, `values-${count}`), keys: join(temp.dir, `keys-${count}`) };
  await writeBackup(databaseUrl, files);
  return files;
}

async function inNewDatabase(work: (databaseUrl: string) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  try {
    await migrate(database.url);
    await work(database.url);
  } finally {
    await database.drop();
  }
}

async function broken(databaseUrl: string, ...args: string[]) {
  const { code, stdout } = await stablehand(databaseUrl, "audit", "verify", "--json", ...args);
  const found = JSON.parse(stdout) as { intact: boolean; rows: number; broken: Record<string, unknown>[] }; // ours
  expect(code).toBe(found.intact ? 0 : 1);
  return { rows: found.rows, broken: found.broken.map(({ business, sequence, kind }) => [business, sequence, kind]) };
}

const log = "SELECT * FROM credential_access WHERE action <> 'restore' ORDER BY business_id, sequence";
const ofBusiness = (name: string) => `business_id = (SELECT business_id FROM businesses WHERE name = '${name}')`;

test("a log is intact after backup and restore, row for row, fits the head kept before, and goes on", async () => {
  const files = ["--values", join(temp.dir, "values"), "--keys", join(temp.dir, "keys")];
  expect((await stablehand(api.databaseUrl, "backup", ...files)).stderr).toBe("");
  await inNewDatabase(async (url) => {
    expect((await stablehand(url, "restore", ...files)).stderr).toBe("");
    expect(await query(url, log)).toEqual(await query(api.databaseUrl, log));
    const rows = 17 + 15; // with a row for each end-user who got values back
    expect(await broken(url, "--head", head)).toEqual({ rows, broken: [] });
    await query(
      url,
      `INSERT INTO credential_access (business_id, end_user_id, action, fields, actor)
       SELECT business_id, 'late', 'set', '{}', 'key:x' FROM businesses`,
    );
    expect(await broken(url, "--head", head)).toEqual({ rows: rows + 2, broken: [] });
  });
}, 180_000);

test("restored rows that are altered afterwards are named", async () => {
  const files = await backUp();
  await inNewDatabase(async (url) => {
    await restoreBackup(url, files, null);
    await query(
      url,
      "ALTER TABLE credential_access DISABLE TRIGGER USER",
      `UPDATE credential_access SET end_user_id = 'mallory' WHERE sequence = 5 AND ${ofBusiness("acme")}`,
    );
    expect((await broken(url)).broken).toEqual([["acme", 5, "altered"]]);
  });
});

test("a row that was altered in the backup's file, checksum and all, is named after the restore", async () => {
  const files = await backUp();
  const lines = gunzipSync(readFileSync(files.values)).toString().trimEnd().split("\n").slice(0, -1);
  const isRow = (line: string) =>
    line.startsWith("credential_access ") && line.includes(acme.businessId) && line.includes('"user-5"');
  expect(lines.filter(isRow), "the control: the row is there").toHaveLength(1);
  const text = `${lines.map((line) => (isRow(line) ? line.replace("user-5", "mallory") : line)).join("\n")}\n`;
  writeFileSync(files.values, gzipSync(`${text}end ${createHash("sha256").update(text).digest("hex")}\n`));
  await inNewDatabase(async (url) => {
    await restoreBackup(url, files, null);
    expect((await broken(url)).broken).toEqual([["acme", 6, "altered"]]);
  });
});

test("what was altered or dropped before the backup is named after the restore: it hides nothing", async () => {
  const untouched = await backUp();
  await inNewDatabase(async (tampered) => {
    await restoreBackup(tampered, untouched, null);
    await query(
      tampered,
      "ALTER TABLE credential_access DISABLE TRIGGER USER",
      `UPDATE credential_access SET actor = 'key:x' WHERE sequence = 4 AND ${ofBusiness("acme")}`,
      `DELETE FROM credential_access WHERE sequence = 2 AND ${ofBusiness("other")}`,
      "ALTER TABLE credential_access ENABLE TRIGGER USER",
    );
    const files = await backUp(tampered);
    await inNewDatabase(async (url) => {
      await restoreBackup(url, files, null);
      const found = (await broken(url)).broken;
      expect(found.toSorted((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1))).toEqual([
        ["acme", 4, "altered"],
        ["other", 2, "dropped"],
      ]);
    });
  });
});

test("a log that is there stays as it is, also without its business", async () => {
  const files = await backUp();
  await inNewDatabase(async (url) => {
    await query(
      url,
      `INSERT INTO credential_access (business_id, end_user_id, action, fields, actor)
       VALUES ('${acme.businessId}', 'earlier', 'delete', '{}', 'operator')`,
    );
    await restoreBackup(url, files, null);
    const deletions = await query(url, "SELECT end_user_id FROM credential_access WHERE action = 'delete'");
    expect(deletions).toEqual([{ end_user_id: "earlier" }]);
    expect((await broken(url)).broken).toEqual([]);
  });
});
