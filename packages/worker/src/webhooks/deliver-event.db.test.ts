import { webhookEvent } from "@stablehand/contract";
import { newId, type SessionId, type TaskId, type WebhookEndpointId } from "@stablehand/core/ids";
import type { Logger } from "@stablehand/core/log";
import {
  type ClaimedDelivery,
  claimDeliveries,
  enqueueDeliveries,
  finishDelivery,
} from "@stablehand/core/store/webhooks";
import { openKeyring, rotateKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";
import {
  hang,
  type ReceivedWebhook,
  startWebhookReceiver,
  type WebhookReceiver,
} from "../../../../tests/support/webhook-receiver.ts";
import { createOpener, type Opener } from "../opener.ts";
import { resealKeys } from "../reseal-keys.ts";
import { type DeliveryContext, deliverEvent } from "./deliver-event.ts";
import { signEvent } from "./sign-event.ts";

let api: TestApi;
let acme: TestBusiness;
let opener: Opener;
let receiver: WebhookReceiver;
let logged: string;
const unaborted = new AbortController().signal;

// Only what is called of it.
const log = { info: record, warn: record, error: record } as unknown as Logger;
function record(...said: unknown[]): void {
  logged += JSON.stringify(said);
}

beforeAll(async () => {
  api = await startTestApi({ allowPrivateWebhooks: true });
  acme = await api.business("acme");
  opener = await createOpener(() => openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile)));
});
beforeEach(async () => {
  await query("DELETE FROM webhook_endpoints");
  logged = "";
  receiver = await startWebhookReceiver();
  return () => receiver.stop();
});
afterAll(() => api.stop());

const query = async (text: string, values: unknown[] = []) =>
  (await api.context.database.pool.query(text, values)).rows;

async function createEndpoint(
  url = receiver.url,
  business = acme,
): Promise<{ endpointId: WebhookEndpointId; secret: string }> {
  return (await business.call("POST", "/v1/webhook-endpoints", { url })).json();
}

/** Ends a task of `business`, as far as webhooks notice. */
async function endTask(business = acme, errorCode: "credentials_gone" | null = null): Promise<TaskId> {
  const taskId = newId<TaskId>();
  await api.context.database.db.transaction().execute((transaction) =>
    enqueueDeliveries(transaction, {
      taskId,
      businessId: business.businessId,
      sessionId: newId<SessionId>(),
      endUserId: "alice",
      status: errorCode ? "failed" : "completed",
      errorCode,
      completedAt: new Date(),
    }),
  );
  return taskId;
}

async function claimDue(): Promise<ClaimedDelivery[]> {
  const claim = { limit: 10, exceptEndpoints: [], leaseSeconds: 30 };
  const { db } = api.context.database;
  return [
    ...(await claimDeliveries(db, { ...claim, failing: false })),
    ...(await claimDeliveries(db, { ...claim, failing: true })),
  ];
}

/** Makes one attempt of whatever is due; says how many attempts that were. */
async function attemptDue(post: Partial<DeliveryContext["post"]> = {}): Promise<number> {
  const claimed = await claimDue();
  const defaults = { allowPrivate: true, resolveName: async () => [], deadlineMs: 10_000 };
  const context = { db: api.context.database.db, opener, log, post: { ...defaults, ...post } };
  await Promise.all(claimed.map((delivery) => deliverEvent(context, delivery, unaborted)));
  return claimed.length;
}

function onlyReceived(): ReceivedWebhook {
  const [request] = receiver.received;
  if (!request || receiver.received.length > 1) throw new Error(`${receiver.received.length} requests came, not one`);
  return request;
}

const makeDue = () => query("UPDATE webhook_deliveries SET next_attempt_at = now()");
const waiting = () => query("SELECT * FROM webhook_deliveries");
const state = async () => (await acme.call("GET", "/v1/webhook-endpoints")).json().endpoints[0];

describe("an event", () => {
  test("is sent once, signed with the endpoint's secret, and says nothing but how the task ended", async () => {
    const { secret } = await createEndpoint();
    const taskId = await endTask(acme, "credentials_gone");
    expect(await attemptDue()).toBe(1);
    expect(await attemptDue()).toBe(0);
    const { headers, body } = onlyReceived();
    const event = webhookEvent.parse(JSON.parse(body));
    expect(event).toEqual(JSON.parse(body)); // nothing beside what the contract names
    expect(event).toMatchObject({
      type: "task.failed",
      data: { taskId, status: "failed", errorCode: "credentials_gone" },
    });
    expect(headers["content-type"]).toBe("application/json");
    const sentAt = new Date(Number(headers["webhook-timestamp"]) * 1000);
    expect(headers).toMatchObject(
      signEvent(Buffer.from(secret.slice("whsec_".length), "base64"), { eventId: `evt_${taskId}`, body }, sentAt),
    );
    expect(await waiting()).toEqual([]);
    expect(await state()).toMatchObject({
      lastDeliveryAt: expect.any(String),
      lastOutcome: "answered 200",
      eventsLost: 0,
    });
    expect(await state()).not.toHaveProperty("failingSince");
  });

  test("goes to every endpoint of the business under one id, and to none of another's", async () => {
    const other = await api.business("other");
    await createEndpoint(`${receiver.url}/1`);
    await createEndpoint(`${receiver.url}/2`);
    await createEndpoint(`${receiver.url}/other`, other);
    const taskId = await endTask();
    await attemptDue();
    expect(receiver.received.map(({ path }) => path).sort()).toEqual(["/hooks/1", "/hooks/2"]);
    for (const { headers } of receiver.received) expect(headers["webhook-id"]).toBe(`evt_${taskId}`);
  });

  test("is not written down where the task's transaction is rolled back, or the task has not ended", async () => {
    await createEndpoint();
    const task = {
      taskId: newId<TaskId>(),
      businessId: acme.businessId,
      sessionId: newId<SessionId>(),
      endUserId: "alice",
      errorCode: null,
    };
    const ended = { ...task, status: "completed", completedAt: new Date() } as const;
    const rolledBack = api.context.database.db.transaction().execute(async (transaction) => {
      await enqueueDeliveries(transaction, ended);
      throw new Error("rolled back");
    });
    await expect(rolledBack).rejects.toThrow("rolled back");
    const running = api.context.database.db
      .transaction()
      .execute((transaction) => enqueueDeliveries(transaction, { ...ended, status: "running" }));
    await expect(running).rejects.toThrow(/not ended/);
    expect(await waiting()).toEqual([]);
  });

  test("written down twice is sent once", async () => {
    await createEndpoint();
    const task = {
      taskId: newId<TaskId>(),
      businessId: acme.businessId,
      sessionId: newId<SessionId>(),
      endUserId: "alice",
    };
    const ended = { ...task, status: "cancelled", errorCode: null, completedAt: new Date() } as const;
    for (let again = 0; again < 2; again++)
      await api.context.database.db.transaction().execute((transaction) => enqueueDeliveries(transaction, ended));
    expect(await attemptDue()).toBe(1);
  });
});

test("a task that is cancelled over the API is told of, as one that its worker ends is", async () => {
  await createEndpoint();
  const { taskId } = (await acme.call("POST", "/v1/tasks", { endUserId: "alice", task: "Read my feed" })).json();
  expect(await attemptDue(), "it has not ended").toBe(0);
  for (let again = 0; again < 2; again++) await acme.call("POST", `/v1/tasks/${taskId}/cancel`);
  expect(await attemptDue()).toBe(1);
  const { endUserId, sessionId, completedAt } = (await acme.call("GET", `/v1/tasks/${taskId}`)).json();
  expect(JSON.parse(onlyReceived().body)).toEqual({
    type: "task.cancelled",
    timestamp: completedAt,
    data: { taskId, sessionId, endUserId, status: "cancelled" },
  });
});

describe("an attempt that fails", () => {
  const closedPort = 9; // nothing of ours listens on the discard port
  test.each([
    ["an answer 500", () => receiver.answerWith({ status: 500 }), "answered 500"],
    ["no answer", () => receiver.answerWith(hang), "no answer within 0.05 s"],
    [
      "a connection that breaks",
      () => receiver.answerWith((response) => response.destroy()),
      "the connection failed (ECONNRESET)",
    ],
    [
      "a refused connection",
      () => query("UPDATE webhook_endpoints SET url = $1", [`http://127.0.0.1:${closedPort}/`]),
      "the connection failed (ECONNREFUSED)",
    ],
  ])("by %s is repeated with the same id and body, later each time", async (_name, fail, words) => {
    await createEndpoint();
    await fail();
    await endTask();
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(await attemptDue({ deadlineMs: 50 })).toBe(1);
      expect(await attemptDue(), "not due at once").toBe(0);
      const [row] = await query(
        "SELECT extract(epoch FROM next_attempt_at - last_attempt_at)::float AS delay FROM webhook_deliveries JOIN webhook_endpoints USING (endpoint_id)",
      );
      delays.push(row.delay);
      await makeDue();
    }
    expect(delays).toEqual([5, 30, 120]);
    expect(
      new Set(receiver.received.map(({ headers, body }) => `${headers["webhook-id"]} ${body}`)).size,
    ).toBeLessThanOrEqual(1);
    expect(await state()).toMatchObject({ lastOutcome: words, failingSince: expect.any(String) });
  });

  test("is followed by a last one at 24 hours, after which the event is given up and counted", async () => {
    await createEndpoint();
    receiver.answerWith({ status: 503 });
    await endTask();
    await query("UPDATE webhook_deliveries SET created_at = now() - interval '23 hours 50 minutes', attempt = 8");
    await attemptDue();
    const [row] = await query(
      "SELECT next_attempt_at - created_at = interval '24 hours' AS is_last FROM webhook_deliveries",
    );
    expect(row.is_last).toBe(true);
    await query(
      "UPDATE webhook_deliveries SET created_at = created_at - interval '10 minutes', next_attempt_at = now()",
    );
    expect(await attemptDue()).toBe(1);
    expect(await waiting()).toEqual([]);
    expect(await state()).toMatchObject({ eventsLost: 1, lastOutcome: "answered 503" });
  });

  test("gives up with it all older than 24 hours where the endpoint has taken nothing for as long, and no others", async () => {
    await createEndpoint();
    receiver.answerWith({ status: 500 });
    for (let n = 0; n < 3; n++) await endTask();
    await query("UPDATE webhook_deliveries SET created_at = now() - interval '25 hours'");
    await endTask();
    await query(
      "UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at - interval '1 minute' WHERE created_at < now() - interval '1 day'",
    );
    await attemptDue();
    expect((await waiting()).length, "failing since just now: one alone is lost").toBe(3);
    await query("UPDATE webhook_endpoints SET failing_since = now() - interval '25 hours'");
    await attemptDue();
    expect((await waiting()).length).toBe(1);
    expect(await state()).toMatchObject({ eventsLost: 3 });
  });

  test("does not make the endpoint count as failing once it has taken an event again", async () => {
    await createEndpoint();
    receiver.answerWith({ status: 500 });
    await endTask();
    await attemptDue();
    expect(await state()).toHaveProperty("failingSince");
    receiver.answerWith({ status: 204 });
    await makeDue();
    await attemptDue();
    expect(await state()).not.toHaveProperty("failingSince");
    expect(await waiting()).toEqual([]);
  });

  test("with 429 and retry-after leaves the endpoint alone for as long", async () => {
    await createEndpoint();
    receiver.answerWith({ status: 429, headers: { "retry-after": "900" } });
    await endTask();
    await attemptDue();
    await endTask();
    await makeDue();
    expect(await attemptDue()).toBe(0);
    const [row] = await query(
      "SELECT extract(epoch FROM paused_until - last_attempt_at)::float AS pause FROM webhook_endpoints",
    );
    expect(row.pause).toBe(900);
    await query("UPDATE webhook_endpoints SET paused_until = now()");
    receiver.answerWith({ status: 200 });
    await attemptDue();
    await attemptDue();
    expect(await waiting()).toEqual([]);
  });
});

test("410 disables the endpoint: what waits is dropped, and nothing more is written down for it", async () => {
  await createEndpoint();
  receiver.answerWith({ status: 410 });
  await endTask();
  await endTask();
  await attemptDue();
  await endTask();
  expect(await waiting()).toEqual([]);
  expect(await state()).toMatchObject({ disabledAt: expect.any(String), lastOutcome: "answered 410" });
  expect(receiver.received).toHaveLength(1);
});

test("a deleted endpoint gets nothing more, not even what waited", async () => {
  const { endpointId } = await createEndpoint();
  await endTask();
  await acme.call("DELETE", `/v1/webhook-endpoints/${endpointId}`);
  await endTask();
  expect(await attemptDue()).toBe(0);
  expect(await waiting()).toEqual([]);
});

test("an endpoint that is deleted during an attempt stays deleted", async () => {
  const { endpointId } = await createEndpoint();
  await endTask();
  const [delivery] = await claimDue();
  await acme.call("DELETE", `/v1/webhook-endpoints/${endpointId}`);
  if (!delivery) throw new Error("one was due");
  const { db } = api.context.database;
  await finishDelivery(db, delivery, { kind: "failed", words: "x", retryInSeconds: 5, pauseSeconds: null });
  await finishDelivery(db, delivery, { kind: "delivered", words: "x" });
  expect(await state()).toBeUndefined();
});

test("a worker that dies between sending and writing it down lets another send it again, under the same id", async () => {
  await createEndpoint();
  await endTask();
  const [lost] = await claimDue();
  if (!lost) throw new Error("one was due");
  expect(await claimDue(), "it is leased").toEqual([]);
  await makeDue(); // the lease is over
  const [again] = await claimDue();
  expect(again).toEqual({ ...lost, attempt: 2 });
});

test("an attempt that lost its lease no longer moves the delivery", async () => {
  await createEndpoint();
  await endTask();
  const [late] = await claimDue();
  if (!late) throw new Error("one was due");
  await makeDue();
  await claimDue();
  const before = await waiting();
  const { db } = api.context.database;
  await finishDelivery(db, late, { kind: "failed", words: "late", retryInSeconds: 9_999, pauseSeconds: null });
  await finishDelivery(db, late, { kind: "delivered", words: "late" });
  expect(await waiting()).toEqual(before);
});

describe("a test", () => {
  const at = (endpointId: string) => `/v1/webhook-endpoints/${endpointId}`;
  const ask = (endpointId: string, business = acme) => business.call("POST", `${at(endpointId)}/test`);
  const deliveries = async (endpointId: string, query = "") =>
    (await acme.call("GET", `${at(endpointId)}/deliveries${query}`)).json();

  test("is sent once, signed like any event and before all that waits, and the list tells how it went", async () => {
    const { endpointId, secret } = await createEndpoint();
    const taskId = await endTask();
    await query("UPDATE webhook_deliveries SET next_attempt_at = now() - interval '1 hour'");
    const asked = await ask(endpointId);
    const { eventId } = asked.json();
    expect([asked.statusCode, eventId]).toEqual([202, expect.stringMatching(/^evt_test_/)]);
    expect(await attemptDue()).toBe(1);
    const { headers, body } = onlyReceived();
    expect(webhookEvent.parse(JSON.parse(body))).toMatchObject({ type: "endpoint.test", data: { endpointId } });
    const sentAt = new Date(Number(headers["webhook-timestamp"]) * 1000);
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    expect(headers).toMatchObject(signEvent(key, { eventId, body }, sentAt));
    await attemptDue();
    expect(await waiting()).toEqual([]);
    const [later, first] = (await deliveries(endpointId)).deliveries;
    const told = { attempt: 1, delivered: true, outcome: "answered 200" };
    expect(first).toMatchObject({ ...told, sequence: 1, eventId, eventType: "endpoint.test" });
    expect(later).toMatchObject({ ...told, sequence: 2, eventId: `evt_${taskId}`, eventType: "task.completed" });
  });

  test("that fails is not repeated, and not counted as a lost event", async () => {
    const { endpointId } = await createEndpoint();
    receiver.answerWith({ status: 500 });
    const { eventId } = (await ask(endpointId)).json();
    expect(await attemptDue()).toBe(1);
    expect(await waiting()).toEqual([]);
    expect(await state()).toMatchObject({
      eventsLost: 0,
      lastOutcome: "answered 500",
      failingSince: expect.any(String),
    });
    expect((await deliveries(endpointId)).deliveries).toMatchObject([
      { eventId, delivered: false, outcome: "answered 500" },
    ]);
  });

  test("is one as long as it waits, also when many ask at once", async () => {
    const { endpointId } = await createEndpoint();
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(endpointId)));
    expect(new Set(answers.map((answer) => answer.json().eventId)).size).toBe(1);
    expect(await waiting()).toHaveLength(1);
  });

  test("is refused for an endpoint that is another's, unknown or disabled", async () => {
    const { endpointId } = await createEndpoint();
    const other = await api.business("other");
    for (const id of [endpointId, newId<WebhookEndpointId>(), "x"])
      for (const response of [await ask(id, other), await other.call("GET", `${at(id)}/deliveries`)])
        expect([response.statusCode, response.json().code]).toEqual([404, "webhook_endpoint_not_found"]);
    receiver.answerWith({ status: 410 });
    await ask(endpointId);
    await attemptDue();
    const refused = await ask(endpointId);
    expect([refused.statusCode, refused.json().code]).toEqual([409, "webhook_endpoint_disabled"]);
    expect((await deliveries(endpointId)).deliveries).toMatchObject([{ delivered: false, outcome: "answered 410" }]);
    expect(await waiting()).toEqual([]);
  });

  test("stands in the list with what fails and is tried again, page by page; the oldest of many are forgotten", async () => {
    const { endpointId } = await createEndpoint();
    receiver.answerWith({ status: 500 });
    const taskId = await endTask();
    for (let n = 0; n < 3; n++) {
      await attemptDue();
      await makeDue();
    }
    const first = await deliveries(endpointId, "?limit=2");
    expect(first.deliveries.map(({ attempt }: { attempt: number }) => attempt)).toEqual([3, 2]);
    const second = await deliveries(endpointId, `?limit=2&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({
      deliveries: [{ attempt: 1, eventId: `evt_${taskId}`, eventType: "task.completed" }],
    });
    expect(second).not.toHaveProperty("nextCursor");
    await query("UPDATE webhook_endpoints SET attempts = 501");
    await attemptDue();
    expect((await deliveries(endpointId)).deliveries.map(({ sequence }: { sequence: number }) => sequence)).toEqual([
      502, 3,
    ]);
  });
});

describe("secrets", () => {
  test("are in no log", async () => {
    const { secret } = await createEndpoint(`${receiver.url}?token=CANARY`);
    receiver.answerWith({ status: 500 });
    await endTask();
    await attemptDue();
    expect(logged).toContain("answered 500");
    const bytes = Buffer.from(secret.slice(6), "base64");
    for (const form of [secret.slice(6), bytes.toString("hex"), "CANARY"]) expect(logged).not.toContain(form);
  });

  test("are the same after a rotation of the keyring, then sealed to the new key", async () => {
    const { secret } = await createEndpoint();
    const current = await rotateKeyring(api.vault);
    await resealKeys(
      { db: api.context.database.db, opener, log, workerId: "test", perSecond: 100_000, lookAgainMs: 0 },
      unaborted,
    );
    const [row] = await query("SELECT encode(keyring_key_id, 'hex') AS key_id FROM webhook_endpoints");
    expect(row.key_id).toBe(current);
    const taskId = await endTask();
    await attemptDue();
    const { headers, body } = onlyReceived();
    const sentAt = new Date(Number(headers["webhook-timestamp"]) * 1000);
    const key = Buffer.from(secret.slice(6), "base64");
    expect(headers).toMatchObject(signEvent(key, { eventId: `evt_${taskId}`, body }, sentAt));
  });

  test("that were moved from another endpoint do not open: the event waits, nothing is sent, and the owner is told", async () => {
    const { endpointId } = await createEndpoint();
    await createEndpoint();
    await query(
      "UPDATE webhook_endpoints SET sealed_secret = (SELECT sealed_secret FROM webhook_endpoints WHERE endpoint_id <> $1) WHERE endpoint_id = $1",
      [endpointId],
    );
    await endTask();
    await attemptDue();
    expect(receiver.received).toHaveLength(1);
    expect(await state()).toMatchObject({
      endpointId,
      lastOutcome: expect.stringMatching(/secret could not be opened/),
    });
    expect(await waiting()).toHaveLength(1);
  });

  test("that do not open are passed by when others are re-sealed", async () => {
    await createEndpoint();
    const { endpointId } = await createEndpoint();
    await query("UPDATE webhook_endpoints SET sealed_secret = '\\x00' WHERE endpoint_id <> $1", [endpointId]);
    const current = await rotateKeyring(api.vault);
    await resealKeys(
      { db: api.context.database.db, opener, log, workerId: "test", perSecond: 100_000, lookAgainMs: 0 },
      unaborted,
    );
    const rows = await query("SELECT endpoint_id FROM webhook_endpoints WHERE encode(keyring_key_id, 'hex') = $1", [
      current,
    ]);
    expect(rows).toEqual([{ endpoint_id: endpointId }]);
  });
});
