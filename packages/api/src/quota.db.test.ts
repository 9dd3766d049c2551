import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi } from "../../../tests/support/api.ts";

const limit = 15;
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ monthlyTaskLimit: limit });
});
afterAll(() => api.stop());

const body = { endUserId: "alice", task: "Read my feed" };

test("100 submissions at once at a limit of 15 make exactly 15 tasks, and 85 answers of 429 with limit and used", async () => {
  const acme = await api.business("acme");
  const answers = await Promise.all(Array.from({ length: 100 }, () => acme.call("POST", "/v1/tasks", body)));
  const refused = answers.filter((one) => one.statusCode === 429);
  expect([answers.filter((one) => one.statusCode === 201).length, refused.length]).toEqual([15, 85]);
  for (const one of refused)
    expect(one.json()).toMatchObject({
      code: "task_limit_reached",
      error: expect.stringMatching(/^Monthly limit of 15 tasks reached\. /),
      limit,
      used: limit,
    });
  const { rows } = await api.context.database.pool.query(
    `SELECT (SELECT count(*)::int FROM tasks WHERE business_id = $1) AS tasks,
            (SELECT count(*)::int FROM pgboss.job JOIN tasks ON id = task_id WHERE business_id = $1) AS jobs,
            (SELECT count(*)::int FROM sessions WHERE business_id = $1) AS sessions`,
    [acme.businessId],
  );
  expect(rows).toEqual([{ tasks: 15, jobs: 15, sessions: 15 }]);
  expect((await acme.call("GET", "/v1/usage")).json()).toMatchObject({ used: 15, limit: 15, modelCalls: 0 });
});

test("two servers on one database share the limit", async () => {
  const acme = await api.business("acme-of-two");
  const second = await startTestApi({ monthlyTaskLimit: limit, databaseUrl: api.databaseUrl });
  try {
    const call = async (app: TestApi["app"]) =>
      app.inject({
        method: "POST",
        url: "/v1/tasks",
        headers: { authorization: `Bearer ${acme.secret}`, "content-type": "application/json" },
        payload: JSON.stringify(body),
      });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => call(n % 2 ? api.app : second.app)));
    expect(answers.filter((one) => one.statusCode === 201).length).toBe(limit);
  } finally {
    await second.stop();
  }
});

test("a refused submission does not count, and neither does a repeated one", async () => {
  const acme = await api.business("acme-refused");
  const used = async () => (await acme.call("GET", "/v1/usage")).json().used;
  await acme.call("POST", "/v1/tasks", { ...body, sessionId: randomUUID() });
  await acme.call("POST", "/v1/tasks", { ...body, task: "" });
  expect(await used()).toBe(0);
  const key = { "idempotency-key": randomUUID() };
  await acme.call("POST", "/v1/tasks", body, key);
  await acme.call("POST", "/v1/tasks", body, key);
  expect(await used()).toBe(1);
});

test("at the limit a repeated submission still gets its answer", async () => {
  const acme = await api.business("acme-replayed");
  const key = { "idempotency-key": randomUUID() };
  const first = await acme.call("POST", "/v1/tasks", body, key);
  await Promise.all(Array.from({ length: 20 }, () => acme.call("POST", "/v1/tasks", body)));
  expect((await acme.call("POST", "/v1/tasks", body)).statusCode).toBe(429);
  expect((await acme.call("POST", "/v1/tasks", body, key)).body).toBe(first.body);
});

test("a check of the sign-in does not count", async () => {
  const acme = await api.business("acme-checks");
  const at = "/v1/end-users/alice/credentials";
  await acme.call("PUT", at, { redditSession: "CANARY" });
  expect((await acme.call("POST", `${at}/check`)).statusCode).toBe(202);
  expect((await acme.call("GET", "/v1/usage")).json().used).toBe(0);
});

test("the count begins anew with the month, in UTC", async () => {
  const acme = await api.business("acme-month");
  await acme.call("POST", "/v1/tasks", body);
  await api.context.database.pool.query(
    "UPDATE task_usage SET month = month - interval '1 month', used = 15 WHERE business_id = $1",
    [acme.businessId],
  );
  expect((await acme.call("GET", "/v1/usage")).json()).toMatchObject({
    used: 0,
    month: new Date().toISOString().slice(0, 7),
  });
  expect((await acme.call("POST", "/v1/tasks", body)).statusCode).toBe(201);
});

test("a per-second limit answers 429 with retry-after, before the body is looked at", async () => {
  const limited = await startTestApi({ requestsPerSecondMax: 2 });
  try {
    const acme = await limited.business("acme");
    const answers = await Promise.all(Array.from({ length: 4 }, () => acme.call("POST", "/v1/tasks", "no JSON")));
    expect(answers.map((one) => one.statusCode).sort()).toEqual([400, 400, 429, 429]);
    const refused = answers.find((one) => one.statusCode === 429);
    expect(refused?.json().code).toBe("rate_limited");
    expect(Number(refused?.headers["retry-after"])).toBeGreaterThanOrEqual(1);
  } finally {
    await limited.stop();
  }
});
