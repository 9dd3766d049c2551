import { type Kysely, sql } from "kysely";

/** How many secrets the redactor removed from what a task's runs said. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE tasks ADD COLUMN leak_blocked integer NOT NULL DEFAULT 0`.execute(db);
}
