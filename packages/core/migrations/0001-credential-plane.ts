import { type Kysely, sql } from "kysely";

/** Businesses, their API keys, sealed credentials, the access log, sessions and tasks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

const statements = [
  sql`CREATE TABLE businesses (
    business_id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
  )`,

  // The secret is 40 random characters: its SHA-256 can be looked up by index and cannot be guessed (decision 0004).
  sql`CREATE TABLE api_keys (
    key_id text COLLATE "C" PRIMARY KEY,
    business_id text COLLATE "C" NOT NULL REFERENCES businesses,
    secret_hash bytea NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    label text,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at timestamptz
  )`,
  sql`CREATE INDEX api_keys_of_business ON api_keys (business_id, created_at DESC)`,

  sql`CREATE TABLE end_user_keys (
    business_id text COLLATE "C" NOT NULL REFERENCES businesses,
    end_user_id text COLLATE "C" NOT NULL,
    key_id bytea NOT NULL CHECK (length(key_id) = 8),
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    sealed_private_key bytea NOT NULL,
    keyring_key_id bytea NOT NULL CHECK (length(keyring_key_id) = 8),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business_id, end_user_id)
  )`,
  sql`CREATE INDEX end_user_keys_by_keyring_key ON end_user_keys (keyring_key_id, business_id, end_user_id)`,

  // No foreign key to end_user_keys: the writing statement locks that row itself (store/credentials.ts), once a PUT and
  // not once a field. Room is left on each page so that updating a value or its last use need not touch the index.
  sql`CREATE TABLE credentials (
    business_id text COLLATE "C" NOT NULL,
    end_user_id text COLLATE "C" NOT NULL,
    field text COLLATE "C" NOT NULL,
    key_id bytea NOT NULL,
    sealed bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    PRIMARY KEY (business_id, end_user_id, field)
  ) WITH (fillfactor = 75)`,

  sql`CREATE TABLE platform_health (
    business_id text COLLATE "C" NOT NULL,
    end_user_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    health text NOT NULL CHECK (health IN ('unknown', 'valid', 'expired', 'challenged')),
    checked_at timestamptz NOT NULL,
    credentials_updated_at timestamptz NOT NULL,
    PRIMARY KEY (business_id, end_user_id, platform),
    FOREIGN KEY (business_id, end_user_id) REFERENCES end_user_keys ON DELETE CASCADE
  )`,

  sql`CREATE TABLE credential_access (
    access_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    business_id text COLLATE "C" NOT NULL,
    end_user_id text COLLATE "C" NOT NULL,
    action text NOT NULL CHECK (action IN ('set', 'delete', 'open')),
    fields text[] NOT NULL,
    actor text NOT NULL,
    task_id uuid,
    at timestamptz NOT NULL DEFAULT now(),
    CHECK ((action = 'open') = (task_id IS NOT NULL))
  )`,
  sql`CREATE INDEX credential_access_of_end_user ON credential_access (business_id, end_user_id, access_id)`,
  sql`CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$`,
  sql`CREATE TRIGGER credential_access_is_append_only BEFORE UPDATE OR DELETE ON credential_access
    FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  sql`CREATE TRIGGER credential_access_is_never_emptied BEFORE TRUNCATE ON credential_access
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,

  sql`CREATE TABLE sessions (
    session_id uuid PRIMARY KEY,
    business_id text COLLATE "C" NOT NULL REFERENCES businesses,
    end_user_id text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,

  sql`CREATE TABLE tasks (
    task_id uuid PRIMARY KEY,
    business_id text COLLATE "C" NOT NULL REFERENCES businesses,
    session_id uuid NOT NULL REFERENCES sessions,
    end_user_id text COLLATE "C" NOT NULL,
    kind text NOT NULL CHECK (kind IN ('check')),
    task text NOT NULL,
    platforms text[] NOT NULL,
    status text NOT NULL DEFAULT 'pending'
      CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    attempt integer NOT NULL DEFAULT 0,
    worker_id text,
    result text,
    check_result jsonb,
    error text,
    error_code text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    completed_at timestamptz,
    CHECK ((status = 'failed') = (error IS NOT NULL)),
    CHECK ((status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL))
  )`,
  sql`CREATE INDEX tasks_of_session ON tasks (session_id, created_at)`,
];
