import { type KyselyPlugin, RawNode, sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase } from "../../../../tests/support/postgres.ts";
import { type Database, openDatabase } from "../database.ts";
import { createLog } from "../log.ts";
import { migrate } from "../migrate.ts";
import { ensureBusiness } from "./businesses.ts";
import { countEndedTasks } from "./task-statistics.ts";

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  const created = await createTestDatabase();
  drop = created.drop;
  await migrate(created.url);
  database = openDatabase(created.url, { program: "test", connectionsMax: 2, log: createLog("test", "silent") });
});
afterAll(async () => {
  await database.close();
  await drop();
});

test("counting reads no row of a task, only an index", async () => {
  const businessId = await ensureBusiness(database.db, "acme");
  const explain: KyselyPlugin = {
    transformQuery: ({ node }) => RawNode.create(["EXPLAIN ", ""], [node]),
    transformResult: async ({ result }) => result,
  };
  const plan = await database.db.connection().execute(async (connection) => {
    await sql`SET enable_bitmapscan = off`.execute(connection); // a choice for small tables, which need not be covered
    const rows = await countEndedTasks(connection.withPlugin(explain), businessId);
    await sql`RESET enable_bitmapscan`.execute(connection);
    return JSON.stringify(rows);
  });
  expect(plan).toContain("Index Only Scan using tasks_ended");
});
