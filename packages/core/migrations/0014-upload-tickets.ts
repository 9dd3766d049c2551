import { type Kysely, sql } from "kysely";

/** Where an upload ticket's page may be embedded, and may return to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

const statements = [sql`ALTER TABLE businesses ADD COLUMN embed_origins text[] NOT NULL DEFAULT '{}'`];
