import { randomBytes } from "node:crypto";
import { type Kysely, sql } from "kysely";

/** Design extractions, the files that they keep, and the key that signs those files' addresses. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
  await sql`INSERT INTO installation_secrets (name, secret) VALUES ('asset_links', ${randomBytes(32)})`.execute(db);
}

const statements = [
  sql`ALTER TABLE tasks
    DROP CONSTRAINT tasks_kind_check,
    ADD CONSTRAINT tasks_kind_check CHECK (kind IN ('browse', 'check', 'design')),
    ADD COLUMN extractors text[] NOT NULL DEFAULT '{}',
    ADD COLUMN ip_rotation boolean NOT NULL DEFAULT false`,

  // Apart from the tasks, whose rows are read and written as a whole while they run.
  sql`CREATE TABLE design_results (
    task_id uuid PRIMARY KEY REFERENCES tasks ON DELETE CASCADE,
    results text NOT NULL
  )`,

  // unused_since: null while a task refers to it. The bytes are here, or where location says.
  sql`CREATE TABLE design_assets (
    asset_id uuid PRIMARY KEY,
    business_id text COLLATE "C" NOT NULL REFERENCES businesses,
    content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
    content_type text NOT NULL,
    byte_length integer NOT NULL CHECK (byte_length > 0),
    bytes bytea,
    location text,
    created_at timestamptz NOT NULL DEFAULT now(),
    unused_since timestamptz DEFAULT now(),
    CHECK ((bytes IS NULL) <> (location IS NULL)),
    UNIQUE (business_id, content_hash, content_type)
  )`,
  // Images and fonts are compressed already, and a slice of what is not compressed is read without the rest.
  sql`ALTER TABLE design_assets ALTER COLUMN bytes SET STORAGE EXTERNAL`,
  sql`CREATE INDEX design_assets_unused ON design_assets (unused_since) WHERE unused_since IS NOT NULL`,

  sql`CREATE TABLE task_assets (
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    n integer NOT NULL,
    source_url text NOT NULL,
    asset_id uuid NOT NULL REFERENCES design_assets,
    PRIMARY KEY (task_id, n)
  )`,
  sql`CREATE INDEX task_assets_of_asset ON task_assets (asset_id)`,

  // However a task is removed: what it alone had used is then swept.
  sql`CREATE FUNCTION mark_unused_asset() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE design_assets SET unused_since = now() WHERE asset_id = OLD.asset_id;
      RETURN NULL;
    END $$`,
  sql`CREATE TRIGGER task_assets_removed AFTER DELETE ON task_assets FOR EACH ROW EXECUTE FUNCTION mark_unused_asset()`,

  sql`CREATE TABLE installation_secrets (
    name text COLLATE "C" PRIMARY KEY,
    secret bytea NOT NULL CHECK (length(secret) = 32),
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
];
