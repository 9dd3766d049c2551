import { type Kysely, sql } from "kysely";

/** Whether a task may change anything at the sites it visits. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE tasks
    ADD COLUMN mode text COLLATE "C" NOT NULL DEFAULT 'act' CHECK (mode IN ('read', 'act'))`.execute(db);
}
