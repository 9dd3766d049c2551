import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase } from "../../../tests/support/postgres.ts";
import { type Database, inTransaction, openDatabase } from "./database.ts";
import { createLog } from "./log.ts";

let own: { url: string; drop(): Promise<void> };
let database: Database;

beforeAll(async () => {
  own = await createTestDatabase();
  database = openDatabase(own.url, { program: "test", connectionsMax: 2, log: createLog("test", "silent") });
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

test("a connection that breaks within a transaction rejects it, and ends neither the process nor the pool", async () => {
  const broken = inTransaction(database.pool, async (client) => {
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
    await database.pool.query("SELECT pg_terminate_backend($1)", [rows[0].pid]);
    await client.query("SELECT pg_sleep(5)");
  });
  await expect(broken).rejects.toThrow();
  expect((await database.pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
});
