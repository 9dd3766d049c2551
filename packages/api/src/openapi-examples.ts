import { type ErrorCode, errors, type Route } from "@stablehand/contract";

const taskId = "0b8f4a1e-6d0c-4c0e-9a53-0d4f4a8f2b11";
const sessionId = "c1f1a5f0-3c55-4d0a-8a43-5a4c9f2f7b60";
const endpointId = "5f3f1c8e-2f51-4f4e-9d5b-3b8f5f0c9a77";
const createdAt = "2026-03-02T09:30:00.000Z";
const businessId = "b2d0a3c4-1c55-4a0e-8a4e-6d1f0c2b9e11";
const accepted = { taskId, sessionId, status: "pending", createdAt };
const task = {
  taskId,
  sessionId,
  businessId,
  endUserId: "alice",
  task: "Read the three newest posts of my feed",
  mode: "read",
  status: "completed",
  createdAt,
  updatedAt: "2026-03-02T09:30:21.000Z",
  startedAt: "2026-03-02T09:30:01.000Z",
  completedAt: "2026-03-02T09:30:21.000Z",
  durationMs: 20_000,
  result: "The newest posts are by nina and omar.",
  totalSteps: 1,
  visitedUrls: ["x.com"],
  stepSummaries: [{ n: 1, type: "discovery", msg: "open https://x.com/home", success: true }],
  usage: { inputTokens: 4_100, outputTokens: 120, modelCalls: 2 },
};
const endpoint = { endpointId, url: "https://example.com/webhooks", createdAt };
const ticketId = "9c2f6f0e-2f41-4e0b-a0c5-7f3f7a1c9d20";
const testEvent = "evt_test_1e1c6d52-7f52-4a35-8d8e-6c7f3f1f0a44";
const apiKey = { keyId: "sb_live_4f2a91c0", prefix: "sb_live_4f2a91c0", label: "back end", createdAt };
const keyTimes = { lastUsedAt: "2026-03-02T09:30:21.000Z", revokedAt: null };
const extraction = { ...accepted, extractors: ["colors"], enableIpRotation: false };
const page = { url: "https://example.com", endUserId: "alice" };
const access = {
  sequence: 1,
  at: createdAt,
  action: "set",
  endUserId: "alice",
  fields: ["twitterAuthToken", "twitterCt0"],
  apiKeyId: "sb_live_4f2a91c0",
  keyId: "d1ce8f21ea93cee2",
  entry:
    '{"action":"set","actor":"key:sb_live_4f2a91c0","at":"2026-03-02T09:30:00.000000Z","business":"b2d0a3c4-1c55-4a0e-8a4e-6d1f0c2b9e11","endUser":"alice","fields":["twitterAuthToken","twitterCt0"],"keyId":"d1ce8f21ea93cee2","previous":"0000000000000000000000000000000000000000000000000000000000000000","sequence":1,"taskId":null}',
  previous: "0".repeat(64),
  hash: "c975c992062b993c9d7984b1e57fc002fde14fc4398ba26de8a5f7d12b8795c9",
};
const twitterFields = {
  twitterAuthToken: { updatedAt: createdAt, lastUsedAt: null },
  twitterCt0: { updatedAt: createdAt, lastUsedAt: null },
};
const nothing = (...missing: string[]) => ({ fields: {}, missing, health: "unknown", checkedAt: null });
const credentialStatus = {
  endUserId: "alice",
  platforms: { twitter: true, reddit: false, tiktok: false, youtube: false, instagram: false },
  details: {
    twitter: { fields: twitterFields, missing: [], health: "valid", checkedAt: createdAt },
    reddit: nothing("redditSession"),
    tiktok: nothing("tiktokSessionId", "tiktokCsrfToken"),
    youtube: nothing("youtubeSid", "youtubeHsid", "youtubeSsid", "youtubeSapisid"),
    instagram: nothing("instagramSessionId", "instagramCsrfToken", "instagramDsUserId"),
  },
};
const days = Array.from({ length: 30 }, (_, index) => ({
  day: new Date(Date.UTC(2026, 1, 1 + index)).toISOString().slice(0, 10),
  completed: 9,
  failed: 1,
  cancelled: 0,
}));
const settings = { allowedHosts: [".example.com"], embedOrigins: ["https://app.example.com"] };

// What may be sent and what may come: tests/architecture/openapi.test.ts holds all of it to the contract.
const routeExamples: Readonly<Record<string, { readonly body?: unknown; readonly reply?: unknown }>> = {
  "set-credentials": { body: { redditSession: "example-session" }, reply: { ok: true } },
  "list-end-users": { reply: { endUsers: [credentialStatus] } },
  "get-credentials": { reply: credentialStatus },
  "delete-credentials": { body: { fields: ["twitterCt0"] }, reply: { ok: true } },
  "get-sealing-key": {
    reply: {
      businessId,
      endUserId: "alice",
      keyId: "d1ce8f21ea93cee2",
      publicKey: "_XTFZk8BD7-VFxY5tINV0CfAI52t8f6cTfGwmpON7hE",
      version: 1,
      suite: 1,
    },
  },
  "create-upload-ticket": {
    body: { platforms: ["twitter"], ttlSeconds: 600 },
    reply: {
      url: `https://stablehand.example.com/connect/${ticketId}#${"x".repeat(43)}`,
      token: "x".repeat(43),
      expiresAt: "2026-03-02T09:40:00.000Z",
      ticketId,
    },
  },
  "list-credential-access": { reply: { accesses: [access] } },
  "check-credentials": { body: { platforms: ["twitter"] }, reply: accepted },
  "submit-task": { body: { endUserId: "alice", task: task.task, startUrl: "https://x.com/home" }, reply: accepted },
  "get-task": { reply: task },
  "cancel-task": {
    reply: { ...accepted, businessId, endUserId: "alice", task: task.task, status: "cancelled", updatedAt: createdAt },
  },
  "list-sessions": {
    reply: {
      sessions: [
        {
          sessionId,
          firstTask: task.task,
          turnCount: 1,
          latestStatus: "completed",
          latestKind: "browse",
          latestCreatedAt: createdAt,
          latestUpdatedAt: task.updatedAt,
          endUserId: "alice",
        },
      ],
    },
  },
  "get-session": { reply: { sessionId, tasks: [task] } },
  "extract-design": { body: { ...page, extractors: ["colors"] }, reply: extraction },
  "extract-one-design": { body: page, reply: extraction },
  "get-usage": {
    reply: {
      month: "2026-03",
      used: 12,
      limit: null,
      requestsPerSecond: null,
      inputTokens: 49_000,
      outputTokens: 1_400,
      modelCalls: 25,
    },
  },
  "get-task-statistics": {
    reply: {
      days,
      successRate: 0.9,
      runTimeMs: { p50: 18_200, p95: 61_000 },
      failures: [{ errorCode: "page_unreachable", count: 30 }],
    },
  },
  "get-settings": { reply: settings },
  "set-settings": { body: settings, reply: settings },
  "create-webhook-endpoint": { body: { url: endpoint.url }, reply: { ...endpoint, secret: "whsec_example" } },
  "list-webhook-endpoints": { reply: { endpoints: [{ ...endpoint, eventsLost: 0 }] } },
  "delete-webhook-endpoint": { reply: { ok: true } },
  "test-webhook-endpoint": { reply: { eventId: testEvent } },
  "list-webhook-deliveries": {
    reply: {
      deliveries: [
        {
          sequence: 1,
          at: createdAt,
          eventId: testEvent,
          eventType: "endpoint.test",
          attempt: 1,
          delivered: true,
          outcome: "answered 200",
        },
      ],
    },
  },
  "create-api-key": {
    body: { label: "back end" },
    reply: { ...apiKey, secret: `sb_live_4f2a91c0_${"x".repeat(40)}` },
  },
  "list-api-keys": { reply: { keys: [{ ...apiKey, ...keyTimes }] } },
  "revoke-api-key": { reply: { ...apiKey, ...keyTimes, revokedAt: "2026-03-03T08:00:00.000Z" } },
  "get-openapi": { reply: { openapi: "3.1.0" } },
  "get-health": { reply: { ok: true } },
  "get-readiness": { reply: { ready: true } },
};

/** An error of this code, as a caller may get it. */
export function errorExample(code: ErrorCode): object {
  return { error: errors[code].meaning, code, requestId: "7a2e8a0e-58a4-4f8e-9f0e-2f3f1d0c9b55" };
}

/** The example of a route's body or answer, for the document. */
export function exampleOf(route: Route, part: "body" | "reply"): { readonly example?: unknown } {
  const example = routeExamples[route.id]?.[part];
  return example === undefined ? {} : { example };
}
