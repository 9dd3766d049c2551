import { sql } from "kysely";
import type { Db, StoreTransaction } from "../database.ts";
import { BackupError, type OpenedBackup, openBackupFile } from "./backup-file.ts";
import { type BackupPart, backupTables } from "./backup-tables.ts";
import { withBulkDatabase } from "./bulk-database.ts";
import { putBack, type RestoreReport } from "./put-back.ts";
import type { BackupFiles } from "./write-backup.ts";

const batchSize = 500;
const lockTimeoutMs = 10_000;

/**
 * Puts back what is missing, from one part of a backup or both; changes nothing that is there.
 *
 * What comes back and what does not stands with `putBack`. All or nothing: the files are read to their end and checked first,
 * into tables of this connection alone; then one transaction does it, during which uploads, deletions and openings wait.
 * Repeated, also after a kill, it does what is left. Needs memory for 500 rows. `keyringKeyIds` are the keys of this
 * installation's keyring, in hex, or null when they are not known here.
 * Throws BackupError in words for the operator.
 */
export function restoreBackup(
  databaseUrl: string,
  files: BackupFiles,
  keyringKeyIds: ReadonlySet<string> | null,
): Promise<RestoreReport> {
  return withBulkDatabase(databaseUrl, (pool, migrations) =>
    pool.connection().execute(async (db) => {
      for (const table of [...backupTables.values, ...backupTables.keys])
        await sql`CREATE TEMP TABLE ${staged(table)} (LIKE ${sql.table(table)})`.execute(db);
      for (const part of ["values", "keys"] as const) {
        const path = files[part];
        if (path !== undefined) await stagePart(db, part, path, migrations);
      }
      for (const table of [...backupTables.values, ...backupTables.keys])
        await sql`ANALYZE ${staged(table)}`.execute(db);
      await refuseForeignKeyring(db, keyringKeyIds);
      return db.transaction().execute(async (transaction) => {
        await lockKeys(transaction);
        return putBack(transaction);
      });
    }),
  );
}

function staged(table: string) {
  return sql.table(`staged_${table}`);
}

async function stagePart(db: Db, part: BackupPart, path: string, migrations: readonly string[]): Promise<void> {
  const backup = await openBackupFile(path);
  try {
    refuseOtherSchema(backup, { part, path, migrations });
    const known = new Set<string>(backupTables[part]);
    let batch: string[] = [];
    let table = "";
    const flush = async () => {
      if (batch.length > 0)
        await sql`
          INSERT INTO ${staged(table)}
          SELECT * FROM json_populate_recordset(NULL::${sql.table(table)}, ${`[${batch.join(",")}]`}::json)`.execute(
          db,
        );
      batch = [];
    };
    for await (const row of backup.rows) {
      if (row.table !== table || batch.length === batchSize) {
        await flush();
        table = row.table;
        if (!known.has(table))
          throw new BackupError(`${path} has rows of a table that it should not have: it was altered.`);
      }
      batch.push(row.json);
    }
    await flush();
  } catch (error) {
    const { code = "" } = error as { code?: string }; // PostgreSQL's, if it is its error
    if (/^2[23]/.test(code)) throw new BackupError(`${path} has a row that does not fit its table: it was altered.`);
    throw error;
  } finally {
    await backup.rows.return(undefined);
  }
}

function refuseOtherSchema(
  { header }: OpenedBackup,
  { part, path, migrations }: { part: BackupPart; path: string; migrations: readonly string[] },
): void {
  if (header.part !== part) throw new BackupError(`${path} holds the ${header.part} of a backup, not the ${part}.`);
  if (JSON.stringify(header.migrations) === JSON.stringify(migrations)) return;
  throw new BackupError(
    `${path} was written with the schema ${header.migrations.at(-1)}, and this database has ${migrations.at(-1)}. ` +
      "Restore it into an empty database with the release that wrote it, and start the new release on that.",
  );
}

/** Keys that this installation's keyring does not open would look restored and be of no use. */
async function refuseForeignKeyring(db: Db, keyringKeyIds: ReadonlySet<string> | null): Promise<void> {
  if (!keyringKeyIds) return;
  const { rows } = await sql<{ key_id: string }>`
    SELECT DISTINCT encode(keyring_key_id, 'hex') AS key_id FROM staged_end_user_keys
     WHERE keyring_key_id NOT IN (SELECT keyring_key_id FROM retired_keyring_keys
                                  UNION SELECT keyring_key_id FROM staged_retired_keyring_keys)`.execute(db);
  const foreign = rows.map((row) => row.key_id).filter((keyId) => !keyringKeyIds.has(keyId));
  if (foreign.length > 0)
    throw new BackupError(
      `The backup's keys are sealed to the keyring key ${foreign.join(", ")}, which this installation's keyring does not have: ` +
        "put back its worker/vault.key, worker/keyring.json and keyring.public.json first.",
    );
}

/** Everything that writes keys or values, or opens them, touches this table first. */
async function lockKeys(transaction: StoreTransaction): Promise<void> {
  try {
    await sql`SET LOCAL lock_timeout = ${sql.lit(lockTimeoutMs)}`.execute(transaction);
    await sql`LOCK TABLE end_user_keys IN EXCLUSIVE MODE`.execute(transaction);
  } catch (error) {
    if ((error as { code?: string }).code !== "55P03") throw error; // lock_not_available
    throw new BackupError("The database was too busy to begin: nothing was changed, run it again.");
  }
}

export type { RestoreReport } from "./put-back.ts";
