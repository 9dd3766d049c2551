import type { AssetStore } from "@stablehand/core/asset-store";
import type { Db } from "@stablehand/core/database";
import type { Logger } from "@stablehand/core/log";
import { sweepAccounts } from "@stablehand/core/store/accounts";
import { sweepAssets } from "@stablehand/core/store/design-assets";
import { forgetIdempotencyKeys } from "@stablehand/core/store/task-submissions";

const everyMs = 600_000;

/** Removes every ten minutes what nobody needs any more. Any number of workers may do so. Returns what ends it. */
export function startHousekeeping(db: Db, assetStore: AssetStore | null, log: Logger): () => void {
  const timer = setInterval(() => {
    forgetIdempotencyKeys(db).catch((error: unknown) =>
      log.warn({ err: error }, "old idempotency keys are still there"),
    );
    sweepAccounts(db).catch((error: unknown) => log.warn({ err: error }, "sessions that ended are still there"));
    sweepAssets(db, assetStore).catch((error: unknown) => log.warn({ err: error }, "unused files are still there"));
  }, everyMs);
  return () => clearInterval(timer);
}
