import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { sql } from "kysely";
import type { StoreTransaction } from "../database.ts";
import { BackupError, type BackupHeader, type BackupRow, writeBackupFile } from "./backup-file.ts";
import { type BackupPart, backupTables } from "./backup-tables.ts";
import { columnsOf, withBulkDatabase } from "./bulk-database.ts";

const batchSize = 500;

/** Where each part of a backup lies. */
export type BackupFiles = { readonly [Part in BackupPart]?: string };

/** What was written. */
export interface WrittenBackup {
  readonly backupId: string;
  readonly takenAt: string;
  /** Rows of each part. */
  readonly rows: { readonly [Part in BackupPart]?: number };
}

/**
 * Writes the parts for which a file is named, all as of one moment, while everything goes on.
 *
 * All files or none; needs memory for 500 rows, however many there are. Throws BackupError in words for the operator.
 */
export function writeBackup(databaseUrl: string, files: BackupFiles): Promise<WrittenBackup> {
  const wanted = (["values", "keys"] as const).flatMap((part) => {
    const path = files[part];
    return path === undefined ? [] : [{ part, path }];
  });
  const taken = wanted.find(({ path }) => existsSync(path));
  if (taken) throw new BackupError(`${taken.path} exists: name a new file, none is overwritten.`);
  return withBulkDatabase(databaseUrl, (db, migrations) =>
    db
      .transaction()
      .setIsolationLevel("repeatable read")
      .setAccessMode("read only")
      .execute(async (transaction) => {
        const moment = { backupId: randomUUID(), takenAt: new Date().toISOString() };
        const rows: { [Part in BackupPart]?: number } = {};
        const written: string[] = [];
        try {
          for (const { part, path } of wanted) {
            const header: BackupHeader = { format: "stablehand-backup", version: 1, part, ...moment, migrations };
            rows[part] = await writeBackupFile(path, header, readPart(transaction, part));
            written.push(path);
          }
        } catch (error) {
          for (const path of written) await rm(path, { force: true });
          throw error;
        }
        return { ...moment, rows };
      }),
  );
}

async function* readPart(transaction: StoreTransaction, part: BackupPart): AsyncGenerator<BackupRow[]> {
  for (const table of backupTables[part]) {
    const { primaryKey } = await columnsOf(transaction, table);
    await sql`
      DECLARE backup_rows NO SCROLL CURSOR FOR
      SELECT row_to_json(stored)::text AS json FROM ${sql.table(table)} AS stored
       ORDER BY ${sql.join(primaryKey.map((name) => sql.ref(name)))}`.execute(transaction);
    for (;;) {
      const { rows } = await sql<{ json: string }>`FETCH ${sql.lit(batchSize)} FROM backup_rows`.execute(transaction);
      if (rows.length > 0) yield rows.map(({ json }) => ({ table, json }));
      if (rows.length < batchSize) break;
    }
    await sql`CLOSE backup_rows`.execute(transaction);
  }
}
