import { AppError, getReadiness } from "@stablehand/contract";
import { isMigrated } from "@stablehand/core/migrate";
import { handlerFor } from "../handler.ts";

/** Asks the database whether it is there and of the right schema. */
export const handleGetReadiness = handlerFor(getReadiness, async (_input, { database, log }) => {
  const migrated = await isMigrated(database.pool).catch((error: unknown) => {
    log.warn({ err: error }, "the database cannot be reached");
    throw new AppError("unavailable", "The database cannot be reached.");
  });
  if (!migrated)
    throw new AppError("unavailable", "The database's schema is older than this release: run `stablehand migrate`.");
  return { ready: true as const };
});
