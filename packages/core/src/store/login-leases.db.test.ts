import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";
import type { StoreTransaction } from "../database.ts";
import type { TaskId } from "../ids.ts";
import { createLog } from "../log.ts";
import { type Consumer, type JobHandlers, startConsumer } from "../queue.ts";
import { takeOneMoreLogin } from "./login-leases.ts";
import { cancelTask, claimTask, failLostTask, finishTask, giveBackTask, keepRecord, markActing } from "./task-runs.ts";

let api: TestApi;
let acme: TestBusiness;
const consumers: Consumer[] = [];

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
});
afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.stop(1_000)));
  await api.context.database.pool.query("DELETE FROM pgboss.job; DELETE FROM login_leases; DELETE FROM login_waits");
});
afterAll(() => api.stop());

const within = <Result>(work: (transaction: StoreTransaction) => Promise<Result>) =>
  api.context.database.db.transaction().execute(work);
const done = { status: "completed", result: "Done." } as const;
const turnOfEventLoop = () => new Promise((resolve) => setTimeout(resolve, 5));

async function submit(extra: object = {}, business = acme): Promise<TaskId> {
  const body = { endUserId: "alice", task: "Read", platforms: ["twitter"], ...extra };
  return (await business.call("POST", "/v1/tasks", body)).json().taskId;
}

const claim = (taskId: TaskId, attempt = 1) =>
  within((transaction) => claimTask(transaction, { taskId, attempt, workerId: "worker-1" }));
const finish = (taskId: TaskId, attempt = 1) =>
  within((transaction) => finishTask(transaction, { taskId, attempt }, done, null));
const takeMore = (taskId: TaskId, platform: "twitter" | "reddit", attempt = 1) =>
  within((transaction) => takeOneMoreLogin(transaction, { taskId, attempt }, platform));
const statusOf = async (taskId: TaskId) => (await acme.call("GET", `/v1/tasks/${taskId}`)).json().status;

async function holders(): Promise<string[]> {
  const { rows } = await api.context.database.pool.query(
    "SELECT platform || ' ' || task_id AS held FROM login_leases ORDER BY 1",
  );
  return rows.map((row) => row.held);
}

/** Runs tasks as workers do, on `concurrency` slots; `work` stands for the browser. */
async function startWorker(
  concurrency: number,
  work: (taskId: TaskId) => Promise<void>,
  failLost: JobHandlers["failLostTask"] = async () => {},
): Promise<void> {
  consumers.push(
    await startConsumer(api.databaseUrl, {
      concurrency,
      log: createLog("test", "silent"),
      handlers: {
        async runTask({ taskId, attempt }) {
          const task = await claim(taskId, attempt);
          if (!task) return;
          await work(taskId);
          await finish(taskId, attempt);
        },
        failLostTask: failLost,
        reseal: async () => {},
      },
    }),
  );
}

describe("a login", () => {
  test("is one task's at a time: the next waits as pending, and has it when the first has ended", async () => {
    const [first, second] = [await submit(), await submit()];
    expect((await claim(first))?.status).toBe("running");
    expect(await claim(second)).toBeNull();
    expect(await statusOf(second)).toBe("pending");
    await finish(first);
    expect(await holders()).toEqual([]);
    expect((await claim(second, 2))?.status).toBe("running");
    expect(await holders()).toEqual([`twitter ${second}`]);
  });

  test("of another platform, end-user or business is not waited for, nor by a task that names none", async () => {
    await claim(await submit());
    const other = await api.business("other");
    for (const taskId of [
      await submit({ platforms: ["reddit"] }),
      await submit({ endUserId: "bob" }),
      await submit({}, other),
      await submit({ platforms: [] }),
      await submit({ platforms: undefined, startUrl: "https://www.tiktok.com/" }),
    ])
      expect(await claim(taskId)).not.toBeNull();
  });

  test("is asked for by the site of startUrl as by name, and by a check", async () => {
    await claim(await submit({ platforms: undefined, startUrl: "https://mobile.x.com/home" }));
    expect(await claim(await submit())).toBeNull();
    await acme.call("PUT", "/v1/end-users/alice/credentials", { twitterAuthToken: "a", twitterCt0: "b" });
    const check = await acme.call("POST", "/v1/end-users/alice/credentials/check", { platforms: ["twitter"] });
    expect(await claim(check.json().taskId)).toBeNull();
  });

  test("goes to waiting tasks in the order of submission, and to none that comes later", async () => {
    const [first, second, third] = [await submit(), await submit(), await submit()];
    await claim(first);
    expect(await claim(third)).toBeNull();
    expect(await claim(second)).toBeNull();
    await finish(first);
    expect(await claim(third, 2)).toBeNull();
    expect(await claim(await submit())).toBeNull();
    expect(await claim(second, 2)).not.toBeNull();
  });

  test("is kept for an earlier task that is claimed after a later one, unless that is cancelled", async () => {
    const [first, second, third] = [await submit(), await submit(), await submit()];
    expect(await claim(third)).toBeNull();
    expect(await claim(second)).toBeNull();
    expect(await claim(first)).not.toBeNull();
    await finish(first);
    await within((transaction) => cancelTask(transaction, second));
    expect(await claim(third, 2)).not.toBeNull();
  });

  test("is not kept for an earlier task that waits for its session's turn", async () => {
    const { sessionId } = (await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "1" })).json();
    await submit({ sessionId });
    expect(await claim(await submit())).not.toBeNull();
  });

  test("is not kept for an earlier task whose job is gone, which nobody will ever claim", async () => {
    const gone = await submit();
    await api.context.database.pool.query("DELETE FROM pgboss.job WHERE id = $1", [gone]);
    expect(await claim(await submit())).not.toBeNull();
  });

  test("goes to the earlier of two tasks that are claimed at the same moment, which never block each other", async () => {
    for (let round = 0; round < 30; round++) {
      const [first, second] = [await submit(), await submit()];
      const [secondClaim, firstClaim] = await Promise.all([claim(second), claim(first)]);
      expect([firstClaim?.status, secondClaim]).toEqual(["running", null]);
      await finish(first);
      expect(await claim(second, 2)).not.toBeNull();
      await finish(second, 2);
    }
  });

  test("is not held by a task that waits for another one: two that want both never block each other", async () => {
    const holder = await submit({ platforms: ["reddit"] });
    const both = await submit({ platforms: ["twitter", "reddit"] });
    const reversed = await submit({ platforms: ["reddit", "twitter"] });
    await claim(holder);
    expect(await claim(both)).toBeNull();
    expect(await claim(reversed)).toBeNull();
    expect(await holders()).toEqual([`reddit ${holder}`]);
    await finish(holder);
    expect(await claim(both, 2)).not.toBeNull();
    await finish(both, 2);
    expect(await claim(reversed, 2)).not.toBeNull();
  });

  test("stays with the task of a lost worker until that has been run again or ended", async () => {
    const [lost, waiting] = [await submit(), await submit()];
    await claim(lost);
    expect(await claim(waiting)).toBeNull();
    expect(await claim(lost, 2)).not.toBeNull(); // run again, although another waits
    expect(await claim(waiting, 2)).toBeNull();
    expect(await finish(lost, 1)).toBe(false); // the worker that was thought dead frees nothing
    expect(await holders()).toEqual([`twitter ${lost}`]);
    await markActing(api.context.database.db, { taskId: lost, attempt: 2 });
    expect(await claim(lost, 3)).toBeNull(); // ended as worker_lost
    expect(await claim(waiting, 3)).not.toBeNull();
  });

  test("is free once its task was given back or given up by the queue", async () => {
    const first = await submit();
    await claim(first);
    await within((transaction) => giveBackTask(transaction, { taskId: first, attempt: 1 }));
    expect(await holders()).toEqual([]);
    await claim(first, 2);
    await within((transaction) => failLostTask(transaction, first));
    expect(await holders()).toEqual([]);
  });

  test("is not free when its task is cancelled, but when the worker has let go of it, or was lost", async () => {
    const [first, second] = [await submit(), await submit()];
    await claim(first);
    await within((transaction) => cancelTask(transaction, first));
    expect(await claim(second)).toBeNull();
    await within((transaction) => keepRecord(transaction, { taskId: first, attempt: 1 }, null));
    expect(await claim(second, 2)).not.toBeNull();
    await within((transaction) => cancelTask(transaction, second));
    expect(await holders()).toEqual([`twitter ${second}`]);
    expect(await claim(second, 3)).toBeNull();
    expect(await holders()).toEqual([]);
  });

  test("can be taken during a run: at once when free, also before those who wait, and not by a lost attempt", async () => {
    const holder = await submit({ platforms: ["reddit"] });
    const asking = await submit({ platforms: [] });
    await claim(holder);
    await claim(asking);
    expect(await takeMore(asking, "twitter")).toBe("taken");
    expect(await takeMore(asking, "twitter")).toBe("taken");
    expect(await takeMore(asking, "reddit")).toBe("busy");
    expect(await takeMore(holder, "twitter")).toBe("busy"); // each wants the other's: both are told, neither hangs
    expect(await takeMore(asking, "reddit", 2)).toBe("lost");
    const { rows } = await api.context.database.pool.query("SELECT platforms FROM tasks WHERE task_id = $1", [asking]);
    expect(rows).toEqual([{ platforms: ["twitter"] }]);
    await finish(asking);
    expect(await holders()).toEqual([`reddit ${holder}`]);
  });
});

describe("with workers", () => {
  test("50 tasks of one end-user on eight slots run one at a time and in order, and keep no slot from others", async () => {
    const hog: TaskId[] = [];
    for (let n = 0; n < 50; n++) hog.push(await submit());
    const guest = await api.business("guest");
    const ran: TaskId[] = [];
    const running = new Set<TaskId>();
    let together = 0;
    const first = Promise.withResolvers<void>();
    const work = async (taskId: TaskId) => {
      if (hog.includes(taskId)) {
        running.add(taskId);
        together = Math.max(together, running.size);
        if (ran.length === 0) await first.promise;
        await turnOfEventLoop();
        running.delete(taskId);
      }
      ran.push(taskId);
    };
    await startWorker(4, work);
    await startWorker(4, work);
    await expect.poll(() => running.size, { timeout: 10_000 }).toBe(1);
    const others = [
      await submit({}, guest),
      await submit({ endUserId: "bob" }),
      await submit({ platforms: ["reddit"] }),
    ];
    await expect.poll(() => others.every((taskId) => ran.includes(taskId)), { timeout: 20_000 }).toBe(true);
    expect(ran.length).toBe(3); // while the first of the 50 still held the login
    first.resolve();
    await expect.poll(() => ran.length, { timeout: 50_000 }).toBe(53);
    expect(together).toBe(1);
    expect(ran.filter((taskId) => hog.includes(taskId))).toEqual(hog);
    const { rows } = await api.context.database.pool.query(
      "SELECT max(retry_count) AS handed_out FROM pgboss.job WHERE name = 'turns'",
    );
    expect(rows[0].handed_out).toBeLessThanOrEqual(3); // woken, not polled
  }, 90_000);

  test("a turn that waits for a login holds up the later turns of its session, and goes on once woken or cancelled", async () => {
    const holder = await submit();
    const ran: TaskId[] = [];
    const letGo = Promise.withResolvers<void>();
    await startWorker(3, async (taskId) => {
      if (taskId === holder) await letGo.promise;
      ran.push(taskId);
    });
    await expect.poll(() => statusOf(holder), { timeout: 10_000 }).toBe("running");
    const one = (
      await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "1", platforms: ["twitter"] })
    ).json();
    const { sessionId } = one;
    const later = await submit({ sessionId, platforms: [] });
    const two = (
      await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "2", platforms: ["twitter"] })
    ).json();
    const afterTwo = await submit({ sessionId: two.sessionId, platforms: [] });
    const parked = async () =>
      (await api.context.database.pool.query("SELECT FROM pgboss.job WHERE state = 'retry'")).rowCount;
    await expect.poll(parked, { timeout: 10_000 }).toBe(2);
    expect(await statusOf(later)).toBe("pending");
    await acme.call("POST", `/v1/tasks/${two.taskId}/cancel`);
    await expect.poll(() => ran, { timeout: 10_000 }).toEqual([afterTwo]);
    letGo.resolve();
    await expect.poll(() => ran, { timeout: 10_000 }).toEqual([afterTwo, holder, one.taskId, later]);
  }, 60_000);

  test("a holder whose job is lost is run again, and the one that waits runs after it", async () => {
    const [holder, waiting] = [await submit(), await submit()];
    const ran: TaskId[] = [];
    const attempts = new Map<TaskId, number>();
    await startWorker(2, async (taskId) => {
      const attempt = (attempts.get(taskId) ?? 0) + 1;
      attempts.set(taskId, attempt);
      if (taskId === holder && attempt === 1) throw new Error("the worker is gone");
      ran.push(taskId);
    });
    await expect.poll(() => ran, { timeout: 20_000 }).toEqual([holder, waiting]);
    await expect.poll(holders, { timeout: 10_000 }).toEqual([]);
  }, 40_000);
});
