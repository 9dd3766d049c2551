import { newId, type SessionId, type TaskId } from "@stablehand/core/ids";
import { createLog } from "@stablehand/core/log";
import { enqueueDeliveries } from "@stablehand/core/store/webhooks";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";
import { hang, startWebhookReceiver, type WebhookReceiver } from "../../../../tests/support/webhook-receiver.ts";
import { createOpener, type Opener } from "../opener.ts";
import { startWebhookDelivery, type WebhookDelivery } from "./start-delivery.ts";

let api: TestApi;
let acme: TestBusiness;
let opener: Opener;
let receiver: WebhookReceiver;
let running: WebhookDelivery[];

beforeAll(async () => {
  api = await startTestApi({ allowPrivateWebhooks: true });
  acme = await api.business("acme");
  opener = await createOpener(() => openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile)));
});
beforeEach(async () => {
  await query("DELETE FROM webhook_endpoints");
  receiver = await startWebhookReceiver();
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((delivery) => delivery.stop(0)));
  await receiver.stop();
});
afterAll(() => api.stop());

const query = async (text: string, values: unknown[] = []) =>
  (await api.context.database.pool.query(text, values)).rows;

function start(): WebhookDelivery {
  const delivery = startWebhookDelivery({
    db: api.context.database.db,
    opener,
    log: createLog("test", "silent"),
    allowPrivate: true,
    deadlineMs: 30_000,
  });
  running.push(delivery);
  return delivery;
}

const addEndpoint = (business: TestBusiness, url = receiver.url) =>
  business.call("POST", "/v1/webhook-endpoints", { url });

async function endTask(business = acme): Promise<void> {
  const task = { taskId: newId<TaskId>(), sessionId: newId<SessionId>(), endUserId: "alice", errorCode: null };
  const ended = { ...task, businessId: business.businessId, status: "completed", completedAt: new Date() } as const;
  await api.context.database.db.transaction().execute((transaction) => enqueueDeliveries(transaction, ended));
}

const waiting = async () => (await query("SELECT FROM webhook_deliveries")).length;
const allDelivered = () => expect.poll(waiting, { timeout: 20_000, interval: 10 }).toBe(0);

test("what is due when a worker starts, and what comes due while it runs, is sent", async () => {
  await addEndpoint(acme);
  await endTask();
  start();
  await allDelivered();
  await endTask();
  await allDelivered();
  expect(receiver.received).toHaveLength(2);
});

test("a backlog is sent one at a time to its endpoint, without waiting between", async () => {
  await addEndpoint(acme);
  for (let n = 0; n < 100; n++) await endTask();
  start();
  await allDelivered();
  expect(receiver.received).toHaveLength(100);
  expect(receiver.openMax).toBe(1);
});

test("two workers at once send each event once", async () => {
  for (let n = 0; n < 5; n++) await addEndpoint(acme, `${receiver.url}/${n}`);
  for (let n = 0; n < 10; n++) await endTask();
  start();
  start();
  await allDelivered();
  const sent = receiver.received.map(({ path, headers }) => `${path} ${headers["webhook-id"]}`);
  expect(sent).toHaveLength(50);
  expect(new Set(sent).size).toBe(50);
});

test("endpoints that never answer, more than there are places for, do not hold up another business", async () => {
  const silent = await startWebhookReceiver();
  try {
    silent.answerWith(hang);
    const slow = await Promise.all(["one", "two"].map((name) => api.business(name)));
    for (const business of slow) {
      await Promise.all(Array.from({ length: 10 }, () => addEndpoint(business, silent.url)));
      for (let n = 0; n < 5; n++) await endTask(business);
    }
    await query("UPDATE webhook_endpoints SET failing_since = now() - interval '1 hour'");
    start();
    await expect.poll(() => silent.received.length, { timeout: 20_000, interval: 10 }).toBe(16);
    await addEndpoint(acme);
    await endTask();
    await expect.poll(() => receiver.received.length, { timeout: 20_000, interval: 10 }).toBe(1);
    expect(silent.received).toHaveLength(16);
  } finally {
    await Promise.all(running.map((delivery) => delivery.stop(0)));
    await silent.stop();
  }
});

test("stopping waits for the attempt under way and begins no other", async () => {
  await addEndpoint(acme);
  await endTask();
  await endTask();
  let answer = () => {};
  receiver.answerWith((response) => {
    answer = () => response.end();
  });
  const delivery = start();
  await expect.poll(() => receiver.received.length, { timeout: 20_000, interval: 10 }).toBe(1);
  const stopped = delivery.stop(30_000);
  answer();
  await stopped;
  expect(await waiting()).toBe(1);
  expect(receiver.received).toHaveLength(1);
});

test("an attempt that outlasts the grace is ended, and its event is sent again when its lease is over", async () => {
  await addEndpoint(acme);
  await endTask();
  receiver.answerWith(hang);
  const delivery = start();
  await expect.poll(() => receiver.received.length, { timeout: 20_000, interval: 10 }).toBe(1);
  await delivery.stop(0);
  const [row] = await query(
    "SELECT attempt, next_attempt_at > now() AS is_leased, last_outcome FROM webhook_deliveries JOIN webhook_endpoints USING (endpoint_id)",
  );
  expect(row).toEqual({ attempt: 1, is_leased: true, last_outcome: null });
  await query("UPDATE webhook_deliveries SET next_attempt_at = now()");
  receiver.answerWith({ status: 200 });
  start();
  await allDelivered();
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
});

test("a failing statement is survived: sending goes on when the database does", async () => {
  await addEndpoint(acme);
  start();
  await query("ALTER TABLE webhook_deliveries RENAME TO webhook_deliveries_away");
  try {
    await expect(endTask()).rejects.toThrow();
  } finally {
    await query("ALTER TABLE webhook_deliveries_away RENAME TO webhook_deliveries");
  }
  await endTask();
  await allDelivered();
});
