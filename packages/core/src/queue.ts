import { type ConstructorOptions, fromKysely, type Job, PgBoss } from "pg-boss";
import type { Database } from "./database.ts";
import type { TaskId } from "./ids.ts";
import type { Logger } from "./log.ts";
import { taskQueue } from "./task-jobs.ts";

/** Tasks whose worker was lost more often than the queue hands a job out again. */
const lostTaskQueue = "turns_lost";

/** The re-sealing of end-user keys after a rotation, and at each worker's start; at most one waits and one runs. */
const resealQueue = "reseal";

/** Queues of earlier releases, not of the one before; they had other policies, and a queue's policy cannot be changed. */
const formerQueues = ["tasks", "tasks_lost"];

const heartbeatSeconds = 10;
const pollSeconds = 1;
const hour = 3_600;

/**
 * How often a task's job is handed out. The store decides what a lost task may still do (store/task-runs.ts); this only
 * bounds the hand-outs, of which every clean stop of a worker takes one.
 */
const handOutsMax = 20;

/** The longest that one hand-out may last, in hours; the worker's own time limit is shorter. */
export const handOutHoursMax = 12;

/** The job of one task. */
export interface TaskJob {
  readonly taskId: TaskId;
  /** W3C trace context of the request that submitted it, when that was traced. */
  readonly traceparent?: string;
}

/** Makes the queue's tables and queues; part of `migrate`. */
export async function installQueues(databaseUrl: string): Promise<void> {
  const boss = new PgBoss({ connectionString: databaseUrl, max: 2, supervise: false, schedule: false });
  boss.on("error", () => {}); // a failing start rejects below; without a listener Node would throw this one too
  await boss.start();
  try {
    for (const name of formerQueues) if (await boss.getQueue(name)) await boss.deleteQueue(name);
    await boss.createQueue(lostTaskQueue, { notify: true });
    // Those of one session strictly one after the other, in the order of submission.
    await boss.createQueue(taskQueue, {
      policy: "key_strict_fifo",
      notify: true,
      heartbeatSeconds,
      retryLimit: handOutsMax,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 30,
      expireInSeconds: handOutHoursMax * hour,
      retentionSeconds: 365 * 24 * hour,
      deleteAfterSeconds: hour,
      deadLetter: lostTaskQueue,
    });
    await boss.createQueue(resealQueue, { policy: "stately", notify: true, heartbeatSeconds, retryLimit: 1_000 });
  } finally {
    await boss.stop({ graceful: false });
  }
}

/** Adds the jobs that are no tasks: a task's is made by the statement that makes the task. */
export interface Enqueuer {
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
    async enqueueReseal() {
      await boss.send(resealQueue, {});
    },
    close: () => boss.stop({ graceful: false }),
  };
}

/**
 * What a worker does with each kind of job. `signal` is aborted when the job's lease is lost.
 *
 * A job whose handler rejects is handed out again, after 1 s, then later and later; `attempt` grows each time.
 */
export interface JobHandlers {
  runTask(job: TaskJob & { attempt: number; signal: AbortSignal }): Promise<void>;
  failLostTask(taskId: TaskId): Promise<void>;
  reseal(signal: AbortSignal): Promise<void>;
}

/** The taking side of the queue. `stop` takes no more jobs and waits for the running ones, `timeoutMs` at most. */
export interface Consumer {
  stop(timeoutMs: number): Promise<void>;
}

/**
 * Starts taking jobs.
 *
 * NOTIFY wakes it at once; polling each second stays the truth. A worker that is killed loses its jobs after 10 s
 * without a heartbeat, and another gets them. A task that was handed out too often goes to `failLostTask`.
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
      migrate: true, // otherwise it refuses tables of any version but its own, the next release's too
      schedule: false,
      superviseIntervalSeconds: 1,
      monitorIntervalSeconds: 1,
    },
    options.log,
  );
  await boss.start();
  const polling = { pollingIntervalSeconds: pollSeconds, notifyPollingIntervalSeconds: pollSeconds };
  const { handlers } = options;
  let loops = ""; // known once they run, which is before they take anything
  loops = await boss.work<TaskJob>(taskQueue, { ...polling, localConcurrency: options.concurrency }, async (jobs) => {
    boss.notifyWorker(loops); // so that it looks again when this one is done, not at the next poll
    for (const job of jobs) await handlers.runTask({ ...job.data, attempt: job.retryCount + 1, signal: job.signal });
  });
  await boss.work<TaskJob>(lostTaskQueue, polling, async (jobs) => {
    for (const { data } of jobs) {
      await handlers.failLostTask(data.taskId);
      await boss.deleteJob(taskQueue, data.taskId); // a failed job would block its session for ever
    }
  });
  await boss.send(resealQueue, {}); // for what was asked while no job could be made, and what a restore brought
  await boss.work(resealQueue, polling, async (jobs: Job[]) => {
    for (const job of jobs) await handlers.reseal(job.signal);
  });
  return { stop: (timeoutMs) => boss.stop({ graceful: true, timeout: timeoutMs }) };
}

function start(options: ConstructorOptions, log: Logger): PgBoss {
  const boss = new PgBoss(options);
  boss.on("error", (error) => log.warn({ err: error }, "the queue met an error and goes on"));
  return boss;
}
