import type { Db } from "@stablehand/core/database";
import type { Logger } from "@stablehand/core/log";
import { forgetIdempotencyKeys } from "@stablehand/core/store/task-submissions";

const everyMs = 600_000;

/** Removes every ten minutes what nobody needs any more. Any number of workers may do so. Returns what ends it. */
export function startHousekeeping(db: Db, log: Logger): () => void {
  const timer = setInterval(() => {
    forgetIdempotencyKeys(db).catch((error: unknown) =>
      log.warn({ err: error }, "old idempotency keys are still there"),
    );
  }, everyMs);
  return () => clearInterval(timer);
}
