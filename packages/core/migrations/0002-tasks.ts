import { type Kysely, sql } from "kysely";

/** Tasks of agents, their events, their order among businesses, the month's count, and idempotency keys. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

const statements = [
  // Checks now go through the queue `turns`. Those that still waited in the old one are ended: they can be asked for again.
  sql`UPDATE tasks SET status = 'failed', completed_at = now(), updated_at = now(), error_code = 'worker_lost',
        error = 'The server was upgraded before this check ran. Ask for it again.'
      WHERE status IN ('pending', 'running')`,

  // Counted by the statement that inserts the tasks; granted is how many of its last statement's were within the limit.
  sql`CREATE TABLE task_usage (
    business_id text COLLATE "C" NOT NULL REFERENCES businesses,
    month date NOT NULL,
    used integer NOT NULL,
    granted integer NOT NULL,
    input_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    model_calls bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (business_id, month)
  ) WITH (fillfactor = 50)`,

  sql`ALTER TABLE sessions ADD COLUMN active_at timestamptz NOT NULL DEFAULT now()`,
  sql`UPDATE sessions SET active_at = created_at`,
  sql`CREATE INDEX sessions_by_activity ON sessions (business_id, active_at DESC, session_id DESC)`,
  sql`CREATE INDEX sessions_of_end_user ON sessions (business_id, end_user_id, active_at DESC, session_id DESC)`,

  // JSON is kept as text: jsonb refuses escapes that JSON allows, and nothing is ever looked for inside.
  sql`ALTER TABLE tasks
    DROP CONSTRAINT tasks_kind_check,
    ADD CONSTRAINT tasks_kind_check CHECK (kind IN ('browse', 'check')),
    ALTER COLUMN platforms SET DEFAULT '{}',
    ADD COLUMN start_url text,
    ADD COLUMN output_schema text,
    ADD COLUMN steps_max integer,
    ADD COLUMN wants_html boolean NOT NULL DEFAULT false,
    ADD COLUMN turn bigint NOT NULL DEFAULT 0,
    ADD COLUMN losses integer NOT NULL DEFAULT 0,
    ADD COLUMN may_have_acted boolean NOT NULL DEFAULT false,
    ADD COLUMN event_count integer NOT NULL DEFAULT 0,
    ADD COLUMN structured_content text,
    ADD COLUMN html_dump text,
    ADD COLUMN total_steps integer,
    ADD COLUMN visited_hosts text[],
    ADD COLUMN input_tokens bigint,
    ADD COLUMN output_tokens bigint,
    ADD COLUMN model_calls integer`,

  // The order among businesses (decision 0006): a business's last turn, and the latest turn that was ever claimed.
  sql`CREATE INDEX tasks_turn_of_business ON tasks (business_id, turn)`,
  sql`CREATE INDEX tasks_claimed_turn ON tasks (turn) WHERE attempt > 0`,
  sql`CREATE INDEX tasks_running ON tasks (worker_id) WHERE status = 'running'`,

  sql`CREATE TABLE task_events (
    task_id uuid NOT NULL REFERENCES tasks,
    n integer NOT NULL,
    attempt integer NOT NULL,
    type text NOT NULL CHECK (type IN ('status', 'step')),
    data text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (task_id, n)
  )`,

  sql`CREATE TABLE idempotency_keys (
    business_id text COLLATE "C" NOT NULL REFERENCES businesses,
    idempotency_key text COLLATE "C" NOT NULL,
    body_hash bytea NOT NULL CHECK (length(body_hash) = 32),
    task_id uuid NOT NULL REFERENCES tasks,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business_id, idempotency_key)
  )`,
  sql`CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)`,
];
