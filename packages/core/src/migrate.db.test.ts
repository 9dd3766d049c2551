import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase } from "../../../tests/support/postgres.ts";
import { up as makeCredentialPlane } from "../migrations/0001-credential-plane.ts";
import { isMigrated, migrate } from "./migrate.ts";

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
