import { randomUUID } from "node:crypto";
import { fromKysely, PgBoss } from "pg-boss";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import type { TaskId } from "./ids.ts";
import { createLog } from "./log.ts";
import { type Consumer, type JobHandlers, startConsumer } from "./queue.ts";
import { taskQueue } from "./task-jobs.ts";

let api: TestApi;
let consumer: Consumer | undefined;

beforeAll(async () => {
  api = await startTestApi();
});
afterEach(async () => {
  await consumer?.stop(1_000);
  consumer = undefined;
  await api.context.database.pool.query("DELETE FROM pgboss.job");
});
afterAll(() => api.stop());

type RunTask = JobHandlers["runTask"];

async function consume(concurrency: number, runTask: RunTask, lost: TaskId[] = []): Promise<void> {
  consumer = await startConsumer(api.databaseUrl, {
    concurrency,
    log: createLog("test", "silent"),
    handlers: {
      runTask,
      async failLostTask(taskId) {
        lost.push(taskId);
      },
      reseal: async () => {},
    },
  });
}

async function submit(business: TestBusiness, extra: object = {}): Promise<{ taskId: TaskId; sessionId: string }> {
  return (await business.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read", ...extra })).json();
}

const turnOfEventLoop = () => new Promise((resolve) => setTimeout(resolve, 5));

test("turns of one session run one after the other, in order of submission, however many workers there are", async () => {
  const acme = await api.business("acme-order");
  const first = await submit(acme);
  const turns = [first.taskId];
  while (turns.length < 15) turns.push((await submit(acme, { sessionId: first.sessionId })).taskId);
  const others = await Promise.all(Array.from({ length: 5 }, () => submit(acme)));
  const ran: TaskId[] = [];
  const running = new Set<TaskId>();
  let together = 0;
  await consume(4, async ({ taskId }) => {
    if (turns.includes(taskId)) {
      running.add(taskId);
      together = Math.max(together, running.size);
    }
    await turnOfEventLoop();
    running.delete(taskId);
    ran.push(taskId);
  });
  await expect.poll(() => ran.length, { timeout: 30_000 }).toBe(turns.length + others.length);
  expect(ran.filter((taskId) => turns.includes(taskId))).toEqual(turns);
  expect(together).toBe(1);
});

test("one business with 1,000 waiting tasks delays another's first task by no more than one slot", async () => {
  const hog = await api.business("hog");
  const guest = await api.business("guest");
  const waiting = await Promise.all(Array.from({ length: 1_000 }, () => submit(hog)));
  const ran: TaskId[] = [];
  let arrival: Promise<TaskId> | undefined;
  let ranBefore = 0;
  await consume(1, async ({ taskId }) => {
    if (ran.length === 3) {
      arrival = submit(guest).then((one) => one.taskId);
      await arrival;
      ranBefore = ran.length + 1; // with the one that runs now
    }
    ran.push(taskId);
  });
  await expect.poll(async () => arrival && ran.includes(await arrival), { timeout: 30_000 }).toBe(true);
  const guestTask = await arrival;
  expect(guestTask && ran.indexOf(guestTask)).toBeLessThanOrEqual(ranBefore + 1);
  expect(waiting.length).toBe(1_000);
});

test("two businesses with much to do take turns", async () => {
  const one = await api.business("busy-one");
  const two = await api.business("busy-two");
  const ofOne: TaskId[] = [];
  for (let n = 0; n < 10; n++) ofOne.push((await submit(one)).taskId);
  for (let n = 0; n < 10; n++) await submit(two);
  const ran: TaskId[] = [];
  await consume(1, async ({ taskId }) => {
    ran.push(taskId);
  });
  await expect.poll(() => ran.length, { timeout: 30_000 }).toBe(20);
  const firstHalf = ran.slice(0, 10).filter((taskId) => ofOne.includes(taskId)).length;
  expect(firstHalf).toBeGreaterThanOrEqual(4);
  expect(firstHalf).toBeLessThanOrEqual(6);
});

test("a task whose attempt rejected is handed out again under a higher number, before the next turn of its session", async () => {
  const acme = await api.business("acme-again");
  const first = await submit(acme);
  const second = await submit(acme, { sessionId: first.sessionId });
  const ran: [TaskId, number][] = [];
  await consume(2, async ({ taskId, attempt }) => {
    ran.push([taskId, attempt]);
    if (taskId === first.taskId && attempt === 1) throw new Error("given back");
  });
  await expect.poll(() => ran.length, { timeout: 30_000 }).toBe(3);
  expect(ran).toEqual([
    [first.taskId, 1],
    [first.taskId, 2],
    [second.taskId, 1],
  ]);
});

test("a task that was handed out too often is failed, and its session goes on", async () => {
  const acme = await api.business("acme-lost");
  const first = await submit(acme);
  const second = await submit(acme, { sessionId: first.sessionId });
  await api.context.database.pool.query("UPDATE pgboss.job SET retry_limit = 0 WHERE id = $1", [first.taskId]);
  const lost: TaskId[] = [];
  const ran: TaskId[] = [];
  await consume(
    2,
    async ({ taskId }) => {
      if (taskId === first.taskId) throw new Error("lost");
      ran.push(taskId);
    },
    lost,
  );
  await expect.poll(() => ran, { timeout: 30_000 }).toEqual([second.taskId]);
  expect(lost).toEqual([first.taskId]);
});

test("the job that is made with a task is the row that pg-boss would make itself, and is told of in the same place", async () => {
  const { pool, db } = api.context.database;
  const acme = await api.business("acme-job");
  const told: string[] = [];
  const listener = await pool.connect();
  listener.on("notification", ({ payload = "" }) => told.push(payload));
  const { rows: channel } = await pool.query("SELECT encode(sha224('pgboss'::bytea), 'hex') AS hash");
  await listener.query(`LISTEN pgboss_${channel[0].hash.slice(0, 24)}`);
  const { taskId, sessionId } = await submit(acme);
  const boss = new PgBoss({ db: fromKysely(db), supervise: false, schedule: false, migrate: false });
  await boss.start();
  const itsId = randomUUID();
  const priority = (await pool.query("SELECT -turn AS priority FROM tasks WHERE task_id = $1", [taskId])).rows[0];
  await boss.insert(taskQueue, [{ id: itsId, data: { taskId }, singletonKey: sessionId, priority: priority.priority }]);
  await boss.stop({ graceful: false });
  await listener.query("SELECT 1"); // what was told before it has arrived
  listener.release(true);
  expect(told).toEqual([taskQueue, taskQueue]);
  const { rows } = await pool.query("SELECT *, keep_until - created_on AS kept FROM pgboss.job WHERE id = ANY ($1)", [
    [taskId, itsId],
  ]);
  const [ours, its] = rows.toSorted((a, b) => Number(b.id === taskId) - Number(a.id === taskId));
  const timesAndId = { id: null, created_on: null, start_after: null, keep_until: null };
  expect({ ...ours, ...timesAndId }).toEqual({ ...its, ...timesAndId });
  expect(ours.start_after).toEqual(ours.created_on);
  expect(its.start_after).toEqual(its.created_on);
});

test("of two servers' turns of one session the one that waited for the other is the later", async () => {
  const { pool } = api.context.database;
  const acme = await api.business("acme-servers");
  const { sessionId } = await submit(acme);
  const other = await pool.connect();
  await other.query("BEGIN");
  await other.query("SELECT FROM sessions WHERE session_id = $1 FOR NO KEY UPDATE", [sessionId]);
  const waiting = submit(acme, { sessionId });
  await expect
    .poll(async () => (await pool.query("SELECT FROM pg_locks WHERE NOT granted")).rowCount, { timeout: 10_000 })
    .toBe(1);
  const { rows: clock } = await other.query("SELECT clock_timestamp() AS now");
  await other.query("COMMIT");
  other.release();
  const { taskId } = await waiting;
  const { rows } = await pool.query(
    "SELECT tasks.created_at > $2 AS task, job.created_on > $2 AS job FROM tasks JOIN pgboss.job ON id = task_id WHERE task_id = $1",
    [taskId, clock[0].now],
  );
  expect(rows).toEqual([{ task: true, job: true }]);
});

test("the queues of an earlier release are replaced by a migration", async () => {
  const { rows } = await api.context.database.pool.query("SELECT name FROM pgboss.queue WHERE name LIKE 't%'");
  expect(rows.map((row) => row.name).sort()).toEqual(["turns", "turns_lost"]);
});
