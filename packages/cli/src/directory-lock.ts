import { DatabaseSync } from "node:sqlite";
import { CommandError } from "./command-error.ts";

/**
 * Takes `lockFile` for this process, or throws that another one has it. Held until released or until the process ends.
 *
 * The kernel drops the lock however the process dies, so no stale one can be left. Made of SQLite's file lock (fcntl),
 * the only such lock Node brings: an abstract Unix socket would be blind to a second container on the same directory, and
 * an advisory lock in PostgreSQL comes too late, since starting PostgreSQL is what must not happen twice.
 */
export function lockDirectory(lockFile: string, takenMessage: string): { release(): void } {
  const database = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    database.exec("pragma journal_mode = off; begin exclusive");
  } catch (error) {
    database.close();
    const isTaken = error instanceof Error && "errcode" in error && error.errcode === 5; // SQLITE_BUSY
    throw isTaken ? new CommandError(takenMessage) : error;
  }
  return { release: () => database.close() };
}
