import { expect, test } from "vitest";
import { createApiMetrics, createWorkerMetrics } from "./metrics.ts";
import { readMetricsPlace, serveMetrics } from "./serve-metrics.ts";

const queue = { waiting: 3, running: 2, oldestSeconds: 7.5 };

test("an API tells its requests, its seals and the queue, at /metrics and nowhere else", async () => {
  const metrics = createApiMetrics(async () => queue);
  metrics.request("/v1/tasks/:taskId", 404, 0.02);
  metrics.sealed(2);
  const served = await serveMetrics(metrics.registry, { host: "127.0.0.1", port: 0 });
  try {
    const text = await (await fetch(served.url)).text();
    for (const line of [
      'stablehand_http_requests_total{route="/v1/tasks/:taskId",status="404"} 1',
      'stablehand_http_request_seconds_bucket{le="0.025",route="/v1/tasks/:taskId"} 1',
      "stablehand_credential_seals_total 2",
      "stablehand_queue_depth 3",
      "stablehand_queue_running 2",
      "stablehand_queue_age_seconds 7.5",
      "# TYPE process_cpu_seconds_total counter",
    ])
      expect(text).toContain(line);
    expect((await fetch(served.url.replace("/metrics", "/"))).status).toBe(404);
    expect((await fetch(served.url, { method: "POST" })).status).toBe(404);
  } finally {
    await served.close();
  }
});

test("a queue that cannot be read costs the scrape its gauges, and nothing else", async () => {
  let answer = async () => queue;
  const metrics = createApiMetrics(() => answer());
  metrics.sealed(1);
  expect(await metrics.registry.metrics()).toContain("stablehand_queue_depth 3");
  answer = () => Promise.reject(new Error("the database is away"));
  const text = await metrics.registry.metrics();
  expect(text).toContain("stablehand_credential_seals_total 1");
  expect(text).not.toContain("stablehand_queue_depth 3");
});

test("a worker tells how attempts ended, what they cost and what was refused", async () => {
  const metrics = createWorkerMetrics();
  metrics.runEnded("browse", { status: "completed" }, 4);
  metrics.runEnded("check", { status: "failed", errorCode: "credentials_gone" }, 0.5);
  metrics.taskLost("browse");
  metrics.step("execution", true);
  metrics.modelUsed({ inputTokens: 900, outputTokens: 80, modelCalls: 3 });
  metrics.browserStarted("started");
  metrics.proxyRefused("private_address");
  metrics.leaksBlocked(4);
  metrics.sealed(1);
  metrics.opened("opened", 2);
  const text = await metrics.registry.metrics();
  for (const line of [
    'stablehand_tasks_total{kind="browse",status="completed",code="none"} 1',
    'stablehand_tasks_total{kind="check",status="failed",code="credentials_gone"} 1',
    'stablehand_tasks_total{kind="browse",status="failed",code="worker_lost"} 1',
    'stablehand_task_seconds_bucket{le="5",kind="browse"} 1',
    'stablehand_task_steps_total{type="execution",success="true"} 1',
    'stablehand_model_tokens_total{direction="input"} 900',
    'stablehand_model_tokens_total{direction="output"} 80',
    "stablehand_model_calls_total 3",
    'stablehand_browser_starts_total{outcome="started"} 1',
    'stablehand_proxy_refusals_total{reason="private_address"} 1',
    "stablehand_leaks_blocked_total 4",
    "stablehand_credential_seals_total 1",
    'stablehand_credential_opens_total{outcome="opened"} 2',
  ])
    expect(text).toContain(line);
});

test("metrics are told nowhere by default, and to this machine alone when only a port is set", () => {
  expect(readMetricsPlace({}, "API_METRICS_PORT")).toBeNull();
  expect(readMetricsPlace({ WORKER_METRICS_PORT: "9465" }, "API_METRICS_PORT")).toBeNull();
  expect(readMetricsPlace({ API_METRICS_PORT: "9464" }, "API_METRICS_PORT")).toEqual({ host: "127.0.0.1", port: 9464 });
  expect(() => readMetricsPlace({ API_METRICS_PORT: "http" }, "API_METRICS_PORT")).toThrow("API_METRICS_PORT");
});
