import { type Kysely, sql } from "kysely";

/** Hosts that a business allows its signed-in browsers beside the platforms', and what a task's browser reached. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

const statements = [
  sql`ALTER TABLE businesses ADD COLUMN allowed_hosts text[] NOT NULL DEFAULT '{}'`,
  sql`ALTER TABLE tasks ADD COLUMN allowed_hosts text[] NOT NULL DEFAULT '{}', ADD COLUMN network jsonb`,
];
