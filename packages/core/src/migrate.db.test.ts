import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase } from "../../../tests/support/postgres.ts";
import { up as makeCredentialPlane } from "../migrations/0001-credential-plane.ts";
import { up as makeTasks } from "../migrations/0002-tasks.ts";
import { up as makeWebhooks } from "../migrations/0003-webhooks.ts";
import type { AccessRow } from "./access-entry.ts";
import { openDatabase } from "./database.ts";
import { createLog } from "./log.ts";
import { isMigrated, migrate } from "./migrate.ts";
import { readAccessLog } from "./store/credential-access.ts";
import { verifyAccessLog } from "./verify-access-log.ts";

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

test("APIs and workers that start at the same moment on an empty database all find it ready", async () => {
  const results = await Promise.all(Array.from({ length: 5 }, () => migrate(database.url)));
  expect(results.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
  expect(await isMigrated(pool)).toBe(true);
  expect(await migrate(database.url)).toEqual({ applied: [] });
});

test("an idle connection that breaks meanwhile ends neither the migration nor the process", async () => {
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  try {
    await other.query("BEGIN; CREATE TABLE businesses (x int)"); // the migration waits for the end of it
    const migrating = migrate(database.url);
    const endIdleOnes = () =>
      pool.query(
        `SELECT count(pg_terminate_backend(pid))::int AS ended FROM pg_stat_activity
          WHERE datname = current_database() AND state = 'idle'
            AND EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`,
      );
    await expect.poll(async () => (await endIdleOnes()).rows[0].ended).toBeGreaterThan(0);
    await other.query("ROLLBACK");
    expect((await migrating).applied.length).toBeGreaterThan(10);
  } finally {
    await other.end();
  }
});

test("a check that still waited in the first release's queue is ended, not lost without a word", async () => {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url }) }),
  });
  await makeCredentialPlane(db);
  await db.destroy();
  await pool.query(`
    CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL);
    INSERT INTO kysely_migration VALUES ('0001-credential-plane', '2026-01-01T00:00:00.000Z');
    INSERT INTO businesses (business_id, name) VALUES ('acme', 'acme');
    INSERT INTO sessions (session_id, business_id, end_user_id)
    VALUES ('00000000-0000-4000-8000-000000000001', 'acme', 'alice');
    INSERT INTO tasks (task_id, business_id, session_id, end_user_id, kind, task, platforms)
    VALUES ('00000000-0000-4000-8000-000000000002', 'acme', '00000000-0000-4000-8000-000000000001', 'alice', 'check', 'Check', '{twitter}')`);
  await migrate(database.url);
  const { rows } = await pool.query("SELECT status, error_code, error FROM tasks");
  expect(rows).toEqual([
    { status: "failed", error_code: "worker_lost", error: expect.stringMatching(/Ask for it again/) },
  ]);
});

test("an access log from before it was chained is chained as it stands, and goes on behind it", async () => {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url }) }),
  });
  await makeCredentialPlane(db);
  await db.destroy();
  await pool.query(`
    CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL);
    INSERT INTO kysely_migration VALUES ('0001-credential-plane', '2026-01-01T00:00:00.000Z')`);
  await pool.query(
    `INSERT INTO credential_access (business_id, end_user_id, action, fields, actor, task_id, at)
     SELECT (ARRAY['b1', 'b2', 'b3'])[1 + n % 3], 'user-' || n, CASE n % 2 WHEN 0 THEN 'set' ELSE 'open' END,
            '{twitterCt0}', 'key:a', CASE n % 2 WHEN 1 THEN gen_random_uuid() END, '2026-01-01T00:00:00.000001Z'::timestamptz - n * interval '1 second'
       FROM generate_series(1, 100) n`,
  );
  await migrate(database.url);
  const store = openDatabase(database.url, { program: "test", connectionsMax: 2, log: createLog("test", "silent") });
  await pool.query(
    "INSERT INTO credential_access (business_id, end_user_id, action, fields, actor) VALUES ('b2', 'new', 'delete', '{}', 'key:a')",
  );
  const rows: AccessRow[] = await readAccessLog(store.db, { businessId: null, after: null, limit: 1_000 });
  await store.close();
  expect(rows.slice(0, 2)).toMatchObject([
    {
      businessId: "b1",
      sequence: 1,
      endUserId: "user-3",
      action: "open",
      at: "2025-12-31T23:59:57.000001Z",
      keyId: null,
    },
    {
      businessId: "b1",
      sequence: 2,
      endUserId: "user-6",
      action: "set",
      at: "2025-12-31T23:59:54.000001Z",
      taskId: null,
    },
  ]);
  async function* streamed() {
    yield* rows;
  }
  expect(await verifyAccessLog(streamed(), [])).toEqual({ rows: 101, businesses: 3, broken: [] });
});

test("tasks that wait while the release before is replaced keep the login of the site they begin on, and no other", async () => {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url }) }),
  });
  for (const up of [makeCredentialPlane, makeTasks, makeWebhooks]) await up(db);
  await db.destroy();
  const addresses: [string | null, string[]][] = [
    ["https://x.com/home", ["twitter"]],
    ["HTTPS://Mobile.Twitter.com", ["twitter"]],
    ["https://old.reddit.com?x", ["reddit"]],
    ["https://accounts.google.com:443/", ["youtube"]],
    ["https://www.instagram.com/accounts/edit/", ["instagram"]],
    ["https://notx.com/", []],
    ["https://x.com.evil.example/", []],
    ["https://evil.example/x.com/", []],
    ["https://evil.example/?.x.com/", []],
    [null, []],
  ];
  const names = ["0001-credential-plane", "0002-tasks", "0003-webhooks"];
  await pool.query(
    `CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL);
     INSERT INTO businesses (business_id, name) VALUES ('acme', 'acme');
     INSERT INTO sessions (session_id, business_id, end_user_id)
     VALUES ('00000000-0000-4000-8000-000000000001', 'acme', 'alice');
     INSERT INTO credential_access (business_id, end_user_id, action, fields, actor) VALUES ('acme', 'alice', 'set', '{}', 'key')`,
  );
  await pool.query("INSERT INTO kysely_migration SELECT name, '2026' FROM unnest($1::text[]) AS name", [names]);
  await pool.query(
    `INSERT INTO tasks (task_id, business_id, session_id, end_user_id, kind, task, start_url, turn)
     SELECT gen_random_uuid(), 'acme', '00000000-0000-4000-8000-000000000001', 'alice', 'browse', 'Read', url, n
       FROM unnest($1::text[]) WITH ORDINALITY AS row (url, n)`,
    [addresses.map(([url]) => url)],
  );
  expect(await migrate(database.url)).toMatchObject({ applied: expect.arrayContaining(["0004-login-leases"]) });
  const { rows } = await pool.query("SELECT start_url, platforms FROM tasks ORDER BY turn");
  expect(rows.map((row) => [row.start_url, row.platforms])).toEqual(addresses);
});
