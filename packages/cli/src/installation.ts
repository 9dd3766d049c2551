import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Database, openDatabase } from "@stablehand/core/database";
import { createLog } from "@stablehand/core/log";
import { CommandError } from "./command-error.ts";
import { type Places, resolvePlaces } from "./places.ts";

/** The directory that holds `packages` and `node_modules`. */
export const checkout = resolve(import.meta.dirname, "../../..");

/** The paths that this command and the server on the same data agree on. */
export function currentPlaces(): Places {
  return resolvePlaces(process.env, { cwd: process.cwd(), isRoot: process.getuid?.() === 0, checkout });
}

/** The database of this installation: `DATABASE_URL`, or the one that the running server keeps in its data directory. */
export function currentDatabaseUrl(): string {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
  const { databaseUrlFile, dataDir } = currentPlaces();
  try {
    return readFileSync(databaseUrlFile, "utf8").trim();
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === "EACCES"; // what readFileSync throws
    throw new CommandError(
      denied
        ? `${databaseUrlFile} may be read only by the user who started the server: run this as that user.`
        : `There is no database in ${dataDir} yet. Start the server first (npm start), or set DATABASE_URL or STABLEHAND_DATA_DIR.`,
    );
  }
}

/** Runs `work` on the installation's database; a database that does not answer becomes a sentence that says what to do. */
export async function withDatabase<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = openDatabase(currentDatabaseUrl(), {
    program: "cli",
    connectionsMax: 2,
    log: createLog("cli", "silent"),
  });
  try {
    return await work(database);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED")
      throw new CommandError(
        "The database does not answer. Start the server (npm start), and leave it running.",
        error,
      );
    throw error;
  } finally {
    await database.close();
  }
}
