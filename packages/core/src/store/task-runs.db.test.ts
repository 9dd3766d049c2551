import { randomUUID } from "node:crypto";
import { type TaskStatus, taskStatuses } from "@stablehand/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";
import type { StoreTransaction } from "../database.ts";
import type { TaskId } from "../ids.ts";
import { readEvents } from "./task-events.ts";
import { findTask } from "./task-rows.ts";
import {
  appendStep,
  cancelTask,
  claimTask,
  failLostTask,
  findTasksTakenAway,
  finishTask,
  giveBackTask,
  keepRecord,
  markActing,
  readInheritance,
  recordLeaks,
} from "./task-runs.ts";
import { changeState, transitions } from "./task-states.ts";

let api: TestApi;
let acme: TestBusiness;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
});
afterAll(() => api.stop());

const within = <Result>(work: (transaction: StoreTransaction) => Promise<Result>) =>
  api.context.database.db.transaction().execute(work);
const workerId = "worker-1";

async function submit(extra: object = {}): Promise<TaskId> {
  const response = await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read", ...extra });
  return response.json().taskId;
}

async function claim(taskId: TaskId, attempt = 1) {
  return within((transaction) => claimTask(transaction, { taskId, attempt, workerId }));
}

async function read(taskId: TaskId) {
  const task = await findTask(api.context.database.db, taskId);
  if (!task) throw new Error("the task is gone");
  return task;
}

const done = { status: "completed", result: "Done." } as const;
const record = {
  totalSteps: 3,
  visitedHosts: ["x.com"],
  network: { reached: ["x.com"], refused: [], refusals: 0 },
  usage: { inputTokens: 1_000, outputTokens: 50, modelCalls: 3 },
  html: "<p>end</p>",
};

describe("the transitions of a task", () => {
  test("are all that the table has, and no other: tried from every state to every state", async () => {
    for (const from of taskStatuses)
      for (const to of taskStatuses) {
        const taskId = await submit();
        const ended = !["pending", "running"].includes(from);
        await api.context.database.pool.query(
          `UPDATE tasks SET status = $2, completed_at = $3, error = $4 WHERE task_id = $1`,
          [taskId, from, ended ? new Date() : null, from === "failed" ? "why" : null],
        );
        const error = "why";
        const set = to === "failed" ? { error } : {};
        const changed = await within((transaction) => changeState(transaction, { taskId, to, set })).catch(() => null);
        expect([from, to, changed !== null]).toEqual([
          from,
          to,
          (transitions[from] as readonly TaskStatus[]).includes(to),
        ]);
      }
  });

  test("each leave an event, and none when nothing changed", async () => {
    const taskId = await submit();
    await claim(taskId);
    await within((transaction) => finishTask(transaction, { taskId, attempt: 1 }, done, record));
    await within((transaction) => cancelTask(transaction, taskId));
    const events = await readEvents(api.context.database.db, [{ taskId, after: 0 }]);
    expect(events.map(({ n, data }) => ({ n, ...JSON.parse(data) }))).toEqual([
      { n: 1, status: "pending" },
      { n: 2, status: "running" },
      { n: 3, status: "completed" },
    ]);
  });
});

test("what was removed is counted once, however often it is written down, and by the attempt that holds the task only", async () => {
  const taskId = await submit();
  await claim(taskId);
  const count = (attempt: number, leaks: number) =>
    within((transaction) => recordLeaks(transaction, { taskId, attempt }, leaks));
  await count(1, 3);
  await count(1, 3); // its answer was lost, so it was written again
  await count(2, 9);
  expect((await findTask(api.context.database.db, taskId))?.leakBlocked).toBe(3);
});

describe("a task that an attempt holds", () => {
  test("is finished with result, structured content, record, steps and the month's usage", async () => {
    const before = (await acme.call("GET", "/v1/usage")).json();
    const taskId = await submit();
    const held = { taskId, attempt: 1 };
    await claim(taskId);
    const step = { n: 1, type: "execution", msg: "Opened a page", success: true } as const;
    expect(await appendStep(api.context.database.db, held, step)).toBe(true);
    const outcome = { ...done, structuredContent: [{ title: 'odd "\u0000\ud800' }, null] };
    expect(await within((transaction) => finishTask(transaction, held, outcome, record))).toBe(true);
    const wire = (await acme.call("GET", `/v1/tasks/${taskId}`)).json();
    expect(wire).toMatchObject({
      status: "completed",
      result: "Done.",
      structured_content: outcome.structuredContent,
      html_dump: "<p>end</p>",
      totalSteps: 3,
      visitedUrls: ["x.com"],
      stepSummaries: [step],
      usage: record.usage,
    });
    expect(wire.mayHaveActed).toBeUndefined();
    expect((await acme.call("GET", "/v1/usage")).json()).toMatchObject({
      inputTokens: before.inputTokens + 1_000,
      modelCalls: before.modelCalls + 3,
    });
  });

  test("has a step once, however often it is written down", async () => {
    const taskId = await submit();
    await claim(taskId);
    const step = { n: 1, type: "execution", msg: "Opened a page", success: true } as const;
    for (let time = 0; time < 2; time++)
      expect(await appendStep(api.context.database.db, { taskId, attempt: 1 }, step)).toBe(true);
    await appendStep(api.context.database.db, { taskId, attempt: 1 }, { ...step, n: 2 });
    expect((await read(taskId)).steps).toEqual([step, { ...step, n: 2 }]);
  });

  test("takes results with NUL and half surrogates, which PostgreSQL would refuse", async () => {
    const taskId = await submit();
    await claim(taskId);
    const odd = { ...record, html: "<p>\0\udc00</p>" };
    const outcome = { status: "completed", result: "a\0b\ud800" } as const;
    await within((transaction) => finishTask(transaction, { taskId, attempt: 1 }, outcome, odd));
    expect(await read(taskId)).toMatchObject({ result: "ab\ufffd", html: "<p>\ufffd</p>" });
  });

  test("cannot be written to by an attempt before it, nor claimed twice under one number", async () => {
    const taskId = await submit();
    await claim(taskId);
    expect(await claim(taskId, 1)).toBeNull();
    expect(await claim(taskId, 2)).not.toBeNull();
    const stale = { taskId, attempt: 1 };
    const { db } = api.context.database;
    const step = { n: 1, type: "execution", msg: "late", success: true } as const;
    expect(await appendStep(db, stale, step)).toBe(false);
    expect(await markActing(db, stale)).toBe(false);
    expect(await within((transaction) => finishTask(transaction, stale, done, record))).toBe(false);
    await within((transaction) => giveBackTask(transaction, stale));
    expect(await read(taskId)).toMatchObject({ status: "running", steps: [] });
    expect(await findTasksTakenAway(db, [stale, { taskId, attempt: 2 }])).toEqual([taskId]);
  });

  test("that was cancelled is not held any more; what it had cost is still kept, and only then", async () => {
    const taskId = await submit();
    const held = { taskId, attempt: 1 };
    await claim(taskId);
    await within((transaction) => keepRecord(transaction, held, record));
    expect((await read(taskId)).usage).toBeNull();
    await within((transaction) => cancelTask(transaction, taskId));
    expect(await findTasksTakenAway(api.context.database.db, [held])).toEqual([taskId]);
    expect(await within((transaction) => finishTask(transaction, held, done, record))).toBe(false);
    const used = async () => (await acme.call("GET", "/v1/usage")).json().modelCalls;
    const before = await used();
    for (let time = 0; time < 2; time++) await within((transaction) => keepRecord(transaction, held, record));
    expect(await used()).toBe(before + 3); // counted once
    expect(await read(taskId)).toMatchObject({ status: "cancelled", result: null, usage: record.usage });
  });
});

test("a worker that holds nothing has nothing taken away", async () => {
  expect(await findTasksTakenAway(api.context.database.db, [])).toEqual([]);
});

describe("a task whose worker was lost", () => {
  test("is run again once when it had only read, and then fails", async () => {
    const taskId = await submit();
    await claim(taskId, 1);
    expect(await claim(taskId, 2)).not.toBeNull();
    expect(await claim(taskId, 3)).toBeNull();
    const wire = (await acme.call("GET", `/v1/tasks/${taskId}`)).json();
    expect(wire).toMatchObject({ status: "failed", errorCode: "worker_lost" });
    expect(wire.mayHaveActed).toBeUndefined();
  });

  test("is not run again when it had begun to act, and says so", async () => {
    const taskId = await submit();
    await claim(taskId, 1);
    expect(await markActing(api.context.database.db, { taskId, attempt: 1 })).toBe(true);
    expect(await claim(taskId, 2)).toBeNull();
    const wire = (await acme.call("GET", `/v1/tasks/${taskId}`)).json();
    expect(wire).toMatchObject({ status: "failed", errorCode: "worker_lost", mayHaveActed: true });
    expect(wire.error).toMatch(/look at the site/);
  });

  test("fails for good when the queue gives it up, and stays failed", async () => {
    const taskId = await submit();
    await within((transaction) => failLostTask(transaction, taskId));
    await within((transaction) => failLostTask(transaction, taskId));
    await within((transaction) => failLostTask(transaction, randomUUID() as TaskId)); // never seen: nothing happens
    expect(await read(taskId)).toMatchObject({ status: "failed", errorCode: "worker_lost" });
    expect(await claim(taskId, 5)).toBeNull();
  });
});

describe("a task that is given back", () => {
  test("waits again and does not count as lost, however often", async () => {
    const taskId = await submit();
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect((await claim(taskId, attempt))?.status).toBe("running");
      await within((transaction) => giveBackTask(transaction, { taskId, attempt }));
      expect((await read(taskId)).status).toBe("pending");
    }
  });

  test("ends instead when it had begun to act", async () => {
    const taskId = await submit();
    await claim(taskId);
    await markActing(api.context.database.db, { taskId, attempt: 1 });
    await within((transaction) => giveBackTask(transaction, { taskId, attempt: 1 }));
    expect(await read(taskId)).toMatchObject({ status: "failed", errorCode: "worker_lost", mayHaveActed: true });
  });
});

describe("what a turn inherits", () => {
  test("is the last completed result and the errors of the failed ones before it, of its own session", async () => {
    const first = await submit();
    const { sessionId } = await read(first);
    const turn = async (outcome: Parameters<typeof finishTask>[2]) => {
      const taskId = await submit({ sessionId });
      await claim(taskId);
      await within((transaction) => finishTask(transaction, { taskId, attempt: 1 }, outcome, null));
    };
    await turn({ status: "completed", result: "older" });
    await turn({ status: "failed", error: "first failure", errorCode: "internal" });
    await turn({ status: "completed", result: "newer" });
    await turn({ status: "failed", error: "second failure", errorCode: "internal" });
    const last = await submit({ sessionId });
    await turn({ status: "completed", result: "after it" });
    const { db } = api.context.database;
    expect(await readInheritance(db, await read(last))).toEqual({
      previousContext: "newer",
      previousErrors: ["first failure", "second failure"],
    });
    expect(await readInheritance(db, await read(first))).toEqual({ previousContext: null, previousErrors: [] });
  });
});

describe("fences", () => {
  const step = { n: 1, type: "execution", msg: "late", success: true } as const;
  const { usage } = record;

  test("let one of two workers have a task that both take at once", async () => {
    for (let time = 0; time < 5; time++) {
      const taskId = await submit();
      const claims = await Promise.all([claim(taskId), claim(taskId)]);
      expect(claims.filter((task) => task !== null)).toHaveLength(1);
    }
  });

  test("keep an earlier attempt from giving back what a later one acts on, and from counting for it", async () => {
    const taskId = await submit();
    const { db } = api.context.database;
    await claim(taskId, 1);
    await appendStep(db, { taskId, attempt: 1 }, step);
    const { startedAt } = await read(taskId);
    await claim(taskId, 2);
    expect(await read(taskId)).toMatchObject({ steps: [], startedAt });
    await markActing(db, { taskId, attempt: 2 });
    await within((transaction) => giveBackTask(transaction, { taskId, attempt: 1 }));
    expect((await read(taskId)).status).toBe("running");
    await within((transaction) => cancelTask(transaction, taskId));
    await within((transaction) => keepRecord(transaction, { taskId, attempt: 1 }, record));
    expect((await read(taskId)).usage).toBeNull();
  });

  test("keep a cancelled task from being acted for and from having further steps", async () => {
    const taskId = await submit();
    await claim(taskId);
    await within((transaction) => cancelTask(transaction, taskId));
    expect(await markActing(api.context.database.db, { taskId, attempt: 1 })).toBe(false);
    expect(await appendStep(api.context.database.db, { taskId, attempt: 1 }, step)).toBe(false);
  });

  test("count what every task cost", async () => {
    const before = (await acme.call("GET", "/v1/usage")).json();
    for (let time = 0; time < 2; time++) {
      const taskId = await submit();
      await claim(taskId);
      await within((transaction) => finishTask(transaction, { taskId, attempt: 1 }, done, record));
    }
    expect((await acme.call("GET", "/v1/usage")).json().outputTokens).toBe(
      before.outputTokens + 2 * usage.outputTokens,
    );
  });
});

test("the end of a task brings its session to the top of the list, and is told to webhooks however it ended", async () => {
  const hooked = await api.business("acme-hooked");
  await hooked.call("POST", "/v1/webhook-endpoints", { url: "https://example.com/hook" });
  const post = async (): Promise<TaskId> =>
    (await hooked.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read" })).json().taskId;
  const [first, second, third] = [await post(), await post(), await post()];
  await within((transaction) => failLostTask(transaction, second));
  await within((transaction) => cancelTask(transaction, third));
  await claim(first);
  await within((transaction) => finishTask(transaction, { taskId: first, attempt: 1 }, done, null));
  const { rows } = await api.context.database.pool.query(
    "SELECT body::json ->> 'type' AS type FROM webhook_deliveries ORDER BY type",
  );
  expect(rows.map(({ type }) => type)).toEqual(["task.cancelled", "task.completed", "task.failed"]);
  const [top] = (await hooked.call("GET", "/v1/tasks")).json().sessions;
  expect(top.sessionId).toBe((await read(first)).sessionId);
});

test("a turn inherits no more than the latest ten errors", async () => {
  const first = await submit();
  const { sessionId } = await read(first);
  for (let n = 1; n <= 12; n++) {
    const taskId = await submit({ sessionId });
    await claim(taskId);
    const outcome = { status: "failed", error: `error ${n}`, errorCode: "internal" } as const;
    await within((transaction) => finishTask(transaction, { taskId, attempt: 1 }, outcome, null));
  }
  const last = await read(await submit({ sessionId }));
  const { previousErrors } = await readInheritance(api.context.database.db, last);
  expect([previousErrors.length, previousErrors[0], previousErrors[9]]).toEqual([10, "error 3", "error 12"]);
});
