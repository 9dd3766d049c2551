import type { TaskErrorCode, TaskKind, TaskStatus } from "@stablehand/contract";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { QueueState } from "./store/queue-state.ts";

// Every label has few values: words of ours, routes of the contract, statuses. No id and nothing a caller wrote is one.

/** What an API process counts. */
export interface ApiMetrics {
  readonly registry: Registry;
  /** `route` as it is registered, or "unrouted". */
  request(route: string, status: number, seconds: number): void;
  sealed(values: number): void;
}

/** How long is asked for the queue's state before a scrape goes without it. */
const queuePatienceMs = 3_000;

/** Makes the metrics of an API; `readQueue` is asked at each scrape, and what it cannot tell then is left out. */
export function createApiMetrics(readQueue: () => Promise<QueueState>): ApiMetrics {
  const registry = createRegistry();
  const registers = [registry];
  const requests = new Counter({
    name: "stablehand_http_requests_total",
    help: "Requests answered, by route and status.",
    labelNames: ["route", "status"],
    registers,
  });
  const seconds = new Histogram({
    name: "stablehand_http_request_seconds",
    help: "How long requests took, by route; an event stream takes as long as it is followed.",
    labelNames: ["route"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const seals = sealsCounter(registry);
  let reading: Promise<QueueState | null> | undefined;
  const readOnce = () => {
    reading ??= soon(readQueue())
      .catch(() => null)
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  const queueGauge = (name: string, help: string, valueIn: (state: QueueState) => number) =>
    new Gauge({
      name: `stablehand_queue_${name}`,
      help: `${help} The same of every API.`,
      registers,
      async collect() {
        const state = await readOnce();
        if (state) this.set(valueIn(state));
        else this.remove();
      },
    });
  queueGauge("depth", "Tasks that wait for a worker, or for a login that another task uses.", ({ waiting }) => waiting);
  queueGauge("running", "Tasks that workers run now.", ({ running }) => running);
  queueGauge(
    "age_seconds",
    "How long the task has waited that waits longest; 0 when none does.",
    (state) => state.oldestSeconds,
  );
  return {
    registry,
    request(route, status, took) {
      requests.inc({ route, status });
      seconds.observe({ route }, took);
    },
    sealed: (values) => seals.inc(values),
  };
}

/** How an attempt at a task ended: as the task did, or without an end of the task. */
export type RunEnd = {
  readonly status: Extract<TaskStatus, "completed" | "failed" | "cancelled"> | "given_back";
  readonly errorCode?: TaskErrorCode;
};

/** What a worker counts. */
export interface WorkerMetrics {
  readonly registry: Registry;
  runEnded(kind: TaskKind, end: RunEnd, seconds: number): void;
  /** A task that ended because its worker was lost: no run of it is under way. */
  taskLost(kind: TaskKind): void;
  step(type: string, success: boolean): void;
  modelUsed(usage: { readonly inputTokens: number; readonly outputTokens: number; readonly modelCalls: number }): void;
  browserStarted(outcome: "started" | "failed"): void;
  proxyRefused(reason: string): void;
  leaksBlocked(count: number): void;
  sealed(values: number): void;
  opened(outcome: "opened" | "failed", values: number): void;
}

/** Makes the metrics of a worker. */
export function createWorkerMetrics(): WorkerMetrics {
  const registry = createRegistry();
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name: `stablehand_${name}`, help, labelNames, registers: [registry] });
  const tasks = counter("tasks_total", "Attempts at tasks that ended, by outcome.", "kind", "status", "code");
  const steps = counter("task_steps_total", "Steps of agents.", "type", "success");
  const tokens = counter("model_tokens_total", "Tokens of models, counted when an attempt ends.", "direction");
  const calls = counter("model_calls_total", "Calls of models, counted when an attempt ends.");
  const browsers = counter("browser_starts_total", "Browsers started, or not.", "outcome");
  const refusals = counter("proxy_refusals_total", "Requests of tasks' browsers that were refused.", "reason");
  const leaks = counter("leaks_blocked_total", "Secrets removed from what tasks said.");
  const seals = sealsCounter(registry);
  const opens = counter("credential_opens_total", "Credential values opened; of a failure, one.", "outcome");
  const seconds = new Histogram({
    name: "stablehand_task_seconds",
    help: "How long attempts at tasks took, by kind.",
    labelNames: ["kind"],
    buckets: [1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640],
    registers: [registry],
  });
  const ended = (kind: TaskKind, { status, errorCode = undefined }: RunEnd) =>
    tasks.inc({ kind, status, code: errorCode ?? "none" });
  return {
    registry,
    runEnded(kind, end, took) {
      ended(kind, end);
      seconds.observe({ kind }, took);
    },
    taskLost: (kind) => ended(kind, { status: "failed", errorCode: "worker_lost" }),
    step: (type, success) => steps.inc({ type, success: String(success) }),
    modelUsed({ inputTokens, outputTokens, modelCalls }) {
      tokens.inc({ direction: "input" }, inputTokens);
      tokens.inc({ direction: "output" }, outputTokens);
      calls.inc(modelCalls);
    },
    browserStarted: (outcome) => browsers.inc({ outcome }),
    proxyRefused: (reason) => refusals.inc({ reason }),
    leaksBlocked: (count) => leaks.inc(count),
    sealed: (values) => seals.inc(values),
    opened: (outcome, values) => opens.inc({ outcome }, values),
  };
}

function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

function sealsCounter(registry: Registry): Counter {
  return new Counter({
    name: "stablehand_credential_seals_total",
    help: "Credential values sealed and stored.",
    registers: [registry],
  });
}

async function soon<Value>(value: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("not known in time")), queuePatienceMs);
  });
  return Promise.race([value, late]).finally(() => clearTimeout(timer));
}
