import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CommandError } from "./command-error.ts";

/** Every path of one installation; all absolute. */
export interface Places {
  readonly dataDir: string;
  readonly vault: { readonly keyFile: string; readonly keyringFile: string; readonly publicKeyringFile: string };
  /** The embedded PostgreSQL, see embedded-postgres.ts. */
  readonly postgresDir: string;
  /** The embedded PostgreSQL's URL, mode 0600, written anew at each start. */
  readonly databaseUrlFile: string;
  /** What signs the sessions of accounts, mode 0600. */
  readonly authSecretFile: string;
  /** The worker user's own directory, mode 0700. */
  readonly workerDir: string;
  /** The worker's TMPDIR, emptied whenever no worker runs. */
  readonly workerTmpDir: string;
  /** Held locked by the running supervisor. */
  readonly lockFile: string;
  /** The copy of the program that other users can enter, when the checkout is closed to them. */
  readonly stagedProgramDir: string;
  /** Where a Chromium downloaded by root is kept; other users download into Playwright's own place. */
  readonly browsersDir: string;
}

/** Where the command was given: `checkout` is the directory that holds `packages` and `node_modules`. */
export interface Whereabouts {
  readonly cwd: string;
  readonly isRoot: boolean;
  readonly checkout: string;
}

const systemDir = "/var/lib/stablehand";

/**
 * The paths of the installation that `env` and `whereabouts` mean; the server and every other command get the same answer.
 *
 * `STABLEHAND_DATA_DIR` wins, relative to `cwd`. Otherwise `<cwd>/data`, or /var/lib/stablehand/data when root starts it
 * from a place that other users cannot enter, since PostgreSQL, the API and the worker then run as other users.
 * Reads directory modes, changes nothing. Throws when root names a directory that other users cannot enter.
 */
export function resolvePlaces(env: NodeJS.ProcessEnv, { cwd, isRoot, checkout }: Whereabouts): Places {
  const dataDir = dataDirOf(env, { cwd, isRoot, checkout });
  const workerDir = join(dataDir, "worker");
  return {
    dataDir,
    vault: {
      keyFile: join(workerDir, "vault.key"),
      keyringFile: join(workerDir, "keyring.json"),
      publicKeyringFile: join(dataDir, "keyring.public.json"),
    },
    postgresDir: join(dataDir, "postgres"),
    databaseUrlFile: join(dataDir, "database.url"),
    authSecretFile: join(dataDir, "auth.secret"),
    workerDir,
    workerTmpDir: join(workerDir, "tmp"),
    lockFile: join(dataDir, "start.lock"),
    stagedProgramDir: join(dataDir, "program"),
    browsersDir: join(systemDir, "browsers"),
  };
}

function dataDirOf(env: NodeJS.ProcessEnv, { cwd, isRoot, checkout }: Whereabouts): string {
  if (!env.STABLEHAND_DATA_DIR) {
    const closed = isRoot && !(isOpenToOthers(checkout) && isOpenToOthers(cwd));
    return closed ? join(systemDir, "data") : join(cwd, "data");
  }
  const dataDir = resolve(cwd, env.STABLEHAND_DATA_DIR);
  if (isRoot && !isOpenToOthers(dataDir)) {
    throw new CommandError(
      `STABLEHAND_DATA_DIR is ${dataDir}, which other users cannot enter (${closedPartOf(dataDir)} is closed to them). ` +
        "Started as root, Stablehand runs PostgreSQL, the API and the worker as users of their own. " +
        "Choose another directory, leave STABLEHAND_DATA_DIR out, or start Stablehand as the user who owns it.",
    );
  }
  return dataDir;
}

/**
 * True when a user who is neither the owner nor in the group can enter (a file: execute) `path`.
 *
 * Parts that do not exist yet count as open: whoever creates them opens them. Looks at mode bits only, not at ACLs.
 */
export function isOpenToOthers(path: string): boolean {
  return closedPartOf(path) === null;
}

function closedPartOf(path: string): string | null {
  const parent = dirname(path);
  const closedAbove = parent === path ? null : closedPartOf(parent);
  if (closedAbove) return closedAbove;
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  return mode === undefined || (mode & 0o001) !== 0 ? null : path;
}
