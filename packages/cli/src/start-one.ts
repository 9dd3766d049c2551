import { existsSync } from "node:fs";
import { chown } from "node:fs/promises";
import { join } from "node:path";
import { findAuthSecret } from "./auth-secret.ts";
import { CommandError } from "./command-error.ts";
import { prepareDataDir, prepareWorkerDir } from "./data-directory.ts";
import { lockDirectory } from "./directory-lock.ts";
import { ensureChromium } from "./install-chromium.ts";
import { keepPrograms } from "./keep-programs.ts";
import { type Places, resolvePlaces } from "./places.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { placeProgram } from "./program-place.ts";
import { apiProgram, workerProgram } from "./programs.ts";
import { type Run, runUntilStopped, whenAborted } from "./run-until-stopped.ts";
import { type StartOptions, urlOf } from "./start.ts";
import { ensureSystemUsers } from "./system-users.ts";

const workersMax = 64;

/**
 * Runs one API, or one worker, on `DATABASE_URL`, until SIGINT or SIGTERM; any number of each, on any machines.
 *
 * Of the vault's files an API needs `keyring.public.json`, a worker `worker/keyring.json` and, when its key provider is
 * `file`, `worker/vault.key`, in the data directory; an API needs `AUTH_SECRET` or `auth.secret` too. Throws a sentence that says what is missing.
 */
export function startOne(
  name: "api" | "worker",
  options: Omit<StartOptions, "createFirstKey" | "createFirstLink">,
): Promise<void> {
  const { env, cwd, checkout, json } = options;
  return runUntilStopped(async (run) => {
    const { signal, log } = run;
    const databaseUrl = env.DATABASE_URL;
    if (!databaseUrl)
      throw new CommandError(
        `DATABASE_URL is not set. \`stablehand ${name}\` runs alone, on a PostgreSQL that others share: ` +
          "set it to postgres://user:password@host:port/database, or run everything here with `stablehand start`.",
      );
    const isRoot = process.getuid?.() === 0;
    const places = resolvePlaces(env, { cwd, isRoot, checkout });
    await prepareDataDir(places.dataDir, isRoot);
    const hasKeyFile = (env.KEY_PROVIDER || "file") === "file";
    refuseWithoutVault(name, places, hasKeyFile);
    const authSecret = name === "api" ? authSecretOf(env, places) : "";
    const users = isRoot ? await ensureSystemUsers() : undefined;
    const programDir = isRoot ? placeProgram(checkout, places.stagedProgramDir) : checkout;
    await prepareDatabase(databaseUrl);
    signal.throwIfAborted();

    const setup = { programDir, places, databaseUrl, env, cwd, users };
    if (name === "api") {
      const programs = await keepPrograms([apiProgram(setup, authSecret)], run, env);
      const facts = { url: urlOf(programs), dataDir: places.dataDir };
      process.stdout.write(
        json ? `${JSON.stringify(facts)}\n` : `The API listens on ${facts.url}. Stop with Ctrl-C.\n`,
      );
      return Promise.race([programs.ended, whenAborted(signal)]);
    }
    await prepareWorkerDir(places, users?.worker);
    // Copied here by root, the worker's user could not read them.
    for (const file of users ? workerFiles(places, hasKeyFile) : [])
      await chown(file, users?.worker.uid ?? 0, users?.worker.gid ?? 0);
    const tmpDir = takeWorkerTmpDir(places, run);
    const search = { env, isRoot, programDir, browsersDir: places.browsersDir };
    const chromium = await ensureChromium(search, { log, signal });
    const programs = await keepPrograms([workerProgram(setup, { chromiumPath: chromium.path, tmpDir })], run, env);
    const facts = { workerId: programs.ready[0]?.workerId ?? "", dataDir: places.dataDir };
    process.stdout.write(
      json ? `${JSON.stringify(facts)}\n` : `The worker ${facts.workerId} takes tasks. Stop with Ctrl-C.\n`,
    );
    return Promise.race([programs.ended, whenAborted(signal)]);
  });
}

function authSecretOf(env: NodeJS.ProcessEnv, places: Places): string {
  const secret = findAuthSecret(env, places);
  if (secret) return secret;
  throw new CommandError(
    `AUTH_SECRET is not set, and there is no ${places.authSecretFile}. All API processes take the same: make one with ` +
      "openssl rand -base64 32, or copy the file that `stablehand start` made.",
  );
}

function workerFiles({ vault }: Places, hasKeyFile: boolean): string[] {
  return hasKeyFile ? [vault.keyringFile, vault.keyFile] : [vault.keyringFile];
}

function refuseWithoutVault(name: "api" | "worker", places: Places, hasKeyFile: boolean): void {
  const { dataDir, vault } = places;
  const wanted = name === "api" ? [vault.publicKeyringFile] : workerFiles(places, hasKeyFile);
  const missing = wanted.filter((file) => !existsSync(file));
  if (missing.length > 0)
    throw new CommandError(
      `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing. Make a vault once with ` +
        `\`stablehand vault init\` and copy the ${name}'s part of it into ${dataDir}, or name another directory with STABLEHAND_DATA_DIR.`,
    );
}

/** Each worker of a data directory has a TMPDIR of its own, the first that no other holds. */
function takeWorkerTmpDir({ dataDir, workerDir }: Places, { onStop }: Run): string {
  const taken = `${workersMax} workers already run on ${dataDir}; start others elsewhere, or raise WORKER_CONCURRENCY.`;
  for (let n = 1; ; n++) {
    try {
      const lock = lockDirectory(join(dataDir, `worker-${n}.lock`), taken);
      onStop(() => lock.release());
      return join(workerDir, `tmp-${n}`);
    } catch (error) {
      if (n >= workersMax || !(error instanceof CommandError)) throw error;
    }
  }
}
