import { type Kysely, sql } from "kysely";

/** Tickets by which an end-user stores its own cookies, and where their page may be embedded and return to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

const statements = [
  sql`ALTER TABLE businesses ADD COLUMN embed_origins text[] NOT NULL DEFAULT '{}'`,

  // The token is 32 random bytes: its SHA-256 can be looked up by index and cannot be guessed (decision 0004).
  // A ticket goes with its business and with the key that made it; a key that is revoked or expires is looked at each time.
  sql`CREATE TABLE upload_tickets (
    ticket_id uuid PRIMARY KEY,
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    business_id text COLLATE "C" NOT NULL REFERENCES businesses ON DELETE CASCADE,
    api_key_id text COLLATE "C" REFERENCES api_keys ON DELETE CASCADE,
    actor text NOT NULL,
    end_user_id text COLLATE "C" NOT NULL,
    platforms text[] NOT NULL CHECK (cardinality(platforms) > 0),
    return_url text,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
  )`,
  sql`CREATE INDEX upload_tickets_by_end ON upload_tickets (expires_at)`,
];
