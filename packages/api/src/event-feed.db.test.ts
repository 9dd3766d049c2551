import { createLog } from "@stablehand/core/log";
import { appendStep, claimTask } from "@stablehand/core/store/task-runs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../tests/support/api.ts";
import { type EventFeed, type FollowedTask, openEventFeed } from "./event-feed.ts";

let api: TestApi;
let acme: TestBusiness;
let feed: EventFeed;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
});
beforeEach(() => {
  feed = openEventFeed(api.context.database.db, createLog("test", "silent"));
});
afterEach(() => feed.close());
afterAll(() => api.stop());

async function submit(): Promise<FollowedTask> {
  const response = await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read" });
  return { taskId: response.json().taskId, businessId: acme.businessId };
}

test("tells each follower what happens, as it happens, from where it stands", async () => {
  const task = await submit();
  const all = feed.follow(task, 0);
  const later = feed.follow(task, 1);
  expect((await all.next()).value).toMatchObject({ n: 1, type: "status", data: '{"status":"pending"}' });
  const next = [all.next(), later.next()];
  const claim = { taskId: task.taskId, attempt: 1, workerId: "worker-1" };
  await api.context.database.db.transaction().execute((transaction) => claimTask(transaction, claim));
  for (const event of await Promise.all(next)) expect(event.value).toMatchObject({ n: 2, type: "status" });
  const step = { n: 1, type: "execution", msg: "Clicked", success: true } as const;
  await appendStep(api.context.database.db, claim, step);
  expect((await all.next()).value).toMatchObject({ n: 3, type: "step", data: JSON.stringify(step) });
});

test("a follower that is gone makes room; one of a business too many is refused with what to do instead", async () => {
  const task = await submit();
  const followers = Array.from({ length: 500 }, () => feed.follow(task, 0));
  await Promise.all(followers.map((one) => one.next()));
  expect(() => feed.follow(task, 0)).toThrow(/GET the task/);
  await followers[0]?.return();
  expect(() => feed.follow(task, 0)).not.toThrow();
});

test("a business that follows as much as it may leaves room for others, up to 2,000 in all", async () => {
  const task = await submit();
  const of = (name: string) => ({ ...task, businessId: name as BusinessId });
  for (const name of ["a", "b", "c", "d"])
    await Promise.all(Array.from({ length: 500 }, () => feed.follow(of(name), 0).next()));
  expect(() => feed.follow(of("e"), 0)).toThrow(/GET the task/);
});

test("closing it ends every follower, also those that wait", async () => {
  const follower = feed.follow(await submit(), 1);
  const waiting = follower.next();
  await Promise.resolve();
  feed.close();
  expect(await waiting).toEqual({ value: undefined, done: true });
});

test("a database that fails for a moment ends nobody", async () => {
  const follower = feed.follow(await submit(), 0);
  const { pool } = api.context.database;
  await pool.query("ALTER TABLE task_events RENAME TO task_events_away");
  const first = follower.next();
  await new Promise((resolve) => setTimeout(resolve, 40)); // the first look has failed by now
  await pool.query("ALTER TABLE task_events_away RENAME TO task_events");
  expect((await first).value).toMatchObject({ n: 1 });
});
