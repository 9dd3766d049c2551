import { sql } from "kysely";
import type { Db } from "../database.ts";

/** How far the re-sealing to one keyring key is: the last run's account of itself. */
export interface ResealRun {
  readonly workerId: string;
  readonly startedAt: Date;
  readonly updatedAt: Date;
  /** Null while it runs, and when its worker was lost: `updatedAt` then stands still. */
  readonly finishedAt: Date | null;
  /** End-users' keys that were sealed anew to the keyring key. */
  readonly resealed: number;
  /** End-users' keys that were replaced by new ones. */
  readonly rotated: number;
  /** Keys that did not open and stayed as they were. */
  readonly unreadable: number;
}

/** Writes down that a run to the keyring key has begun, in the place of the run before. */
export async function beginResealRun(db: Db, keyringKeyId: Buffer, workerId: string): Promise<void> {
  await sql`
    INSERT INTO reseal_runs (keyring_key_id, worker_id) VALUES (${keyringKeyId}, ${workerId})
    ON CONFLICT (keyring_key_id) DO UPDATE
      SET worker_id = excluded.worker_id, started_at = now(), updated_at = now(), finished_at = NULL,
          resealed = 0, rotated = 0, unreadable = 0`.execute(db);
}

/** Writes down how far the run is. Does nothing when another worker's run has begun since. */
export async function noteResealRun(
  db: Db,
  keyringKeyId: Buffer,
  run: { readonly workerId: string; readonly isFinished: boolean } & Pick<
    ResealRun,
    "resealed" | "rotated" | "unreadable"
  >,
): Promise<void> {
  const { workerId, isFinished, resealed, rotated, unreadable } = run;
  await sql`
    UPDATE reseal_runs
       SET updated_at = now(), finished_at = CASE WHEN ${isFinished} THEN now() END,
           resealed = ${resealed}, rotated = ${rotated}, unreadable = ${unreadable}
     WHERE keyring_key_id = ${keyringKeyId} AND worker_id = ${workerId}`.execute(db);
}

/** The last run to the keyring key; null when there was none. */
export async function getResealRun(db: Db, keyringKeyId: Buffer): Promise<ResealRun | null> {
  const row = await db
    .selectFrom("reseal_runs")
    .selectAll()
    .where("keyring_key_id", "=", keyringKeyId)
    .executeTakeFirst();
  if (!row) return null;
  return {
    workerId: row.worker_id,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
    resealed: Number(row.resealed),
    rotated: Number(row.rotated),
    unreadable: Number(row.unreadable),
  };
}
