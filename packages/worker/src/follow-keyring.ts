import { unwatchFile, watchFile } from "node:fs";
import type { Logger } from "@stablehand/core/log";

const lookEveryMs = 2_000;

/**
 * Loads the keyring anew whenever its file changes, so that a key which was retired is forgotten in memory as well.
 *
 * A file that is wrong or cannot be unwrapped is logged, and the keyring stays as it was. Returns what ends it.
 */
export function followKeyring(keyringFile: string, reload: () => Promise<unknown>, log: Logger): () => void {
  const look = () => {
    reload().catch((error: unknown) => log.error({ err: error }, "the keyring has changed and cannot be loaded"));
  };
  watchFile(keyringFile, { interval: lookEveryMs, persistent: false }, look);
  return () => unwatchFile(keyringFile, look);
}
