import { expect, test } from "vitest";
import { startTraceReceiver } from "../../../tests/support/trace-receiver.ts";
import { openTracer, readTraceEndpoint } from "./tracer.ts";

test("a trace goes on from one program to the next, and reaches an OTLP receiver", async () => {
  const receiver = await startTraceReceiver();
  const endpoint = readTraceEndpoint({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
  const api = await openTracer("api", endpoint);
  const worker = await openTracer("worker", endpoint);
  const request = api.start("POST /v1/tasks", { kind: "server" });
  const run = worker.start("run browse", { kind: "consumer", parent: request.traceparent, attributes: { attempt: 1 } });
  run.end("worker_lost");
  request.end();
  await Promise.all([api.close(), worker.close()]);
  await receiver.stop();
  const [first, second] = ["POST /v1/tasks", "run browse"].map((name) =>
    receiver.spans.find((span) => span.name === name),
  );
  expect(first).toMatchObject({ service: "stablehand-api" });
  expect(second).toMatchObject({
    service: "stablehand-worker",
    traceId: first?.traceId,
    parentSpanId: first?.spanId,
    attributes: { attempt: 1 },
  });
  expect(receiver.text()).toContain('"worker_lost"');
});

test("a parent that is no trace context, or was not sampled, is not gone on with", async () => {
  const receiver = await startTraceReceiver();
  const tracer = await openTracer("api", `${receiver.endpoint}/v1/traces`);
  tracer.start("a", { parent: "00-nonsense" }).end();
  tracer.start("b", { parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" }).end();
  await tracer.close();
  await receiver.stop();
  expect(receiver.spans.map(({ name, parentSpanId }) => [name, parentSpanId || undefined])).toEqual([["a", undefined]]);
});

test("a receiver that is away holds up nothing", async () => {
  const tracer = await openTracer("api", "http://127.0.0.1:1/v1/traces");
  tracer.start("lost").end();
  await tracer.close();
});

test("without an endpoint nothing is traced; one that is no URL is refused", async () => {
  expect(readTraceEndpoint({})).toBeNull();
  expect((await openTracer("api", null)).start("nothing").traceparent).toBeUndefined();
  expect(() => readTraceEndpoint({ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" })).toThrow("must look like");
});
