import { migrate } from "@stablehand/core/migrate";
import { CommandError } from "./command-error.ts";

/** Brings the schema up to date; safe from several machines at once. A database that cannot be used becomes a sentence. */
export async function prepareDatabase(databaseUrl: string): Promise<void> {
  if (!URL.canParse(databaseUrl)) {
    throw new CommandError("DATABASE_URL is no URL; it looks like postgres://user:password@host:port/database");
  }
  try {
    await migrate(databaseUrl);
  } catch (error) {
    const { hostname, port, pathname } = new URL(databaseUrl);
    const reason = error instanceof Error ? error.message || error.name : String(error);
    const place = `${pathname.slice(1)} at ${hostname}:${port || 5432}`;
    throw new CommandError(`The database ${place} could not be prepared: ${reason}`, error);
  }
}
