import { type Kysely, sql } from "kysely";

/** What the dashboard asks for: tasks by when they ended, and how deliveries to a webhook endpoint went. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

const statements = [
  // A task comes in when it ends, and its row need not be read to count it. Checks are nobody's tasks, and not counted.
  sql`CREATE INDEX tasks_ended ON tasks (business_id, completed_at) INCLUDE (status, error_code, started_at)
    WHERE completed_at IS NOT NULL AND kind <> 'check'`,

  // Of each endpoint the latest 500 (contract/src/webhooks.ts): attempts counts, and what is too old goes with each one.
  sql`ALTER TABLE webhook_endpoints ADD COLUMN attempts bigint NOT NULL DEFAULT 0`,
  sql`CREATE TABLE webhook_attempts (
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    n bigint NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    event_type text NOT NULL,
    attempt integer NOT NULL,
    delivered boolean NOT NULL,
    outcome text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (endpoint_id, n)
  )`,
];
