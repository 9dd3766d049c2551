import { makeDataDir } from "../tests/support/server.ts";
import type { BenchResult } from "./bench.ts";
import { type BareRun, prepareBareScript } from "./support/task-bare.ts";
import { measureHandOver, startTaskServer, type TaskTimes } from "./support/task-server.ts";
import { startTaskSite } from "./support/task-site.ts";
import { measureSubmissions, type SubmissionCase, type SubmissionRates } from "./support/task-submissions.ts";

/** A task from submission to answer, tasks a minute, and submissions a second, each beside the least that it could be. */
export async function benchTasks({ quick }: { quick: boolean }): Promise<BenchResult> {
  const runs = await measureRuns(quick ? { tasks: 6, many: [[2, 10]] } : fullRuns);
  const rates = await measureSubmissions(quick ? { rounds: 1, seconds: 1 } : { rounds: 3, seconds: 2 }, tell);
  const result = report(runs, rates);
  return result;
}

interface Plan {
  readonly tasks: number;
  /** Concurrency, and how many tasks are submitted at once. The first server also does the single tasks. */
  readonly many: readonly (readonly [concurrency: number, tasks: number])[];
}

const fullRuns: Plan = {
  tasks: 40,
  many: [
    [2, 60],
    [1, 24],
    [3, 24],
  ],
};
const tasksPerBareRun = 2;
const idleMs = 500; // between two tasks, so that the next browser stands ready, as on an idle system

interface Runs {
  readonly handOverMs: readonly number[];
  readonly bare: readonly BareRun[];
  readonly tasks: readonly TaskTimes[];
  readonly many: readonly { readonly concurrency: number; readonly tasks: number; readonly ms: number }[];
}

async function measureRuns({ tasks: count, many: plan }: Plan): Promise<Runs> {
  const data = await makeDataDir();
  const site = await startTaskSite();
  const bareScript = await prepareBareScript(site);
  try {
    let apiKey: string | null = null;
    let handOverMs: number[] = [];
    const bare: BareRun[] = [];
    const tasks: TaskTimes[] = [];
    const many: { concurrency: number; tasks: number; ms: number }[] = [];
    for (const [concurrency, size] of plan) {
      tell(`tasks: starting Stablehand with WORKER_CONCURRENCY=${concurrency}`);
      const server = await startTaskServer(data.dir, site, { concurrency, apiKey });
      try {
        apiKey = server.apiKey;
        await idle();
        await server.runTask(); // warm
        if (tasks.length === 0) {
          await bareScript.run();
          handOverMs = await measureHandOver(server.databaseUrl, count);
          for (let n = 0; n < count; n++) {
            if (n % tasksPerBareRun === 0) bare.push(await bareScript.run());
            await idle();
            tasks.push(await server.runTask());
            if (n % 10 === 9) tell(`tasks: ${n + 1} of ${count}, one after the other`);
          }
        }
        tell(`tasks: ${size} at once`);
        await idle();
        many.push({ concurrency, tasks: size, ms: await server.runMany(size) });
      } finally {
        await server.stop();
      }
    }
    return { handOverMs, bare, tasks, many };
  } finally {
    bareScript.remove();
    await site.stop();
    await data.remove();
  }
}

const idle = () => new Promise((resolve) => setTimeout(resolve, idleMs));

function report({ handOverMs, bare, tasks, many }: Runs, rates: SubmissionRates): BenchResult {
  const row = (what: string, numbers: readonly number[]) => ({
    what,
    "p50 ms": round(quantile(numbers, 0.5)),
    "p90 ms": round(quantile(numbers, 0.9)),
    runs: numbers.length,
  });
  const ofTasks = (what: string, pick: (task: TaskTimes) => number) => row(what, tasks.map(pick));
  const ofBare = (what: string, pick: (run: BareRun) => number) => row(what, bare.map(pick));
  const visit = (task: TaskTimes, n: number) => task.visits[n] ?? Number.NaN;
  const step = (task: TaskTimes, n: number) => task.steps[n] ?? Number.NaN;
  const pickup = tasks.map((task) => task.startedAt - task.submittedAt);
  const whole = tasks.map((task) => task.completedAt - task.submittedAt);
  const bareTotals = bare.map(({ totalMs }) => totalMs);
  const pickupMs = quantile(pickup, 0.5);
  const overheadMs = quantile(whole, 0.5) - quantile(bareTotals, 0.5);
  const perMinute = ({ tasks: count, ms }: { tasks: number; ms: number }) => (count / ms) * 60_000;
  const bareAMinute = 60_000 / quantile(bareTotals, 0.5);
  return {
    title: `Tasks: a page, a click, an answer (${tasks.length} runs), and submissions`,
    table: [
      row("floor: a row handed over by LISTEN/NOTIFY", handOverMs),
      row("submit → running", pickup),
      row("floor: bare script, launch to close", bareTotals),
      ofBare("  its launch", ({ launchMs }) => launchMs),
      ofBare("  its context and tab", ({ contextMs }) => contextMs),
      ofBare("  its first page", ({ firstPageMs }) => firstPageMs),
      ofBare("  its click and second page", ({ secondPageMs }) => secondPageMs),
      ofBare("  its close", ({ closeMs }) => closeMs),
      ofBare("bare script with its own Node's start and end", ({ processMs }) => processMs),
      row("submit → completed", whole),
      ofTasks("  submit → stored", (task) => task.createdAt - task.submittedAt),
      ofTasks("  stored → running", (task) => task.startedAt - task.createdAt),
      ofTasks(
        "  running → first page asked for: cookies, browser, context, tab",
        (task) => visit(task, 0) - task.startedAt,
      ),
      ofTasks("  → second page asked for: load, view, model, click", (task) => visit(task, 1) - visit(task, 0)),
      ofTasks("  → click written down: load, view", (task) => step(task, 0) - visit(task, 1)),
      ofTasks("  → answer written down: model", (task) => step(task, 1) - step(task, 0)),
      ofTasks("  → completed: browser closed, outcome stored", (task) => task.completedAt - step(task, 1)),
      ofTasks("submit → completed, as seen by a client that asks each 20 ms", (task) => task.seenAt - task.submittedAt),
      ...many.map((one) => ({
        what: `${one.tasks} tasks at once, WORKER_CONCURRENCY=${one.concurrency}`,
        "a minute": round(perMinute(one)),
        "× bare script": ratio(perMinute(one) / bareAMinute),
      })),
      ...submissionRows(rates),
    ],
    bars: [
      {
        bar: "p50 of submit → running on an idle system ≤ 50 ms",
        measured: `${round(pickupMs)} ms, bare hand-over ${round(quantile(handOverMs, 0.5))} ms`,
        met: pickupMs <= 50,
      },
      {
        bar: "submit → completed, beyond the bare script ≤ 250 ms",
        measured: `${round(overheadMs)} ms (${round(quantile(whole, 0.5))} − ${round(quantile(bareTotals, 0.5))})`,
        met: overheadMs <= 250,
      },
      ...submissionBars(rates),
    ],
    notes: [
      "The bare script launches its Chromium within its time; a worker has one ready and launches the next meanwhile.",
      "Submissions: no worker runs; the load generator shares the machine. Ratios round by round, then their median.",
    ],
  };
}

const cases: SubmissionCase[] = ["floor", "one business", "many businesses"];
const ourCases = ["one business", "many businesses"] as const;

function ratiosOf(rates: SubmissionRates, name: SubmissionCase, connections: number): number[] {
  const floor = rates.get("floor")?.get(connections) ?? [];
  const ours = rates.get(name)?.get(connections) ?? [];
  return ours.map(({ perSecond }, at) => perSecond / (floor[at]?.perSecond ?? Number.NaN));
}

function connectionsOf(rates: SubmissionRates): number[] {
  return [...(rates.get("floor")?.keys() ?? [])];
}

function submissionRows(rates: SubmissionRates) {
  return connectionsOf(rates).flatMap((connections) =>
    cases.map((name) => {
      const stretches = rates.get(name)?.get(connections) ?? [];
      const middle = (pick: (one: (typeof stretches)[number]) => number) => round(quantile(stretches.map(pick), 0.5));
      return {
        what: `${name === "floor" ? "floor: bare two-row insert" : `POST /v1/tasks, ${name}`}, ${connections} connections`,
        "a second": middle(({ perSecond }) => perSecond),
        "p50 ms": middle(({ p50Ms }) => p50Ms),
        "p99 ms": middle(({ p99Ms }) => p99Ms),
        "PostgreSQL CPU µs": middle(({ postgresCpuUs }) => postgresCpuUs),
        ...(name !== "floor" && { "× floor": ratio(quantile(ratiosOf(rates, name, connections), 0.5)) }),
      };
    }),
  );
}

function submissionBars(rates: SubmissionRates): BenchResult["bars"] {
  return connectionsOf(rates).flatMap((connections) =>
    ourCases.map((name) => {
      const value = quantile(ratiosOf(rates, name, connections), 0.5);
      return {
        bar: `submissions/s of ${name}, ${connections} connections, ≥ 0.50 × the bare insert`,
        measured: value.toFixed(2),
        met: value >= 0.5,
      };
    }),
  );
}

function quantile(numbers: readonly number[], share: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * share)] ?? Number.NaN;
}

const round = (value: number) => Math.round(value);
const ratio = (value: number) => Number(value.toFixed(2));

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
