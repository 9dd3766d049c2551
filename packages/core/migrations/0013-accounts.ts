import { type Kysely, sql } from "kysely";

/** People who sign in, each for one business: their sessions, ways to sign in, one-time links, and the keys of their tokens. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

// All but the last two are better-auth's models under names of ours; packages/api/src/accounts/auth-options.ts pairs them.
const statements = [
  sql`CREATE TABLE accounts (
    id text COLLATE "C" PRIMARY KEY,
    business_id text COLLATE "C" NOT NULL UNIQUE REFERENCES businesses,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    email_verified boolean NOT NULL DEFAULT false,
    name text NOT NULL,
    image text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,

  // The token alone signs nobody in: the cookie also carries its HMAC under AUTH_SECRET.
  sql`CREATE TABLE account_sessions (
    id text COLLATE "C" PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL REFERENCES accounts ON DELETE CASCADE,
    token text COLLATE "C" NOT NULL UNIQUE,
    expires_at timestamptz NOT NULL,
    ip_address text,
    user_agent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  sql`CREATE INDEX account_sessions_of_account ON account_sessions (account_id)`,
  sql`CREATE INDEX account_sessions_by_end ON account_sessions (expires_at)`,

  // A password's scrypt hash, or the subject at an OpenID provider, of which no token is kept.
  sql`CREATE TABLE account_sign_ins (
    id text COLLATE "C" PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL REFERENCES accounts ON DELETE CASCADE,
    provider text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    password text,
    scope text,
    access_token text CHECK (access_token IS NULL),
    refresh_token text CHECK (refresh_token IS NULL),
    id_token text CHECK (id_token IS NULL),
    access_token_expires_at timestamptz,
    refresh_token_expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, subject)
  )`,
  sql`CREATE INDEX account_sign_ins_of_account ON account_sign_ins (account_id)`,

  // Links to a new password, and what is under way at an OpenID provider; identifiers are hashes.
  sql`CREATE TABLE account_verifications (
    id text COLLATE "C" PRIMARY KEY,
    identifier text COLLATE "C" NOT NULL,
    value text NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  sql`CREATE INDEX account_verifications_by_identifier ON account_verifications (identifier)`,
  sql`CREATE INDEX account_verifications_by_end ON account_verifications (expires_at)`,

  // Private halves are encrypted under AUTH_SECRET.
  sql`CREATE TABLE account_token_keys (
    id text COLLATE "C" PRIMARY KEY,
    public_key text NOT NULL,
    private_key text NOT NULL,
    alg text,
    crv text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz
  )`,

  // One at most for each business; a new one takes the place of that before.
  sql`CREATE TABLE account_setup_links (
    business_id text COLLATE "C" PRIMARY KEY REFERENCES businesses,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,

  sql`CREATE TABLE sign_in_attempts (
    key text COLLATE "C" PRIMARY KEY,
    count integer NOT NULL,
    ends_at timestamptz NOT NULL
  )`,
  sql`CREATE INDEX sign_in_attempts_by_end ON sign_in_attempts (ends_at)`,
];
