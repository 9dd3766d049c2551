import type { Database } from "@stablehand/core/database";
import { createLog } from "@stablehand/core/log";
import { openEnqueuer } from "@stablehand/core/queue";
import { sql } from "kysely";

/** Any two changes of the keyring at once would each write one without the other's: this lock lets one wait. */
const rotationLock = 7_461_001;

/** Runs `work`, which changes the keyring's files, alone: whoever else wants to waits, up to 15 s. */
export function withRotationLock<Result>({ db }: Database, work: () => Result | Promise<Result>): Promise<Result> {
  return db.connection().execute(async (connection) => {
    await sql`SELECT pg_advisory_lock(${rotationLock})`.execute(connection);
    try {
      return await work();
    } finally {
      await sql`SELECT pg_advisory_unlock(${rotationLock})`.execute(connection);
    }
  });
}

/** Lets a worker look for keys that are to be sealed anew. */
export async function askForResealing(database: Database): Promise<void> {
  const enqueuer = await openEnqueuer(database, createLog("cli", "silent"));
  await enqueuer.enqueueReseal();
  await enqueuer.close();
}
