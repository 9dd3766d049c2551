import { createLog } from "@stablehand/core/log";
import { cancelTask, claimTask, type HeldTask } from "@stablehand/core/store/task-runs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import { type HeldTasks, watchHeldTasks } from "./held-tasks.ts";

let api: TestApi;
let acme: TestBusiness;
let held: HeldTasks;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
});
beforeEach(() => {
  held = watchHeldTasks(api.context.database.db, createLog("test", "silent"));
});
afterEach(() => held.close());
afterAll(() => api.stop());

async function claim(): Promise<HeldTask> {
  const { taskId } = (await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read" })).json();
  const task = { taskId, attempt: 1 };
  await api.context.database.db
    .transaction()
    .execute((transaction) => claimTask(transaction, { ...task, workerId: "worker-1" }));
  return task;
}

test("a task that is cancelled is let go, and no other", async () => {
  const [cancelled, kept] = [await claim(), await claim()];
  const signals = [held.hold(cancelled).signal, held.hold(kept).signal];
  await api.context.database.db.transaction().execute((transaction) => cancelTask(transaction, cancelled.taskId));
  await expect.poll(() => signals.map(({ aborted }) => aborted), { timeout: 5_000 }).toEqual([true, false]);
});

test("a task that this very worker took over keeps its later attempt; only the earlier one ends", async () => {
  const first = await claim();
  const earlier = held.hold(first).signal;
  // The look that is under way when the later attempt begins has asked for the earlier one.
  const { pool } = api.context.database;
  const client = await pool.connect();
  await client.query("BEGIN");
  await client.query("LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE");
  const waiting = async () =>
    (await client.query("SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = 'tasks'::regclass"))
      .rows[0].n;
  await expect.poll(waiting, { timeout: 5_000 }).toBeGreaterThan(0);
  await client.query("UPDATE tasks SET attempt = 2 WHERE task_id = $1", [first.taskId]);
  const later = held.hold({ ...first, attempt: 2 }).signal;
  await client.query("COMMIT");
  client.release();
  await expect.poll(() => earlier.aborted, { timeout: 5_000 }).toBe(true);
  const other = await claim();
  const signal = held.hold(other).signal;
  await api.context.database.db.transaction().execute((transaction) => cancelTask(transaction, other.taskId));
  await expect.poll(() => signal.aborted, { timeout: 5_000 }).toBe(true); // another look has been taken
  expect(later.aborted).toBe(false);
});
