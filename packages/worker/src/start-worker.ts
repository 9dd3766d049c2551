import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { openAssetStore } from "@stablehand/core/asset-store";
import { openDatabase } from "@stablehand/core/database";
import { createLog } from "@stablehand/core/log";
import { createWorkerMetrics } from "@stablehand/core/metrics";
import { isMigrated } from "@stablehand/core/migrate";
import type { RunningProgram } from "@stablehand/core/program";
import { startConsumer } from "@stablehand/core/queue";
import { serveMetrics } from "@stablehand/core/serve-metrics";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import { failLostTask } from "@stablehand/core/store/task-runs";
import { openTracer } from "@stablehand/core/tracer";
import { openKeyring } from "@stablehand/vault/custody";
import { openKeyProvider } from "@stablehand/vault/kms/open-provider";
import { noModel, openModel } from "./agent/model.ts";
import { openDisplay } from "./browser/display.ts";
import { type LaunchBrowserOptions, launchBrowser, type SingleUseBrowser } from "./browser/launch.ts";
import { createBrowserPool } from "./browser/pool.ts";
import { prepareCage } from "./cage/open-cage.ts";
import type { WorkerConfig } from "./config.ts";
import { extractDesign } from "./design/extract-design.ts";
import { followKeyring } from "./follow-keyring.ts";
import { watchHeldTasks } from "./held-tasks.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { endWhenUncaught, logOfWorker } from "./log-of-worker.ts";
import { observeRuns } from "./observe-runs.ts";
import { createOpener } from "./opener.ts";
import type { createRedactor, Redactor } from "./redact/redactor.ts";
import { resealKeys } from "./reseal-keys.ts";
import { runTask } from "./run-task.ts";
import { startWebhookDelivery } from "./webhooks/start-delivery.ts";

/** How long the queue is waited for once the grace is over. */
const queueStopMs = 2_000;
const webhookStopMs = 500;

/** How long an agent waits for an account that another task uses. Less than a tool may take. */
const accountWaitMs = 30_000;

/** What a worker is made of beside its settings. */
export interface WorkerParts {
  /** The one exit of what tasks say. A part and no setting, so that nobody can switch it off: see leaktest/. */
  readonly createRedactor: typeof createRedactor;
  /** Where a display for headful browsers is looked for. */
  readonly env: NodeJS.ProcessEnv;
}

/** Starts a worker: it takes tasks from here on. */
export async function startWorker(config: WorkerConfig, { createRedactor, env }: WorkerParts): Promise<RunningProgram> {
  const redactors = new Set<Redactor>();
  const log = logOfWorker(createLog("worker", config.logLevel), redactors);
  endWhenUncaught(log);
  const model = config.model && openModel(config.model);
  const metrics = createWorkerMetrics();
  const tracer = await openTracer("worker", config.traceEndpoint);
  const opener = await createOpener(
    async (known) => openKeyring(config.keyringFile, await openKeyProvider(config.keyProvider), known),
    metrics.opened,
  );
  await emptyDirectory(config.tmpDir);
  const database = openDatabase(config.databaseUrl, {
    program: "worker",
    connectionsMax: config.concurrency + 4,
    log,
  });
  if (!(await isMigrated(database.pool)))
    throw new Error("the database's schema is older than this release: run `stablehand migrate` first");
  const display = config.browserMode === "headful" ? await openDisplay(env, config.tmpDir) : null;
  const internet = { ...config.egress.internet, onRefused: metrics.proxyRefused };
  const launch = {
    executablePath: config.chromiumPath,
    tmpDir: config.tmpDir,
    mode: config.browserMode,
    egress: { ...config.egress, internet },
    ...(display && { display: display.env }),
  };
  const browsers = createBrowserPool({
    prewarm: config.prewarm,
    launch: () => counted(launchCaged(launch), metrics.browserStarted),
    onFailure: (error) =>
      log.error(
        { err: error, cause: error instanceof Error ? String(error.cause) : undefined },
        "a browser could not be started, or ended by itself",
      ),
  });
  const workerId = `${hostname()}-${process.pid}-${randomBytes(3).toString("hex")}`;
  const stopping = new AbortController();
  const resealing = new AbortController(); // goes on elsewhere, so that no stop waits for it
  const held = watchHeldTasks(database.db, log);
  const assetStore = config.assetStore && (await openAssetStore(config.assetStore));
  const stopFollowing = followKeyring(config.keyringFile, () => opener.reload(), log);
  const stopHousekeeping = startHousekeeping(database.db, assetStore, log);
  const context = {
    database,
    log,
    opener,
    browsers,
    workerId,
    held,
    model,
    patience: config.modelPatience,
    tokensPerTaskMax: config.tokensPerTaskMax,
    taskTimeoutMs: config.taskTimeoutMs,
    healthMaxAgeMs: config.healthMaxAgeMs,
    accountWaitMs,
    observeRun: observeRuns(metrics, tracer, log),
    onLost: (task: StoredTask) => metrics.taskLost(task.kind),
    onSealed: metrics.sealed,
    createRedactor,
    redactors,
    extractDesign,
    assetStore,
    stopping: stopping.signal,
  };
  const consumer = await startConsumer(config.databaseUrl, {
    concurrency: config.concurrency,
    log,
    handlers: {
      runTask: (job) => runTask(context, job),
      async failLostTask(taskId) {
        const lost = await database.db.transaction().execute((transaction) => failLostTask(transaction, taskId));
        if (lost) metrics.taskLost(lost.kind);
      },
      reseal: (signal) =>
        resealKeys(
          { db: database.db, opener, log, workerId, perSecond: config.resealPerSecond },
          AbortSignal.any([signal, resealing.signal]),
        ),
    },
  });
  const webhooks = startWebhookDelivery({
    db: database.db,
    opener,
    log,
    allowPrivate: config.allowPrivateWebhooks,
  });
  const served = config.metricsPlace && (await serveMetrics(metrics.registry, config.metricsPlace));
  const metricsUrl = served && { metricsUrl: served.url };
  log.info({ workerId, concurrency: config.concurrency, ...metricsUrl }, "the worker takes tasks");
  if (!model) log.warn(noModel);
  return {
    ready: { workerId },
    graceMs: config.shutdownGraceMs,
    async stop(graceOver) {
      graceOver.addEventListener("abort", () => stopping.abort(graceOver.reason));
      if (graceOver.aborted) stopping.abort(graceOver.reason);
      resealing.abort(new Error("the worker stops"));
      await consumer.stop(config.shutdownGraceMs + queueStopMs);
      await webhooks.stop(webhookStopMs);
      held.close();
      stopHousekeeping();
      stopFollowing();
      await browsers.stop();
      await display?.stop();
      assetStore?.close();
      await served?.close();
      await tracer.close();
      await database.close();
    },
  };
}

async function counted<Started>(
  starting: Promise<Started>,
  count: (outcome: "started" | "failed") => void,
): Promise<Started> {
  try {
    const started = await starting;
    count("started");
    return started;
  } catch (error) {
    count("failed");
    throw error;
  }
}

/** A browser whose first cage is prepared while nobody waits for it. */
async function launchCaged(options: LaunchBrowserOptions): Promise<SingleUseBrowser> {
  const browser = await launchBrowser(options);
  try {
    await prepareCage(browser);
    return browser;
  } catch (error) {
    await browser.destroy();
    throw error;
  }
}

/** Removes what a worker that was killed left in its directory. */
async function emptyDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, force: true });
}
