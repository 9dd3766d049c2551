import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../tests/support/postgres.ts";
import { type Database, openDatabase } from "../database.ts";
import { type BusinessId, newId, type SessionId, type TaskId, type WebhookEndpointId } from "../ids.ts";
import { createLog } from "../log.ts";
import { migrate } from "../migrate.ts";
import { ensureBusiness } from "./businesses.ts";
import { createWebhookEndpoint } from "./webhook-endpoints.ts";
import { type ClaimedDelivery, claimDeliveries, enqueueDeliveries, finishDelivery } from "./webhooks.ts";

let database: Database;
let drop: () => Promise<void>;
let business: BusinessId;

beforeAll(async () => {
  const created = await createTestDatabase();
  drop = created.drop;
  await migrate(created.url);
  database = openDatabase(created.url, { program: "test", connectionsMax: 8, log: createLog("test", "silent") });
  business = await ensureBusiness(database.db, "acme");
});
beforeEach(async () => {
  await database.pool.query("DELETE FROM webhook_endpoints");
});
afterAll(async () => {
  await database.close();
  await drop();
});

async function addEndpoint(owner = business): Promise<WebhookEndpointId> {
  const endpointId = newId<WebhookEndpointId>();
  const sealed = { sealedSecret: Buffer.of(1), keyringKeyId: Buffer.alloc(8) };
  const endpoint = { endpointId, url: "https://example.com/", description: null, ...sealed };
  await createWebhookEndpoint(database.db, owner, endpoint, 1_000);
  return endpointId;
}

async function endTask(owner = business): Promise<string> {
  const taskId = newId<TaskId>();
  const task = { taskId, businessId: owner, sessionId: newId<SessionId>(), endUserId: "alice" };
  const ended = { ...task, status: "completed", errorCode: null, completedAt: new Date() } as const;
  await database.db.transaction().execute((transaction) => enqueueDeliveries(transaction, ended));
  return `evt_${taskId}`;
}

const claim = (claim: Partial<Parameters<typeof claimDeliveries>[1]> = {}): Promise<ClaimedDelivery[]> =>
  claimDeliveries(database.db, { failing: false, limit: 100, exceptEndpoints: [], leaseSeconds: 30, ...claim });
const failure = { kind: "failed", words: "answered 500", retryInSeconds: 5, pauseSeconds: null } as const;
const endpointsOf = (claimed: ClaimedDelivery[]) => claimed.map(({ endpointId }) => endpointId).sort();

describe("claiming", () => {
  test("takes one delivery of each endpoint, the one that has waited longest", async () => {
    const endpoints = [await addEndpoint(), await addEndpoint()];
    const oldest = await endTask();
    await endTask();
    await database.pool.query(
      "UPDATE webhook_deliveries SET next_attempt_at = now() - interval '1 hour' WHERE event_id = $1",
      [oldest],
    );
    const claimed = await claim();
    expect(endpointsOf(claimed)).toEqual([...endpoints].sort());
    expect(claimed.map(({ eventId, attempt }) => [eventId, attempt])).toEqual([
      [oldest, 1],
      [oldest, 1],
    ]);
  });

  test("takes nothing that is leased, in the future, or of an endpoint that is busy", async () => {
    const busy = await addEndpoint();
    await endTask();
    expect(await claim({ exceptEndpoints: [busy] })).toEqual([]);
    expect(await claim()).toHaveLength(1);
    expect(await claim()).toEqual([]);
    await database.pool.query("UPDATE webhook_deliveries SET next_attempt_at = now() + interval '1 minute'");
    expect(await claim()).toEqual([]);
    await database.pool.query("UPDATE webhook_deliveries SET next_attempt_at = now()");
    expect(await claim()).toHaveLength(1);
  });

  test("tells endpoints that fail from those that work: neither's claim takes the other's", async () => {
    const failing = await addEndpoint();
    const working = await addEndpoint();
    await endTask();
    for (const delivery of await claim())
      await finishDelivery(
        database.db,
        delivery,
        delivery.endpointId === failing ? failure : { kind: "delivered", words: "x" },
      );
    await endTask();
    expect(endpointsOf(await claim())).toEqual([working]);
    expect(endpointsOf(await claim({ failing: true }))).toEqual([failing]);
  });

  test("goes round: with more endpoints than places, whose last attempt is longest ago comes first", async () => {
    const endpoints = [await addEndpoint(), await addEndpoint(), await addEndpoint()];
    for (let n = 0; n < 3; n++) await endTask();
    const seen: WebhookEndpointId[] = [];
    for (let n = 0; n < 3; n++)
      for (const delivery of await claim({ limit: 1 })) {
        seen.push(delivery.endpointId);
        await finishDelivery(database.db, delivery, { kind: "delivered", words: "x" });
      }
    expect([...seen].sort()).toEqual([...endpoints].sort());
  });

  test("by many at once gives each delivery to one of them", async () => {
    const count = 20;
    for (let n = 0; n < count; n++) await addEndpoint();
    await endTask();
    const claimed = (await Promise.all(Array.from({ length: 8 }, () => claim({ limit: 10 })))).flat();
    while (claimed.length < count) claimed.push(...(await claim()));
    expect(new Set(endpointsOf(claimed)).size).toBe(count);
    expect(claimed).toHaveLength(count);
  });

  test("of nothing finds nothing", async () => {
    expect(await claim()).toEqual([]);
    await endTask();
    expect(await claim()).toEqual([]);
  });
});

test.each([
  ["failed", failure],
  ["delivered", { kind: "delivered", words: "x" }],
  ["gone", { kind: "gone", words: "x" }],
] as const)(
  "an endpoint can be deleted while an attempt that %s is written down: no deadlock, nothing left",
  async (_kind, outcome) => {
    const endpointId = await addEndpoint();
    await endTask();
    const [delivery] = await claim();
    if (!delivery) throw new Error("one was due");
    const deleting = await database.pool.connect();
    try {
      await deleting.query("BEGIN");
      await deleting.query("SELECT FROM webhook_endpoints WHERE endpoint_id = $1 FOR UPDATE", [endpointId]); // as DELETE begins
      const finished = finishDelivery(database.db, delivery, outcome);
      const { pool } = database;
      const blocked = async () =>
        (
          await pool.query(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
          )
        ).rowCount;
      await expect.poll(blocked, { timeout: 20_000, interval: 5 }).toBe(1);
      await deleting.query("DELETE FROM webhook_endpoints WHERE endpoint_id = $1", [endpointId]); // goes on to the deliveries
      await deleting.query("COMMIT");
      await finished;
    } finally {
      deleting.release();
    }
    expect((await database.pool.query("SELECT FROM webhook_deliveries")).rowCount).toBe(0);
  },
);
