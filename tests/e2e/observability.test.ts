import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FakePlatforms, startFakePlatforms } from "../support/fake-platforms/fake-platforms.ts";
import { makeDataDir, startServer, type TestServer } from "../support/server.ts";
import { startTraceReceiver } from "../support/trace-receiver.ts";

let data: Awaited<ReturnType<typeof makeDataDir>>;
let fakes: FakePlatforms;
let receiver: Awaited<ReturnType<typeof startTraceReceiver>>;
let server: TestServer;
const endUserId = "observed-end-user";
/** Reads a page, tries to leave it for a host that its cookies have no business with, and blabs one of them. */
const turnsWith = (cookie: string) => [
  { calls: [{ tool: "use_account", input: { platform: "twitter" } }] },
  { calls: [{ tool: "navigate", input: { url: "https://x.com/home" } }] },
  { calls: [{ tool: "navigate", input: { url: "https://elsewhere.example/" } }] },
  { calls: [{ tool: "done", input: { result: `Read with ${cookie}.` } }] },
];

beforeAll(async () => {
  data = await makeDataDir();
  fakes = await startFakePlatforms();
  fakes.setMode("twitter", "feed");
  receiver = await startTraceReceiver();
  const scriptFile = join(data.dir, "script.json");
  const turns = turnsWith(fakes.accounts.alice.values.twitterAuthToken);
  await writeFile(scriptFile, JSON.stringify({ turns }), { mode: 0o644 });
  server = await startServer(data.dir, {
    ...fakes.env,
    MODEL: `replay:${scriptFile}`,
    API_METRICS_PORT: "0",
    WORKER_METRICS_PORT: "0",
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  });
});
afterAll(async () => {
  await server.stop();
  await receiver.stop();
  await fakes.stop();
  await data.remove();
});

/** Where each program says that it tells its metrics. */
function metricsUrl(program: "api" | "worker"): string {
  const line = server
    .log()
    .split("\n")
    .find((one) => one.includes(`"program":"${program}"`) && one.includes("metricsUrl"));
  return /"metricsUrl":"([^"]+)"/.exec(line ?? "")?.[1] ?? "";
}

const scrape = async (program: "api" | "worker") => (await fetch(metricsUrl(program))).text();

test("a task is one trace from the API through the queue to the worker's steps, and is counted on both sides", async () => {
  await server.call("PUT", `/v1/end-users/${endUserId}/credentials`, fakes.accounts.alice.values);
  const { body } = await server.call("POST", "/v1/tasks", { endUserId, task: "Read my feed" });
  const { taskId } = body as { taskId: string };
  const status = async () => ((await server.call("GET", `/v1/tasks/${taskId}`)).body as { status: string }).status;
  await expect.poll(status, { timeout: 90_000, interval: 250 }).toMatch(/completed|failed/);
  expect((await server.call("GET", `/v1/tasks/${taskId}`)).body).toMatchObject({ status: "completed" });

  const spanNamed = (name: string) => receiver.spans.find((span) => span.name === name);
  await expect.poll(() => spanNamed("run browse"), { timeout: 20_000 }).toBeDefined();
  const submission = spanNamed("POST /v1/tasks");
  const run = spanNamed("run browse");
  expect(submission).toMatchObject({ service: "stablehand-api" });
  expect(run).toMatchObject({
    service: "stablehand-worker",
    traceId: submission?.traceId,
    parentSpanId: submission?.spanId,
    attributes: { taskId, status: "completed" },
  });
  const steps = receiver.spans.filter(({ name }) => name === "step");
  expect(steps.length).toBeGreaterThan(1);
  for (const step of steps) expect(step).toMatchObject({ traceId: run?.traceId, parentSpanId: run?.spanId });

  const api = await scrape("api");
  expect(api).toContain('stablehand_http_requests_total{route="/v1/tasks",status="201"} 1');
  expect(api).toContain("stablehand_credential_seals_total 12");
  expect(api).toContain("stablehand_queue_depth 0");
  const worker = await scrape("worker");
  expect(worker).toContain('stablehand_tasks_total{kind="browse",status="completed",code="none"} 1');
  expect(worker).toContain('stablehand_credential_opens_total{outcome="opened"} 2');
  expect(worker).toMatch(/stablehand_browser_starts_total\{outcome="started"\} [1-9]/);
  expect(worker).toMatch(/stablehand_task_steps_total\{type="\w+",success="true"\} [1-9]/);
  expect(worker).toMatch(/stablehand_model_calls_total [1-9]/);
  for (const direction of ["input", "output"])
    expect(worker).toMatch(new RegExp(`stablehand_model_tokens_total\\{direction="${direction}"\\} [1-9]`));
  expect(worker).toMatch(/stablehand_proxy_refusals_total\{reason="\w+"\} [1-9]/);
  expect(worker).toMatch(/stablehand_leaks_blocked_total [1-9]/);
});

test("neither metrics nor traces name an end-user, a business's key, a cookie's value or what was asked for", async () => {
  await fetch(`${server.url}/v1/nothing/${endUserId}`);
  const told = [await scrape("api"), await scrape("worker"), receiver.text()].join("\n");
  expect(told, "the control").toContain("unrouted");
  for (const secret of [endUserId, server.apiKey ?? "", "Read my feed", ...Object.values(fakes.accounts.alice.values)])
    expect(told).not.toContain(secret);
});

test("the log names a request by its id, and a task by its own on both sides", async () => {
  const refused = await server.call("GET", "/v1/tasks/00000000-0000-4000-8000-000000000000");
  const { requestId } = refused.body as { requestId: string };
  const { body } = await server.call("POST", "/v1/design/extract", { endUserId, url: "http://nowhere.invalid/" });
  const { taskId } = body as { taskId: string };
  const lines = () =>
    server
      .log()
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  await expect
    .poll(() => lines().find((line) => line["msg"] === "an attempt at a task ended" && line["taskId"] === taskId), {
      timeout: 60_000,
    })
    .toMatchObject({
      program: "worker",
      kind: "design",
      attempt: 1,
      status: "failed",
      errorCode: expect.any(String),
    });
  expect(lines()).toContainEqual(expect.objectContaining({ program: "api", requestId, status: 404 }));
  expect(lines()).toContainEqual(
    expect.objectContaining({ program: "api", route: "/v1/design/extract", taskId, status: 202 }),
  );
  expect(server.log()).not.toContain("nowhere.invalid");
});
