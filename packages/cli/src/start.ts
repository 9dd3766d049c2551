import { chmod } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { initVault } from "@stablehand/vault/custody";
import { describeStart } from "./announce.ts";
import { ensureAuthSecret } from "./auth-secret.ts";
import { CommandError } from "./command-error.ts";
import { prepareDataDir, prepareWorkerDir, writePrivateFile } from "./data-directory.ts";
import { lockDirectory } from "./directory-lock.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import type { FirstLink } from "./first-link.ts";
import { ensureChromium } from "./install-chromium.ts";
import { keepPrograms } from "./keep-programs.ts";
import { providerForInit } from "./key-provider.ts";
import { resolvePlaces } from "./places.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { placeProgram } from "./program-place.ts";
import { apiProgram, type WorkerEntry, workerProgram } from "./programs.ts";
import { runUntilStopped, whenAborted } from "./run-until-stopped.ts";
import type { Supervised } from "./supervisor.ts";
import { ensureSystemUsers } from "./system-users.ts";

/** How Stablehand is started. */
export interface StartOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The directory that holds `packages` and `node_modules`. */
  readonly checkout: string;
  /** One JSON line instead of text for a human. */
  readonly json: boolean;
  /** The secret of the first API key of a database that has none; null otherwise. */
  readonly createFirstKey: (databaseUrl: string) => Promise<string | null>;
  /** The link for the first account of a database that has none; null otherwise. */
  readonly createFirstLink: (databaseUrl: string, baseUrl: string) => Promise<FirstLink | null>;
  /** The worker's program, for a leaktest's server; no command and no setting leads here. */
  readonly workerEntry?: WorkerEntry;
}

// With idle programs a stop takes less than 5 s: two programs at once, the sweep after the worker, then PostgreSQL.
const postgresStopMs = 1_500;
const postgresCheckMs = 2_000;

/**
 * Runs the whole server until SIGINT or SIGTERM: database, vault, API and worker.
 *
 * Standard output gets the announcement, standard error the progress of slow steps and the programs' logs. Resolves after
 * a clean stop: within 5 s of the signal when no task runs, otherwise when the running ones have ended or their grace is
 * over (keep-programs.ts). Throws, with everything stopped, when something cannot start or is given up.
 */
export function start(options: StartOptions): Promise<void> {
  const { env, cwd, checkout, json, createFirstKey, createFirstLink, workerEntry } = options;
  return runUntilStopped(async (run) => {
    const { signal, log, onStop } = run;
    const isRoot = process.getuid?.() === 0;
    const places = resolvePlaces(env, { cwd, isRoot, checkout });
    await prepareDataDir(places.dataDir, isRoot);
    const taken = `Stablehand is already running on ${places.dataDir}. Stop it first, or name another directory with STABLEHAND_DATA_DIR.`;
    const lock = lockDirectory(places.lockFile, taken);
    onStop(() => lock.release());

    const users = isRoot ? await ensureSystemUsers() : undefined;
    await prepareWorkerDir(places, users?.worker);
    const programDir = isRoot ? placeProgram(checkout, places.stagedProgramDir) : checkout;
    signal.throwIfAborted();

    let databaseUrl = env.DATABASE_URL;
    let postgresGone: Promise<never> | undefined;
    if (!databaseUrl) {
      const startPostgres = (): Promise<EmbeddedPostgres> =>
        startEmbeddedPostgres({ dir: places.postgresDir, programDir, user: users?.database, log });
      const postgres = { current: await startPostgres() };
      onStop(async () => {
        await postgresGone?.catch(() => {}); // it may be bringing one back
        await postgres.current.stop(postgresStopMs);
      });
      if (postgres.current.adopted) log("PostgreSQL was still running from before; going on with it.");
      databaseUrl = postgres.current.url;
      await writePrivateFile(places.databaseUrlFile, `${databaseUrl}\n`);
      postgresGone = keepPostgres(postgres, startPostgres, log, signal);
      postgresGone.catch(() => {}); // heard at the end, where it is waited for
    }
    signal.throwIfAborted();

    await prepareDatabase(databaseUrl);
    await initVault(places.vault, providerForInit(env, places));
    await chmod(places.vault.publicKeyringFile, 0o644);
    const search = { env, isRoot, programDir, browsersDir: places.browsersDir };
    const chromium = await ensureChromium(search, { log, signal });
    signal.throwIfAborted();

    const setup = { programDir, places, databaseUrl, env, cwd, users };
    const api = apiProgram(setup, await ensureAuthSecret(env, places));
    const worker = workerProgram(setup, { chromiumPath: chromium.path, tmpDir: places.workerTmpDir }, workerEntry);
    const programs = await keepPrograms([api, worker], run, env);
    const url = urlOf(programs);
    const facts = {
      url,
      dataDir: places.dataDir,
      apiKey: await createFirstKey(databaseUrl),
      setup: await createFirstLink(databaseUrl, env.PUBLIC_URL?.replace(/\/+$/, "") || url),
      hasModel: Boolean(env.MODEL),
    };
    process.stdout.write(`${json ? JSON.stringify(facts) : describeStart(facts)}\n`);
    await Promise.race([programs.ended, whenAborted(signal), ...(postgresGone ? [postgresGone] : [])]);
  });
}

/** Where the API, which comes first, listens. */
export function urlOf({ ready }: Supervised): string {
  const url = ready[0]?.url;
  if (!url) throw new Error("The API is ready but did not say where it listens");
  return url;
}

/** Starts PostgreSQL again when its server process is gone. Never resolves; throws when it cannot be brought back. */
async function keepPostgres(
  postgres: { current: EmbeddedPostgres },
  startAgain: () => Promise<EmbeddedPostgres>,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    await delay(postgresCheckMs, undefined, { signal });
    if (await postgres.current.isRunning()) continue;
    signal.throwIfAborted();
    log("PostgreSQL is gone; starting it again …");
    const { url } = postgres.current;
    postgres.current = await startAgain();
    if (postgres.current.url !== url)
      throw new CommandError("PostgreSQL's port was taken while it was down; start again.");
  }
}
