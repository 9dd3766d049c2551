import { Kysely, PostgresDialect, sql } from "kysely";
import { Pool } from "pg";
import type { Db, StoreTransaction } from "../database.ts";
import { migrationsOf } from "../migrate.ts";
import type { Schema } from "../schema.ts";

const statementTimeoutMs = 3_600_000;

/** One connection for the statements of a backup: each may take an hour. */
export async function withBulkDatabase<Result>(
  url: string,
  work: (db: Db, migrations: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const pool = new Pool({
    connectionString: url,
    application_name: "stablehand-backup",
    max: 1,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
    onConnect: async (client) => {
      client.on("error", () => {}); // told by the statement that fails
      await client.query("SET timezone = 'UTC'");
    },
  });
  pool.on("error", () => {}); // and so is an idle one's end
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await work(db, await migrationsOf(pool));
  } finally {
    await db.destroy();
  }
}

/** The columns of a table: those of its primary key, in its order, and those that a row may be inserted with. */
export async function columnsOf(
  transaction: StoreTransaction,
  table: string,
): Promise<{ primaryKey: string[]; insertable: string[] }> {
  const { rows } = await sql<{ name: string; key_position: number | null; is_generated: boolean }>`
    SELECT attname AS name, array_position(indkey::smallint[], attnum) AS key_position,
           attidentity <> '' OR attgenerated <> '' AS is_generated
      FROM pg_attribute LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary
     WHERE attrelid = ${table}::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`.execute(transaction);
  const position = (row: (typeof rows)[number]) => row.key_position ?? 0;
  return {
    primaryKey: rows
      .filter((row) => row.key_position !== null)
      .sort((one, other) => position(one) - position(other))
      .map(({ name }) => name),
    insertable: rows.filter((row) => !row.is_generated).map(({ name }) => name),
  };
}
