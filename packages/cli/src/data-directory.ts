import { access, chmod, chown, constants, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CommandError } from "./command-error.ts";
import type { Places } from "./places.ts";
import type { SystemUser } from "./system-users.ts";

/**
 * Makes the data directory and says whether this process may use it. As root it is open to enter for all users, with every
 * part in it closed by itself; otherwise 0700.
 *
 * Throws a sentence when it belongs to another user or cannot be made. Safe to repeat.
 */
export async function prepareDataDir(dataDir: string, isRoot: boolean): Promise<void> {
  try {
    const firstMade = await mkdir(dataDir, { recursive: true, mode: isRoot ? 0o755 : 0o700 });
    // The umask of whoever starts us may have closed what was just made.
    for (let path = dataDir; isRoot && firstMade && path.length >= firstMade.length; path = dirname(path)) {
      await chmod(path, 0o755);
    }
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `The data directory ${dataDir} cannot be used: ${reason}. ` +
        "Start Stablehand as the user it belongs to, or name another with STABLEHAND_DATA_DIR.",
      error,
    );
  }
}

/**
 * Makes the worker's own directory, 0700, belonging to `worker` (undefined: to whoever runs this).
 *
 * Throws, with nothing changed, when it belongs to a third user: the data was made by a start as that user.
 */
export async function prepareWorkerDir({ workerDir }: Places, worker: SystemUser | undefined): Promise<void> {
  await mkdir(workerDir, { recursive: true, mode: 0o700 });
  const { uid } = await stat(workerDir);
  if (!worker) return;
  if (uid !== 0 && uid !== worker.uid) {
    throw new CommandError(
      `${workerDir} belongs to user ${uid}: Stablehand was started as that user before, and now as root. ` +
        "Start it as that user again, or name another directory with STABLEHAND_DATA_DIR.",
    );
  }
  await chown(workerDir, worker.uid, worker.gid);
}

/** Writes a file that only its owner may read, whole or not at all. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const fresh = join(dirname(path), `.${process.pid}.new`);
  await rm(fresh, { force: true });
  await writeFile(fresh, text, { mode: 0o600, flag: "wx" });
  await rename(fresh, path);
}
