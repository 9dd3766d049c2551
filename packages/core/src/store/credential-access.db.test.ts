import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../tests/support/postgres.ts";
import { seededRandom } from "../../../../tests/support/random.ts";
import { type AccessRow, accessEntry } from "../access-entry.ts";
import { type Database, openDatabase } from "../database.ts";
import { type BusinessId, newId, type TaskId } from "../ids.ts";
import { createLog } from "../log.ts";
import { migrate } from "../migrate.ts";
import { verifyAccessLog } from "../verify-access-log.ts";
import { listCredentialAccess, readAccessHeads, readAccessLog } from "./credential-access.ts";

let created: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;

beforeAll(async () => {
  created = await createTestDatabase();
  await migrate(created.url);
  database = openDatabase(created.url, { program: "test", connectionsMax: 8, log: createLog("test", "silent") });
});
afterAll(async () => {
  await database.close();
  await created.drop();
});

const newBusiness = () => newId<BusinessId>();

/** Writes a row for each of the owners, in one statement. */
const write = (owners: readonly { businessId: BusinessId; endUserId: string }[]) =>
  database.db
    .insertInto("credential_access")
    .values(
      owners.map(({ businessId, endUserId }, n) => ({
        business_id: businessId,
        end_user_id: endUserId,
        action: n % 2 ? "open" : "set",
        fields: n % 2 ? ["redditSession", "twitterCt0"] : [],
        actor: n % 2 ? "worker:w1" : 'key:"',
        task_id: n % 2 ? newId<TaskId>() : null,
        key_id: n % 3 ? Buffer.alloc(8, n) : null,
      })),
    )
    .execute();

async function* wholeLog(businessId: BusinessId | null): AsyncGenerator<AccessRow> {
  for (let after: AccessRow | null = null; ; ) {
    const part: AccessRow[] = await readAccessLog(database.db, { businessId, after, limit: 7 });
    yield* part;
    after = part.at(-1) ?? null;
    if (part.length < 7) return;
  }
}

async function allOf(businessId: BusinessId): Promise<AccessRow[]> {
  const rows: AccessRow[] = [];
  for await (const row of wholeLog(businessId)) rows.push(row);
  return rows;
}

describe("a row", () => {
  test("is chained to its business's last, whoever inserts it, in one statement or many, and beside others' rows", async () => {
    const [one, other] = [newBusiness(), newBusiness()];
    await write([one, one, other, one].map((businessId) => ({ businessId, endUserId: "alice" })));
    await write([other, one, other].map((businessId) => ({ businessId, endUserId: "bob" })));
    for (const businessId of [one, other]) {
      const rows = await allOf(businessId);
      expect(rows.map((row) => row.sequence)).toEqual(businessId === one ? [1, 2, 3, 4] : [1, 2, 3]);
      expect(rows.map((row) => row.previous)).toEqual(["0".repeat(64), ...rows.slice(0, -1).map((row) => row.hash)]);
      expect(await verifyAccessLog(wholeLog(businessId), [])).toMatchObject({ rows: rows.length, broken: [] });
    }
  });

  test("hashes the same bytes in the database and here, whatever an end-user is called", async () => {
    const businessId = newBusiness();
    const random = seededRandom(20_261_124);
    const character = () => {
      const point = Math.floor(random.next() * (random.next() < 0.5 ? 0x100 : 0x11_0000)) || 1;
      return point >= 0xd800 && point < 0xe000 ? "/" : String.fromCodePoint(point);
    };
    const names = Array.from({ length: 1_000 }, () => Array.from({ length: 8 }, character).join(""));
    for (let n = 0; n < names.length; n += 250)
      await write(names.slice(n, n + 250).map((endUserId) => ({ businessId, endUserId })));
    const { rows } = await database.pool.query<{ text: string }>(
      "SELECT credential_access_entry(log) AS text FROM credential_access AS log WHERE business_id = $1 ORDER BY sequence",
      [businessId],
    );
    const ours = (await allOf(businessId)).map(accessEntry);
    expect(ours).toHaveLength(1_000);
    expect(ours).toEqual(rows.map((row) => row.text));
    expect(await verifyAccessLog(wholeLog(businessId), [])).toMatchObject({ rows: 1_000, broken: [] });
  });

  test("cannot choose its own place, nor its hash", async () => {
    const businessId = newBusiness();
    await database.pool.query(
      `INSERT INTO credential_access (business_id, sequence, end_user_id, action, fields, actor, previous, hash)
       VALUES ($1, 9, 'alice', 'set', '{}', 'key', sha256(''), sha256(''))`,
      [businessId],
    );
    expect(await verifyAccessLog(wholeLog(businessId), [])).toMatchObject({ rows: 1, broken: [] });
  });

  test("of one transaction is waited for by the next of its business, and by no other's", async () => {
    const [one, other] = [newBusiness(), newBusiness()];
    const first = new pg.Client({ connectionString: created.url });
    await first.connect();
    const insert = `INSERT INTO credential_access (business_id, end_user_id, action, fields, actor)
                    VALUES ($1, 'first', 'set', '{}', 'key:a')`;
    await first.query("BEGIN");
    await first.query(insert, [one]);
    let done = false;
    const second = write([{ businessId: one, endUserId: "second" }]).then(() => {
      done = true;
    });
    await write([{ businessId: other, endUserId: "beside" }]);
    const waiting = async () =>
      (await database.pool.query("SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
        .rows[0].n;
    await expect.poll(waiting, { timeout: 5_000 }).toBe(1);
    expect(done).toBe(false);
    await first.query("COMMIT");
    await second;
    await first.end();
    const rows = await allOf(one);
    expect(rows.map((row) => row.endUserId)).toEqual(["first", "second"]);
  });

  test("has its place even when 8 connections write for 20 businesses at once: no gap, no deadlock", async () => {
    const businesses = Array.from({ length: 20 }, newBusiness).sort();
    await Promise.all(
      Array.from({ length: 80 }, (_, n) =>
        write(businesses.filter((_b, at) => (at + n) % 3).map((businessId) => ({ businessId, endUserId: `${n}` }))),
      ),
    );
    for (const businessId of businesses)
      expect(await verifyAccessLog(wholeLog(businessId), [])).toMatchObject({ businesses: 1, broken: [] });
  });
});

test("pages of a business's log go from the newest to the first, of one end-user or all, and hold nobody else's", async () => {
  const [one, other] = [newBusiness(), newBusiness()];
  await write(Array.from({ length: 9 }, (_, n) => ({ businessId: n % 3 ? one : other, endUserId: `user-${n % 2}` })));
  const page = (extra: object) => listCredentialAccess(database.db, one, { limit: 4, ...extra });
  expect((await page({})).map((row) => row.sequence)).toEqual([6, 5, 4, 3]);
  expect((await page({ before: 3 })).map((row) => row.sequence)).toEqual([2, 1]);
  expect((await page({ endUserId: "user-1" })).every((row) => row.endUserId === "user-1")).toBe(true);
  expect(await page({ endUserId: "user-2" })).toEqual([]);
});

test("the heads are the last rows of all chains, or of one", async () => {
  const one = newBusiness();
  await write([{ businessId: one, endUserId: "alice" }]);
  await write([{ businessId: one, endUserId: "bob" }]);
  const [last] = await listCredentialAccess(database.db, one, { limit: 1 });
  const head = { businessId: one, business: null, sequence: 2, hash: last?.hash };
  expect(await readAccessHeads(database.db, one)).toEqual([head]);
  const all = await readAccessHeads(database.db, null);
  expect(all).toContainEqual(head);
  const { businesses, broken } = await verifyAccessLog(wholeLog(null), all);
  expect([businesses, broken]).toEqual([all.length, []]);
});
