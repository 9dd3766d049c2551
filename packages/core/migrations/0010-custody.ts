import { type Kysely, sql } from "kysely";

/** Keys that are gone for good, keys that are to be replaced, and how far that is (decision 0014). */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

const statements = [
  // The id of a key is the hash of its public half, so it needs no owner, and nothing of a deleted end-user stays here.
  sql`CREATE TABLE destroyed_keys (
    key_id bytea PRIMARY KEY CHECK (length(key_id) = 8),
    destroyed_at timestamptz NOT NULL DEFAULT now()
  )`,
  sql`CREATE TABLE retired_keyring_keys (
    keyring_key_id bytea PRIMARY KEY CHECK (length(keyring_key_id) = 8),
    retired_at timestamptz NOT NULL DEFAULT now()
  )`,

  sql`ALTER TABLE end_user_keys ADD COLUMN rotation_asked_at timestamptz`,
  sql`CREATE INDEX end_user_keys_to_rotate ON end_user_keys (rotation_asked_at, business_id, end_user_id)
    WHERE rotation_asked_at IS NOT NULL`,

  // The last run of the re-sealing, for who follows it. Where it goes on stands in the rows that it re-seals.
  sql`CREATE TABLE reseal_runs (
    keyring_key_id bytea PRIMARY KEY CHECK (length(keyring_key_id) = 8),
    worker_id text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    resealed bigint NOT NULL DEFAULT 0,
    rotated bigint NOT NULL DEFAULT 0,
    unreadable bigint NOT NULL DEFAULT 0
  )`,

  // Triggers, so that no way to remove a key forgets it, and none brings one back: not a restore by other tools either.
  sql`CREATE FUNCTION remember_destroyed_key() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO destroyed_keys (key_id) VALUES (OLD.key_id) ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$`,
  sql`CREATE TRIGGER a_deleted_key_is_remembered AFTER DELETE ON end_user_keys
    FOR EACH ROW EXECUTE FUNCTION remember_destroyed_key()`,
  sql`CREATE TRIGGER a_replaced_key_is_remembered AFTER UPDATE OF key_id ON end_user_keys
    FOR EACH ROW WHEN (OLD.key_id <> NEW.key_id) EXECUTE FUNCTION remember_destroyed_key()`,
  sql`CREATE FUNCTION refuse_destroyed_key() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM destroyed_keys WHERE key_id = NEW.key_id) THEN
        RAISE EXCEPTION 'end-user key % was destroyed', encode(NEW.key_id, 'hex');
      END IF;
      RETURN NEW;
    END $$`,
  sql`CREATE TRIGGER a_destroyed_key_stays_so BEFORE INSERT OR UPDATE OF key_id ON end_user_keys
    FOR EACH ROW EXECUTE FUNCTION refuse_destroyed_key()`,

  // An API with an old copy of the public keyring must not store what nobody could open.
  sql`CREATE FUNCTION refuse_retired_keyring_key() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM retired_keyring_keys WHERE keyring_key_id = NEW.keyring_key_id) THEN
        RAISE EXCEPTION 'keyring key % is retired: keyring.public.json is out of date here', encode(NEW.keyring_key_id, 'hex');
      END IF;
      RETURN NEW;
    END $$`,
  sql`CREATE TRIGGER a_retired_keyring_key_seals_no_key BEFORE INSERT OR UPDATE OF keyring_key_id ON end_user_keys
    FOR EACH ROW EXECUTE FUNCTION refuse_retired_keyring_key()`,
  sql`CREATE TRIGGER a_retired_keyring_key_seals_no_secret BEFORE INSERT OR UPDATE OF keyring_key_id ON webhook_endpoints
    FOR EACH ROW EXECUTE FUNCTION refuse_retired_keyring_key()`,

  sql`ALTER TABLE credential_access
    DROP CONSTRAINT credential_access_action_check,
    ADD CONSTRAINT credential_access_action_check
      CHECK (action IN ('set', 'delete', 'open', 'rotate', 'rekey', 'restore'))`,
];
