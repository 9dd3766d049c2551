import type { Transaction } from "kysely";
import { type ConstructorOptions, fromKysely, type Job, PgBoss } from "pg-boss";
import type { Database } from "./database.ts";
import type { BusinessId, TaskId } from "./ids.ts";
import type { Logger } from "./log.ts";
import type { Schema } from "./schema.ts";

/** A task that waits for a worker. */
const taskQueue = "tasks";

/** Tasks whose worker was lost more often than they may be retried. */
const lostTaskQueue = "tasks_lost";

/** The re-sealing of end-user keys after a rotation; at most one waits and one runs. */
const resealQueue = "reseal";

const heartbeatSeconds = 10;
const pollSeconds = 1;

/** The job of one task. */
export interface TaskJob {
  readonly taskId: TaskId;
}

/** Makes the queue's tables and queues; part of `migrate`. */
export async function installQueues(databaseUrl: string): Promise<void> {
  const boss = new PgBoss({ connectionString: databaseUrl, max: 2, supervise: false, schedule: false });
  boss.on("error", () => {}); // a failing start rejects below; without a listener Node would throw this one too
  await boss.start();
  try {
    await boss.createQueue(lostTaskQueue, { notify: true });
    await boss.createQueue(taskQueue, {
      notify: true,
      heartbeatSeconds,
      retryLimit: 2,
      expireInSeconds: 900,
      deadLetter: lostTaskQueue,
    });
    await boss.createQueue(resealQueue, { policy: "stately", notify: true, heartbeatSeconds, retryLimit: 1_000 });
  } finally {
    await boss.stop({ graceful: false });
  }
}

/** Adds jobs, inside the caller's transaction. */
export interface Enqueuer {
  enqueueTask(transaction: Transaction<Schema>, task: { taskId: TaskId; businessId: BusinessId }): Promise<void>;
  enqueueReseal(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the sending side of the queue on the program's own connections. It runs no timers and takes no jobs. */
export async function openEnqueuer(database: Database, log: Logger): Promise<Enqueuer> {
  const boss = start(
    {
      db: fromKysely(database.db),
      supervise: false,
      schedule: false,
      migrate: false,
      createSchema: false,
      registerInstance: false,
    },
    log,
  );
  await boss.start();
  return {
    async enqueueTask(transaction, { taskId, businessId }) {
      const job: TaskJob = { taskId };
      await boss.send(taskQueue, job, { id: taskId, group: { id: businessId }, db: fromKysely(transaction) });
    },
    async enqueueReseal() {
      await boss.send(resealQueue, {});
    },
    close: () => boss.stop({ graceful: false }),
  };
}

/** What a worker does with each kind of job. `signal` is aborted when the job's lease is lost or the worker stops. */
export interface JobHandlers {
  runTask(job: { taskId: TaskId; attempt: number; signal: AbortSignal }): Promise<void>;
  failLostTask(taskId: TaskId): Promise<void>;
  reseal(signal: AbortSignal): Promise<void>;
}

/** The taking side of the queue. `stop` takes no more jobs and waits for the running ones, `graceMs` at most. */
export interface Consumer {
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts taking jobs.
 *
 * NOTIFY wakes it at once; polling each second stays the truth. A worker that is killed loses its jobs after 10 s
 * without a heartbeat: a task is then run again, twice at most, and after that handed to `failLostTask`.
 */
export async function startConsumer(
  databaseUrl: string,
  options: { concurrency: number; handlers: JobHandlers; log: Logger },
): Promise<Consumer> {
  const boss = start(
    {
      connectionString: databaseUrl,
      max: 4,
      useListenNotify: true,
      migrate: false,
      schedule: false,
      superviseIntervalSeconds: 1,
      monitorIntervalSeconds: 1,
    },
    options.log,
  );
  await boss.start();
  const polling = { pollingIntervalSeconds: pollSeconds, notifyPollingIntervalSeconds: pollSeconds };
  const { handlers } = options;
  await boss.work<TaskJob>(taskQueue, { ...polling, localConcurrency: options.concurrency }, async (jobs) => {
    for (const job of jobs)
      await handlers.runTask({ taskId: job.data.taskId, attempt: job.retryCount + 1, signal: job.signal });
  });
  await boss.work<TaskJob>(lostTaskQueue, polling, async (jobs) => {
    for (const job of jobs) await handlers.failLostTask(job.data.taskId);
  });
  await boss.work(resealQueue, polling, async (jobs: Job[]) => {
    for (const job of jobs) await handlers.reseal(job.signal);
  });
  return { stop: (graceMs) => boss.stop({ graceful: true, timeout: graceMs }) };
}

function start(options: ConstructorOptions, log: Logger): PgBoss {
  const boss = new PgBoss(options);
  boss.on("error", (error) => log.warn({ err: error }, "the queue met an error and goes on"));
  return boss;
}
