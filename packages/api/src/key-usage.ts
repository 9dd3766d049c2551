import type { Db } from "@stablehand/core/database";
import type { Logger } from "@stablehand/core/log";
import { touchApiKeys } from "@stablehand/core/store/api-keys";

const flushMs = 2_000;

/** Collects when API keys were used and stores it now and then; best effort, nothing waits for it. */
export interface KeyUsage {
  used(keyId: string): void;
  /** Stores what is still in memory, and ends. */
  close(): Promise<void>;
}

/** Starts collecting. At most one entry a key is held, and written every 2 s. */
export function collectKeyUsage(db: Db, log: Logger): KeyUsage {
  let lastUsed = new Map<string, Date>();
  async function flush(): Promise<void> {
    const batch = lastUsed;
    lastUsed = new Map();
    await touchApiKeys(db, batch).catch((error: unknown) => log.warn({ err: error }, "lastUsedAt was not stored"));
  }
  const timer = setInterval(flush, flushMs);
  timer.unref();
  return {
    used: (keyId) => lastUsed.set(keyId, new Date()),
    close() {
      clearInterval(timer);
      return flush();
    },
  };
}
