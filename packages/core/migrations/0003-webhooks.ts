import { type Kysely, sql } from "kysely";

/** Where businesses are told that a task has ended, and what still has to be sent there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

const statements = [
  sql`CREATE TABLE webhook_endpoints (
    endpoint_id uuid PRIMARY KEY,
    business_id text COLLATE "C" NOT NULL REFERENCES businesses,
    url text NOT NULL,
    description text,
    sealed_secret bytea NOT NULL,
    keyring_key_id bytea NOT NULL CHECK (length(keyring_key_id) = 8),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_attempt_at timestamptz,
    last_delivery_at timestamptz,
    last_outcome text,
    failing_since timestamptz,
    paused_until timestamptz,
    disabled_at timestamptz,
    events_lost integer NOT NULL DEFAULT 0
  ) WITH (fillfactor = 75)`,
  sql`CREATE INDEX webhook_endpoints_of_business ON webhook_endpoints (business_id, created_at)`,

  // Holds only what still has to be sent: a row goes when its event is delivered or given up.
  sql`CREATE TABLE webhook_deliveries (
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    event_id text COLLATE "C" NOT NULL,
    body text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (endpoint_id, event_id)
  )`,
  sql`CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at)`,
];
