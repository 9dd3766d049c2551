import { getTaskStatistics } from "@stablehand/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

/** Tasks that ended `daysAgo` days before the middle of today (UTC); how they ended and how long they ran. */
async function addTasks(
  business: TestBusiness,
  daysAgo: number,
  tasks: readonly { status: string; errorCode?: string; ranMs?: number; kind?: string }[],
): Promise<void> {
  const { pool } = api.context.database;
  for (const { status, errorCode, ranMs = 1_000, kind = "browse" } of tasks)
    await pool.query(
      `WITH session AS (
         INSERT INTO sessions (session_id, business_id, end_user_id)
         VALUES (gen_random_uuid(), $1, 'alice') RETURNING session_id, business_id, end_user_id
       ), ended AS (
         SELECT (date_trunc('day', now() AT TIME ZONE 'UTC') - make_interval(days => $2)) AT TIME ZONE 'UTC' AS at
       )
       INSERT INTO tasks (task_id, business_id, session_id, end_user_id, kind, task, status, error, error_code, started_at, completed_at)
       SELECT gen_random_uuid(), business_id, session_id, end_user_id, $3, 'x', $4, CASE WHEN $4 = 'failed' THEN 'x' END, $5,
              ended.at - make_interval(secs => $6), ended.at
         FROM session, ended`,
      [business.businessId, daysAgo, kind, status, errorCode ?? null, ranMs / 1_000],
    );
}

async function statisticsOf(business: TestBusiness) {
  const response = await business.call("GET", "/v1/task-statistics");
  return getTaskStatistics.reply.body.parse(response.json());
}

test("a business without tasks has 30 days of nothing, today the last, and no rate and no times", async () => {
  const empty = await statisticsOf(await api.business("empty"));
  const { rows } = await api.context.database.pool.query(
    "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day",
  );
  expect(empty.days.at(-1)?.day).toBe(rows[0].day);
  expect(new Set(empty.days.map(({ day }) => day)).size).toBe(30);
  expect(empty.days.every((day) => day.completed + day.failed + day.cancelled === 0)).toBe(true);
  expect(empty).toMatchObject({ successRate: null, runTimeMs: null, failures: [] });
});

test("tasks are counted on the UTC day they ended, by how; older ones, checks, running ones and other businesses' are not", async () => {
  const acme = await api.business("acme");
  const done = { status: "completed" };
  await addTasks(acme, 0, [
    done,
    done,
    { status: "cancelled" },
    { ...done, kind: "design" },
    { ...done, kind: "check" },
  ]);
  await addTasks(acme, 29, [done, { status: "failed", errorCode: "time_limit" }]);
  await addTasks(acme, 30, [done]);
  await addTasks(await api.business("other"), 0, [done]);
  await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read" });
  const { days, successRate } = await statisticsOf(acme);
  expect(days.at(-1)).toMatchObject({ completed: 3, failed: 0, cancelled: 1 });
  expect(days[0]).toMatchObject({ completed: 1, failed: 1, cancelled: 0 });
  expect(days.slice(1, -1).every((day) => day.completed + day.failed + day.cancelled === 0)).toBe(true);
  expect(successRate).toBe(4 / 5);
});

test("the most frequent failures come first, each with its code", async () => {
  const acme = await api.business("failing");
  const failed = (errorCode: string) => ({ status: "failed", errorCode });
  await addTasks(acme, 1, [failed("internal"), failed("time_limit"), failed("auth_expired")]);
  await addTasks(acme, 2, [failed("auth_expired"), failed("time_limit"), failed("auth_expired")]);
  expect((await statisticsOf(acme)).failures).toEqual([
    { errorCode: "auth_expired", count: 3 },
    { errorCode: "time_limit", count: 2 },
    { errorCode: "internal", count: 1 },
  ]);
});

test("run times are those of tasks that completed or failed, waiting not counted", async () => {
  const acme = await api.business("timed");
  await addTasks(acme, 0, [
    ...Array.from({ length: 20 }, (_, index) => ({
      status: index % 2 ? "completed" : "failed",
      ranMs: (index + 1) * 100,
    })),
    { status: "cancelled", ranMs: 900_000 },
  ]);
  expect((await statisticsOf(acme)).runTimeMs).toEqual({ p50: 1_000, p95: 1_900 });
});
