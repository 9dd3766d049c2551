import { describe, expect, test } from "vitest";
import type { StepSummary, Task } from "./contract/records.ts";
import { ConnectionError, NotFoundError, TaskCancelledError, TaskFailedError, TaskTimeoutError } from "./errors.ts";
import { followTask, type TaskEvent } from "./follow-task.ts";
import { createTransport, type Transport } from "./transport.ts";
import { waitForTask } from "./wait-for-task.ts";

const follow = { breaksMax: 1, beginsWithinMs: 2_000, silenceMsMax: 2_000, betweenMs: 1 };
const patience = { pollMs: 1, follow };

const step = (n: number): StepSummary => ({ n, type: "execution", msg: `step ${n}`, success: true });
const stepEvent = (id: number, n: number) => `id: ${id}\nevent: step\ndata: ${JSON.stringify(step(n))}\n\n`;
const statusEvent = (id: number, status: Task["status"]) =>
  `id: ${id}\nevent: status\ndata: ${JSON.stringify({ status, at: "2026-11-24T09:00:00.000Z" })}\n\n`;

function task(status: Task["status"], more: Partial<Task> = {}): Task {
  const at = "2026-11-24T09:00:00.000Z";
  const ids = { taskId: "t", sessionId: "s", businessId: "b", endUserId: "alice", task: "Read" };
  return { ...ids, status, createdAt: at, updatedAt: at, ...more };
}

/** A stream that gives this text and then ends, breaks, or stays silent. */
function events(text: string, then: "ends" | "breaks" | "is silent" = "ends", onCancel = () => {}) {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(`: following\n\n${text}`)),
    pull(controller) {
      if (then === "ends") controller.close();
      if (then === "breaks") controller.error(new TypeError("terminated"));
      if (then === "is silent") return new Promise(() => {});
    },
    cancel: onCancel,
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** A server with one task: what it answers to those who follow and to those who ask, one after the other. */
function serverWith(following: (Response | Error)[], asking: (Task | Response | Error)[]) {
  const resumed: (string | null)[] = [];
  const transport: Transport = createTransport({
    token: () => "k",
    baseUrl: "http://server.test",
    timeoutMs: 5_000,
    retriesMax: 0,
    async fetch(url, init) {
      const isFollowing = String(url).endsWith("/events");
      if (isFollowing) resumed.push(new Headers(init?.headers).get("last-event-id"));
      const answer = (isFollowing ? following : asking).shift();
      if (answer === undefined) throw new TypeError("nobody answers");
      if (answer instanceof Error) throw answer;
      if (!(answer instanceof Response)) return Response.json(answer);
      if (!answer.ok || !answer.body || !init?.signal) return answer;
      // As `fetch` does: the signal also ends what is still being read.
      return new Response(answer.body.pipeThrough(new TransformStream(), { signal: init.signal }));
    },
  });
  return { transport, resumed };
}

const refusal = (status: number, code: string) => Response.json({ error: code, code, requestId: "r" }, { status });

describe("following", () => {
  async function collect(transport: Transport, lastEventId?: string): Promise<TaskEvent[]> {
    const seen: TaskEvent[] = [];
    for await (const event of followTask(transport, "t", { lastEventId }, follow)) seen.push(event);
    return seen;
  }

  test("gives each event once, over streams that break, and ends with the task", async () => {
    const { transport, resumed } = serverWith(
      [
        events(statusEvent(1, "running") + stepEvent(2, 1), "breaks"),
        new TypeError("reset"),
        events(stepEvent(3, 2)),
        events(statusEvent(4, "completed"), "is silent"),
      ],
      [],
    );
    const seen = await collect(transport);
    expect(seen.map(({ id, type }) => [id, type])).toEqual([
      ["1", "status"],
      ["2", "step"],
      ["3", "step"],
      ["4", "status"],
    ]);
    expect(seen[1]?.data).toEqual(step(1));
    expect(resumed).toEqual([null, "2", "2", "3"]);
  });

  test("begins where it is told, and ends at once when there is nothing to come", async () => {
    const { transport, resumed } = serverWith([new Response(null, { status: 204 })], []);
    expect(await collect(transport, "7")).toEqual([]);
    expect(resumed).toEqual(["7"]);
  });

  test("gives up on a stream that only ever breaks", async () => {
    const { transport } = serverWith([events("", "breaks"), events("", "breaks"), events(stepEvent(1, 1))], []);
    await expect(collect(transport)).rejects.toThrow(ConnectionError);
  });

  test("takes a stream that has fallen silent for broken", async () => {
    const { transport } = serverWith([events(stepEvent(1, 1), "is silent"), events(statusEvent(2, "failed"))], []);
    const seen: string[] = [];
    const quick = { ...follow, silenceMsMax: 20 };
    for await (const event of followTask(transport, "t", {}, quick)) seen.push(event.id);
    expect(seen).toEqual(["1", "2"]);
  });

  test("throws what the server refuses, at once", async () => {
    const { transport, resumed } = serverWith([refusal(404, "task_not_found")], []);
    await expect(collect(transport)).rejects.toThrow(NotFoundError);
    expect(resumed).toHaveLength(1);
  });

  test("that is broken off by the caller closes the stream", async () => {
    let isClosed = false;
    const close = () => {
      isClosed = true;
    };
    const { transport } = serverWith([events(stepEvent(1, 1), "is silent", close)], []);
    for await (const _ of followTask(transport, "t", {}, follow)) break;
    await expect.poll(() => isClosed).toBe(true);
  });
});

describe("waiting", () => {
  test("tells each step once and in order over events, and gives the task", async () => {
    const told: number[] = [];
    const { transport } = serverWith(
      [
        events(stepEvent(1, 1) + stepEvent(2, 2), "breaks"),
        events(stepEvent(2, 2) + stepEvent(3, 3) + statusEvent(4, "completed")),
      ],
      [task("completed", { stepSummaries: [step(1), step(2), step(3)], result: "done" })],
    );
    const ended = await waitForTask(transport, "t", { onStep: ({ n }) => told.push(n) }, patience);
    expect(ended.result).toBe("done");
    expect(told).toEqual([1, 2, 3]);
  });

  test.each([
    ["no such route", () => [refusal(404, "route_not_found")]],
    ["too many followers", () => [refusal(503, "unavailable"), refusal(503, "unavailable")]],
    ["streams that break", () => [events(stepEvent(1, 1), "breaks"), events("", "breaks"), events("", "breaks")]],
  ] as const)("falls back to asking where events do not come through: %s", async (_what, following) => {
    const told: number[] = [];
    const { transport } = serverWith(following(), [
      task("running", { stepSummaries: [step(1)] }),
      task("running", { stepSummaries: [step(1), step(2)] }),
      task("completed", { stepSummaries: [step(1), step(2), step(3)] }),
    ]);
    await waitForTask(transport, "t", { onStep: ({ n }) => told.push(n) }, patience);
    expect(told).toEqual([1, 2, 3]);
  });

  test("outlasts a server that is away, and one that refuses for the moment", async () => {
    const { transport } = serverWith(
      [],
      [new TypeError("reset"), refusal(503, "unavailable"), refusal(429, "rate_limited"), task("completed")],
    );
    expect((await waitForTask(transport, "t", {}, patience)).status).toBe("completed");
  });

  test("throws what the server refuses for good", async () => {
    const { transport } = serverWith([refusal(404, "task_not_found")], [refusal(404, "task_not_found")]);
    await expect(waitForTask(transport, "t", {}, patience)).rejects.toThrow(NotFoundError);
  });

  test("throws a failed and a cancelled task, with the task", async () => {
    const failed = task("failed", { error: "It took too long.", errorCode: "time_limit" });
    const away = () => refusal(404, "route_not_found");
    const error: unknown = await waitForTask(serverWith([away()], [failed]).transport, "t", {}, patience).catch(
      (e) => e,
    );
    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toMatchObject({ message: "It took too long.", task: failed });
    const { transport } = serverWith([away()], [task("cancelled")]);
    await expect(waitForTask(transport, "t", {}, patience)).rejects.toThrow(TaskCancelledError);
  });

  test("ends after timeoutMs while events come, while it asks, and while nobody answers", async () => {
    const running = Array.from({ length: 1_000 }, () => task("running"));
    const following = () => serverWith([events(stepEvent(1, 1), "is silent")], []);
    const asking = () => serverWith([refusal(404, "route_not_found")], running);
    for (const server of [following(), asking(), serverWith([], [])]) {
      const waiting = waitForTask(server.transport, "t", { timeoutMs: 30 }, patience);
      await expect(waiting).rejects.toMatchObject({ name: "TaskTimeoutError", taskId: "t" });
      await expect(waiting).rejects.toBeInstanceOf(TaskTimeoutError);
    }
  });

  test("ends with the signal's own reason, and closes the stream", async () => {
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    const { transport } = serverWith([events(stepEvent(1, 1), "is silent")], []);
    const onStep = () => controller.abort(reason);
    await expect(waitForTask(transport, "t", { signal: controller.signal, onStep }, patience)).rejects.toBe(reason);
  });

  test("throws what onStep throws, and closes the stream", async () => {
    let isClosed = false;
    const close = () => {
      isClosed = true;
    };
    const { transport } = serverWith([events(stepEvent(1, 1), "is silent", close)], []);
    const onStep = () => {
      throw new Error("of the caller");
    };
    await expect(waitForTask(transport, "t", { onStep }, patience)).rejects.toThrow("of the caller");
    await expect.poll(() => isClosed).toBe(true);
  });
});
