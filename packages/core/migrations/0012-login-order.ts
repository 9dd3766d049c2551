import { type Kysely, sql } from "kysely";

/** A claim finds the end-user's earlier tasks that want a login too. Tasks without a login are not in the index. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE INDEX tasks_wanting_logins ON tasks (business_id, end_user_id, turn)
    WHERE status = 'pending' AND platforms <> '{}'`.execute(db);
}
