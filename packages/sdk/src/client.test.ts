import { expect, test } from "vitest";
import { Stablehand } from "./client.ts";

test("each method makes its route's request", async () => {
  const sent: string[] = [];
  const client = new Stablehand({
    apiKey: "k",
    baseUrl: "http://server.test",
    fetch: async (url, init) => {
      const { pathname, search } = new URL(String(url));
      sent.push(`${init?.method} ${pathname}${search} ${init?.body ?? ""}`.trim());
      return Response.json({});
    },
  });
  await client.endUsers.list();
  await client.endUsers.list({ limit: 5, prefix: "eu-", search: "a b", cursor: "c" });
  await client.endUsers("a b").createUploadTicket({ platforms: ["reddit"], ttlSeconds: 60 });
  await client.tasks.list({ limit: 5, status: "failed", kind: "browse", endUserId: "self" });
  await client.usage.get();
  await client.usage.statistics();
  await client.settings.get();
  await client.settings.set({ allowedHosts: [], embedOrigins: ["https://app.example.com"] });
  await client.webhooks.create({ url: "https://example.com/" });
  await client.webhooks.list();
  await client.webhooks.test("e-1");
  await client.webhooks.deliveries("e-1", { limit: 5, cursor: "7" });
  await client.webhooks.delete("e-1");
  await client.accesses.list({ endUserId: "alice", limit: 1 });
  expect(sent).toEqual([
    "GET /v1/end-users",
    "GET /v1/end-users?prefix=eu-&search=a+b&cursor=c&limit=5",
    'POST /v1/end-users/a%20b/upload-tickets {"platforms":["reddit"],"ttlSeconds":60}',
    "GET /v1/tasks?status=failed&kind=browse&endUserId=self&limit=5",
    "GET /v1/usage",
    "GET /v1/task-statistics",
    "GET /v1/settings",
    'PUT /v1/settings {"allowedHosts":[],"embedOrigins":["https://app.example.com"]}',
    'POST /v1/webhook-endpoints {"url":"https://example.com/"}',
    "GET /v1/webhook-endpoints",
    "POST /v1/webhook-endpoints/e-1/test",
    "GET /v1/webhook-endpoints/e-1/deliveries?limit=5&cursor=7",
    "DELETE /v1/webhook-endpoints/e-1",
    "GET /v1/credential-access?endUserId=alice&limit=1",
  ]);
});
