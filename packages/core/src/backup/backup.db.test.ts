import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { openKeyring, rotateKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { signUp } from "../../../../tests/support/accounts.ts";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";
import { type KeyRow, openRows, type ValueRow } from "../../../../tests/support/open-stored.ts";
import { createTestDatabase } from "../../../../tests/support/postgres.ts";
import { migrate } from "../migrate.ts";
import { askRotation } from "../store/end-user-rotations.ts";
import { retireKeyringKey } from "../store/keyring-retirement.ts";
import { restoreBackup } from "./restore-backup.ts";
import { type BackupFiles, writeBackup } from "./write-backup.ts";

let api: TestApi;
let acme: TestBusiness;
let dir: string;
let count = 0;
const at = (endUserId: string) => `/v1/end-users/${endUserId}/credentials`;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  await signUp(api, "acme");
  dir = mkdtempSync(join(tmpdir(), "stablehand-backup-"));
});
beforeEach(async () => {
  for (const endUserId of ["alice", "bob", "carol"])
    await acme.call("PUT", at(endUserId), { redditSession: `r-${endUserId}`, twitterCt0: `t-${endUserId}` });
});
afterAll(async () => {
  await api.stop();
  rmSync(dir, { recursive: true });
});

async function backUp(): Promise<Required<BackupFiles>> {
  count += 1;
  const files = { values: join(dir, `values-${count}`), keys: join(dir, `keys-${count}`) };
  await writeBackup(api.databaseUrl, files);
  return files;
}

async function query<Row extends object>(text: string, url = api.databaseUrl): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** What a worker with this vault's keys opens in a database. */
async function openAll(url = api.databaseUrl): Promise<Map<string, string>> {
  const { keys } = await openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile));
  const opened = openRows(
    await query<KeyRow>("SELECT * FROM end_user_keys", url),
    await query<ValueRow>("SELECT * FROM credentials", url),
    keys,
  );
  return new Map([...opened].map(([place, value]) => [place.split("/").slice(1).join("/"), value]));
}

const all = Object.fromEntries(
  ["alice", "bob", "carol"].flatMap((name) => [
    [`${name}/redditSession`, `r-${name}`],
    [`${name}/twitterCt0`, `t-${name}`],
  ]),
);

async function inNewDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  try {
    await migrate(database.url);
    await work(database.url);
  } finally {
    await database.drop();
  }
}

/** Everything of the tables that a restore may touch. */
const contents = (url: string) =>
  query<object>(
    `SELECT (SELECT json_agg(t ORDER BY business_id) FROM businesses t) AS a, (SELECT json_agg(k ORDER BY k.key_id) FROM (SELECT key_id, label, revoked_at FROM api_keys) k) AS b,
            (SELECT json_agg(t ORDER BY business_id, end_user_id) FROM end_user_keys t) AS c,
            (SELECT json_agg(t ORDER BY business_id, end_user_id, field) FROM credentials t) AS d,
            (SELECT json_agg(t ORDER BY key_id) FROM destroyed_keys t) AS e,
            (SELECT count(*) FROM credential_access) AS f, (SELECT count(*) FROM webhook_endpoints) AS g`,
    url,
  );

describe("into an empty database", () => {
  test("both parts bring back what was there, byte for byte, with API keys, webhooks and the log", async () => {
    await acme.call("POST", "/v1/webhook-endpoints", { url: "https://example.com/hook" });
    const files = await backUp();
    await inNewDatabase(async (url) => {
      const report = await restoreBackup(url, files, null);
      expect(report.restored).toMatchObject({ businesses: 1, apiKeys: 1, endUserKeys: 3, values: 6 });
      expect(Object.fromEntries(await openAll(url))).toEqual(all);
      for (const table of [
        "businesses",
        "accounts",
        "account_sign_ins",
        "api_keys",
        "end_user_keys",
        "credentials",
        "webhook_endpoints",
      ]) {
        const rows = (from: string) =>
          query(`SELECT to_jsonb(t) - 'last_used_at' AS row FROM ${table} t ORDER BY 1`, from);
        const before = await rows(api.databaseUrl);
        expect(before.length, table).toBeGreaterThan(0);
        expect(await rows(url), table).toEqual(before);
      }
      const log = (from: string) =>
        query(
          "SELECT business_id, end_user_id, action, fields, actor, task_id, at FROM credential_access WHERE action <> 'restore' ORDER BY at, fields",
          from,
        );
      expect(await log(url)).toEqual(await log(api.databaseUrl));
      expect(
        await query("SELECT end_user_id, fields, actor FROM credential_access WHERE action = 'restore'", url),
      ).toEqual(
        ["alice", "bob", "carol"].map((endUserId) => ({
          end_user_id: endUserId,
          fields: ["redditSession", "twitterCt0"],
          actor: "operator",
        })),
      );
    });
  });

  test("an account comes back unless its address is another's by now", async () => {
    const files = await backUp();
    await inNewDatabase(async (url) => {
      await query("INSERT INTO businesses (business_id, name) VALUES ('newer', 'newer')", url);
      await query(
        "INSERT INTO accounts (id, business_id, email, name) VALUES ('newer', 'newer', 'acme@example.com', '')",
        url,
      );
      await restoreBackup(url, files, null);
      expect(await query("SELECT id FROM accounts", url)).toEqual([{ id: "newer" }]);
      expect(await query("SELECT id FROM account_sign_ins", url)).toEqual([]);
    });
  });

  test("repeated it changes nothing, and says so", async () => {
    const files = await backUp();
    await inNewDatabase(async (url) => {
      await restoreBackup(url, files, null);
      const before = await contents(url);
      const report = await restoreBackup(url, files, null);
      expect(report).toMatchObject({
        restored: { businesses: 0, apiKeys: 0, accessLog: 0, endUserKeys: 0, values: 0 },
        left: { presentKeys: 3, presentValues: 6 },
      });
      expect(await contents(url)).toEqual(before);
    });
  });

  test("the values alone open nothing, and do not come back without their keys; the keys alone hold no value", async () => {
    const files = await backUp();
    await inNewDatabase(async (url) => {
      expect((await restoreBackup(url, { keys: files.keys }, null)).left.strangeKeys).toBe(3);
      const report = await restoreBackup(url, { values: files.values }, null);
      expect(report).toMatchObject({ restored: { businesses: 1, values: 0 }, left: { valuesWithoutKey: 6 } });
      await restoreBackup(url, files, null);
      expect(Object.fromEntries(await openAll(url))).toEqual(all);
    });
  });

  test("a business of a name that is taken comes back under another", async () => {
    const files = await backUp();
    await inNewDatabase(async (url) => {
      await query("INSERT INTO businesses (business_id, name) VALUES ('other', 'acme')", url);
      const { renamed } = await restoreBackup(url, files, null);
      expect(renamed).toEqual([{ from: "acme", to: `acme (restored ${acme.businessId})` }]);
      expect(Object.fromEntries(await openAll(url))).toEqual(all);
    });
  });
});

describe("into a database that is in use", () => {
  test("what is there stays as it is: newer values, revoked keys, deleted webhooks", async () => {
    const files = await backUp();
    await acme.call("PUT", at("alice"), { redditSession: "newer" });
    const before = await contents(api.databaseUrl);
    await restoreBackup(api.databaseUrl, files, null);
    expect(await contents(api.databaseUrl)).toEqual(before);
    expect((await openAll()).get("alice/redditSession")).toBe("newer");
  });

  test("values that were lost come back, and only those", async () => {
    const files = await backUp();
    await query("DELETE FROM credentials WHERE end_user_id = 'bob'"); // an accident, not a DELETE of the API
    const report = await restoreBackup(api.databaseUrl, files, null);
    expect(report).toMatchObject({ restored: { endUserKeys: 0, values: 2 }, left: { presentValues: 4 } });
    expect(Object.fromEntries(await openAll())).toEqual(all);
  });

  test("neither the key nor a value of an end-user who was deleted comes back, not even after they returned", async () => {
    const files = await backUp();
    await acme.call("DELETE", at("bob"));
    await acme.call("DELETE", at("carol"));
    await acme.call("PUT", at("carol"), { twitterCt0: "new" });
    const report = await restoreBackup(api.databaseUrl, files, null);
    expect(report).toMatchObject({
      restored: { endUserKeys: 0, values: 0 },
      left: { destroyedKeys: 2, valuesWithoutKey: 4 },
    });
    const opened = await openAll();
    expect([...opened].filter(([place]) => place.startsWith("bob"))).toEqual([]);
    expect([...opened].filter(([place]) => place.startsWith("carol"))).toEqual([["carol/twitterCt0", "new"]]);
  });

  test("a single field that was deleted does not come back", async () => {
    const files = await backUp();
    await acme.call("DELETE", at("alice"), { fields: ["twitterCt0"] });
    const report = await restoreBackup(api.databaseUrl, files, null);
    expect(report.left.deletedValues).toBe(1);
    expect((await openAll()).has("alice/twitterCt0")).toBe(false);
  });

  test("a key sealed to a keyring key that is retired does not come back", async () => {
    const files = await backUp();
    const [{ keyring_key_id: old } = { keyring_key_id: Buffer.alloc(8) }] = await query<{ keyring_key_id: Buffer }>(
      "SELECT keyring_key_id FROM end_user_keys LIMIT 1",
    );
    await inNewDatabase(async (url) => {
      await query(`INSERT INTO retired_keyring_keys (keyring_key_id) VALUES ('\\x${old.toString("hex")}')`, url);
      const report = await restoreBackup(url, files, null);
      expect(report).toMatchObject({ restored: { endUserKeys: 0, values: 0 }, left: { retiredKeys: 3 } });
    });
    expect(await retireKeyringKey(api.context.database.db, old)).toEqual({ endUsers: 3, webhooks: 1 });
  });

  test("after the database went back to an earlier moment, newer keys destroy again what was destroyed since", async () => {
    const early = await backUp();
    await acme.call("DELETE", at("bob"));
    const late = await backUp();
    await inNewDatabase(async (url) => {
      await restoreBackup(url, early, null);
      expect((await openAll(url)).has("bob/twitterCt0"), "the control").toBe(true);
      const report = await restoreBackup(url, { keys: late.keys }, null);
      expect(report.destroyedAgain).toBe(1);
      expect([...(await openAll(url)).keys()].filter((place) => place.startsWith("bob"))).toEqual([]);
    });
  });
});

describe("one moment", () => {
  test("while end-users come, change and go, every value of a backup has its key in it", async () => {
    const stop = new AbortController();
    const busy = Array.from({ length: 4 }, async (_, n) => {
      for (let round = 0; !stop.signal.aborted; round++) {
        const name = `busy-${n}-${round % 5}`;
        await acme.call("PUT", at(name), { redditSession: `${round}`, twitterCt0: `${round}` });
        if (round % 3 === 0) await acme.call("DELETE", at(name));
        if (round % 4 === 0)
          await askRotation(api.context.database.db, { businessId: acme.businessId, endUserId: name });
      }
    });
    const backups: Required<BackupFiles>[] = [];
    for (let n = 0; n < 10; n++) backups.push(await backUp());
    stop.abort();
    await Promise.all(busy);
    for (const files of backups)
      await inNewDatabase(async (url) => {
        const report = await restoreBackup(url, files, null);
        expect(report.left.valuesWithoutKey).toBe(0);
        const opened = await openAll(url);
        expect(opened.size).toBe(report.restored.values);
      });
  });
});

describe("what is refused changes nothing", () => {
  const withChecksum = (text: string) => `${text}end ${createHash("sha256").update(text).digest("hex")}\n`;
  const lines = (path: string) => gunzipSync(readFileSync(path)).toString().trimEnd().split("\n");

  test.each<[string, (files: Required<BackupFiles>) => void, RegExp]>([
    [
      "a file that is cut short",
      ({ values }) => writeFileSync(values, readFileSync(values).subarray(0, -40)),
      /damaged or cut short/,
    ],
    [
      "a file that was altered",
      ({ values }) =>
        writeFileSync(values, gzipSync(`${lines(values).join("\n").replace('"name":"acme"', '"name":"evil"')}\n`)),
      /was altered/,
    ],
    [
      "a file without its last rows",
      ({ keys }) => writeFileSync(keys, gzipSync(`${lines(keys).slice(0, -2).join("\n")}\n`)),
      /is cut short/,
    ],
    [
      "a row that is no row",
      ({ keys }) =>
        writeFileSync(keys, gzipSync(withChecksum([...lines(keys).slice(0, -1), "end_user_keys {", ""].join("\n")))),
      /row that does not fit/,
    ],
    [
      "rows of another table",
      ({ keys }) =>
        writeFileSync(keys, gzipSync(withChecksum([...lines(keys).slice(0, -1), "api_keys {}", ""].join("\n")))),
      /rows of a table that it should not have/,
    ],
    [
      "another schema",
      ({ values }) =>
        writeFileSync(
          values,
          gzipSync(
            `${lines(values)
              .join("\n")
              .replace(/"\d{4}-[a-z-]+"\]/, '"0099-later"]')}\n`,
          ),
        ),
      /was written with the schema 0099-later, and this database has/,
    ],
    [
      "the parts the wrong way round",
      (files) => {
        const values = readFileSync(files.values);
        writeFileSync(files.values, readFileSync(files.keys));
        writeFileSync(files.keys, values);
      },
      /holds the keys of a backup, not the values/,
    ],
  ])("%s", async (_name, spoil, message) => {
    const files = await backUp();
    spoil(files);
    await query("DELETE FROM credentials WHERE end_user_id = 'bob'");
    const before = await contents(api.databaseUrl);
    await expect(restoreBackup(api.databaseUrl, files, null)).rejects.toThrow(message);
    expect(await contents(api.databaseUrl)).toEqual(before);
  });

  test("keys of another installation's keyring", async () => {
    const files = await backUp();
    const before = await contents(api.databaseUrl);
    await expect(restoreBackup(api.databaseUrl, files, new Set(["0000000000000000"]))).rejects.toThrow(
      "put back its worker/vault.key",
    );
    expect(await contents(api.databaseUrl)).toEqual(before);
    const { keys } = await openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile));
    await restoreBackup(api.databaseUrl, files, new Set(keys.keys())); // the control
  });

  test("a failure in the middle", async () => {
    const files = await backUp();
    await inNewDatabase(async (url) => {
      await query(
        `CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no_more'; END $$;
         CREATE TRIGGER no_more BEFORE INSERT ON credential_access FOR EACH ROW WHEN (NEW.action = 'restore') EXECUTE FUNCTION no_more()`,
        url,
      );
      const before = await contents(url);
      await expect(restoreBackup(url, files, null)).rejects.toThrow("no_more");
      expect(await contents(url)).toEqual(before);
    });
  });
});

test("a retired keyring key is refused by the database: an API with an old public keyring stores nothing lost", async () => {
  const old = (await openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile))).current.keyId;
  const publicKeyring = readFileSync(api.vault.publicKeyringFile);
  await inNewDatabase(async (url) => {
    await query(`INSERT INTO businesses (business_id, name) VALUES ('b', 'b')`, url);
    await query(`INSERT INTO retired_keyring_keys (keyring_key_id) VALUES ('\\x${old.toString("hex")}')`, url);
    const insert = (keyringKeyId: string) =>
      query(
        `INSERT INTO end_user_keys (business_id, end_user_id, key_id, public_key, sealed_private_key, keyring_key_id)
         VALUES ('b', 'e', '\\x0102030405060708', '\\x${"00".repeat(32)}', '\\x00', '\\x${keyringKeyId}')`,
        url,
      );
    await expect(insert(old.toString("hex"))).rejects.toThrow("is retired: keyring.public.json is out of date");
    const current = await rotateKeyring(api.vault);
    await insert(current);
  });
  expect(publicKeyring).not.toEqual(readFileSync(api.vault.publicKeyringFile));
});
