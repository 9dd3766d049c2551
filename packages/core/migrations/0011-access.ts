import { type Kysely, sql } from "kysely";

/** The access log becomes a chain for each business (decision 0015), and API keys can be narrow. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

const statements = [
  // A key without scopes has all of them.
  sql`ALTER TABLE api_keys
    ADD COLUMN scopes text[]
      CHECK (scopes <@ '{credentials:write,credentials:read,tasks:run,tasks:read,design:run}' AND cardinality(scopes) > 0),
    ADD COLUMN end_user_prefix text COLLATE "C" CHECK (end_user_prefix <> ''),
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN replaced_by text COLLATE "C" REFERENCES api_keys`,
  // For statements that confirm their caller (decision 5); inlined by the planner. packages/api/src/auth.ts says the same in words.
  sql`CREATE FUNCTION api_key_allows(key api_keys, scope text, end_user_id text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT key.revoked_at IS NULL
       AND (key.expires_at IS NULL OR key.expires_at > now())
       AND (key.scopes IS NULL OR scope = ANY (key.scopes))
       AND (key.end_user_prefix IS NULL OR starts_with(end_user_id, key.end_user_prefix))
  $$`,

  // Whoever is about to write a row waits here, and then writes it into the new table.
  sql`LOCK TABLE credential_access IN ACCESS EXCLUSIVE MODE`,
  sql`ALTER TABLE credential_access RENAME TO credential_access_unchained`,
  sql`ALTER TABLE credential_access_unchained DROP CONSTRAINT credential_access_pkey`,
  sql`DROP INDEX credential_access_of_end_user`,

  sql`CREATE TABLE credential_access (
    business_id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    end_user_id text COLLATE "C" NOT NULL,
    action text NOT NULL CONSTRAINT credential_access_action_check
      CHECK (action IN ('set', 'delete', 'open', 'check', 'rotate', 'rekey', 'restore')),
    fields text[] NOT NULL,
    actor text NOT NULL,
    task_id uuid,
    key_id bytea CHECK (length(key_id) = 8),
    at timestamptz NOT NULL DEFAULT now(),
    previous bytea NOT NULL CHECK (length(previous) = 32),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (business_id, sequence),
    CONSTRAINT credential_access_check CHECK ((action IN ('open', 'check', 'rotate')) = (task_id IS NOT NULL))
  )`,
  sql`CREATE INDEX credential_access_of_end_user ON credential_access (business_id, end_user_id, sequence)`,

  // The bytes that are hashed: RFC 8785's canonical JSON. core/src/access-entry.ts makes the same.
  sql`CREATE FUNCTION credential_access_entry(entry credential_access) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT '{"action":' || to_json(entry.action)::text
        || ',"actor":' || to_json(entry.actor)::text
        || ',"at":"' || to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '","business":' || to_json(entry.business_id)::text
        || ',"endUser":' || to_json(entry.end_user_id)::text
        || ',"fields":' || array_to_json(entry.fields)::text
        || ',"keyId":' || coalesce('"' || encode(entry.key_id, 'hex') || '"', 'null')
        || ',"previous":"' || encode(entry.previous, 'hex')
        || '","sequence":' || entry.sequence::text
        || ',"taskId":' || coalesce('"' || entry.task_id::text || '"', 'null') || '}'
  $$`,

  // One business's rows are written by one transaction at a time, to the end of which the lock lasts: so they become visible
  // in their order. It is the last lock that any transaction takes, and those of several businesses go in their order.
  sql`CREATE FUNCTION chain_credential_access() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- IF, since PERFORM would make a statement of it: 45 µs more for a lone PUT.
      IF pg_advisory_xact_lock(hashtextextended('credential_access ' || NEW.business_id, 0)) IS NULL THEN END IF;
      SELECT sequence, hash INTO NEW.sequence, NEW.previous
        FROM credential_access WHERE business_id = NEW.business_id ORDER BY sequence DESC LIMIT 1;
      NEW.sequence := coalesce(NEW.sequence, 0) + 1;
      NEW.previous := coalesce(NEW.previous, '\\x0000000000000000000000000000000000000000000000000000000000000000');
      NEW.hash := sha256(convert_to(credential_access_entry(NEW), 'UTF8'));
      RETURN NEW;
    END $$`,
  sql`CREATE TRIGGER credential_access_is_chained BEFORE INSERT ON credential_access
    FOR EACH ROW EXECUTE FUNCTION chain_credential_access()`,

  sql`INSERT INTO credential_access (business_id, end_user_id, action, fields, actor, task_id, at)
    SELECT business_id, end_user_id, action, fields, actor, task_id, at
      FROM credential_access_unchained ORDER BY business_id, access_id`,
  sql`DROP TABLE credential_access_unchained`,

  sql`CREATE TRIGGER credential_access_is_append_only BEFORE UPDATE OR DELETE ON credential_access
    FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  sql`CREATE TRIGGER credential_access_is_never_emptied BEFORE TRUNCATE ON credential_access
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
];
