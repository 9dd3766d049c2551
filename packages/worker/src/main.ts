import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { openDatabase } from "@stablehand/core/database";
import { createLog } from "@stablehand/core/log";
import { runProgram } from "@stablehand/core/program";
import { startConsumer } from "@stablehand/core/queue";
import { failLostTask } from "@stablehand/core/store/tasks";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { launchBrowser } from "./browser/launch.ts";
import { createBrowserPool } from "./browser/pool.ts";
import { readConfig } from "./config.ts";
import { createOpener } from "./opener.ts";
import { resealKeys } from "./reseal-keys.ts";
import { runCheck } from "./run-check.ts";

const stopGraceMs = 2_000;
const lostTask = "The worker that ran this task was lost, and so were those that tried it again.";

await runProgram(async () => {
  const config = readConfig(process.env);
  const log = createLog("worker", config.logLevel);
  const provider = fileKeyProvider(config.keyFile);
  const opener = await createOpener(() => openKeyring(config.keyringFile, provider));
  await emptyDirectory(config.tmpDir);
  const database = openDatabase(config.databaseUrl, {
    program: "worker",
    connectionsMax: config.concurrency + 2,
    log,
  });
  const browsers = createBrowserPool({
    prewarm: config.prewarm,
    launch: () =>
      launchBrowser({
        executablePath: config.chromiumPath,
        tmpDir: config.tmpDir,
        mode: config.browserMode,
        egress: config.egress,
      }),
    onFailure: (error) =>
      log.error(
        { err: error, cause: error instanceof Error ? String(error.cause) : undefined },
        "a browser could not be started, or ended by itself",
      ),
  });
  const workerId = `${hostname()}-${process.pid}-${randomBytes(3).toString("hex")}`;
  const stopping = new AbortController();
  const context = { database, log, opener, browsers, workerId };
  const consumer = await startConsumer(config.databaseUrl, {
    concurrency: config.concurrency,
    log,
    handlers: {
      runTask: (job) => runCheck(context, { ...job, signal: AbortSignal.any([job.signal, stopping.signal]) }),
      async failLostTask(taskId) {
        await failLostTask(database.db, taskId, lostTask);
      },
      reseal: (signal) => resealKeys({ db: database.db, opener, log }, AbortSignal.any([signal, stopping.signal])),
    },
  });
  log.info({ workerId, concurrency: config.concurrency }, "the worker takes tasks");
  return {
    ready: { workerId },
    async stop() {
      stopping.abort();
      await Promise.all([consumer.stop(stopGraceMs), browsers.stop()]);
      await database.close();
    },
  };
});

/** Removes what a worker that was killed left in its directory. */
async function emptyDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, force: true });
}
