import { setTimeout as delay } from "node:timers/promises";
import { seededRandom } from "../tests/support/random.ts";
import { makeSoakServer, numberedTasks, type SoakServer } from "../tests/support/soak-server.ts";
import type { BenchResult } from "./main.ts";

const seed = 20_261_124;
const killsPerServer = 4; // the supervisor waits longer after each death of a worker
const momentMs = 3_000; // from the worker's first word to its death, at most: launching, browsing, ending
const goneMs = 5_000;
const batch = 20;
const warmTasks = 100;
const memoryMs = 60 * 60_000;

/** The worker killed at random moments, one login wanted by many tasks, and the worker's memory over many tasks. */
export async function benchSoak({ quick }: { quick: boolean }): Promise<BenchResult> {
  const plan = quick
    ? { kills: 4, tasks: 160, onOneLogin: 8 }
    : { kills: 100, tasks: 1_100, onOneLogin: numberedTasks };
  tell(`soak: seed ${seed}`);
  const server = await makeSoakServer();
  try {
    const kills = await killOften(server, plan.kills);
    await server.start();
    const order = await contend(server, plan.onOneLogin);
    const memory = await measureMemory(server, plan.tasks);
    const result = report(kills, order, { samples: memory, planned: plan.tasks });
    if (result.bars.some(({ met }) => !met)) process.exitCode = 1;
    return result;
  } finally {
    await server.remove();
  }
}

interface Kill {
  readonly afterMs: number;
  readonly ms: number | null;
  readonly processes: number;
}

async function killOften(server: SoakServer, count: number): Promise<Kill[]> {
  const random = seededRandom(seed);
  const kills: Kill[] = [];
  while (kills.length < count) {
    await server.start();
    let pid = -1;
    for (let n = 0; n < killsPerServer && kills.length < count; n++) {
      pid = await server.workerPid(pid);
      const endUsers = [0, 1].map((at) => `kill-${kills.length}-${at}`);
      for (const endUserId of endUsers) await server.putLogin(endUserId);
      const afterMs = Math.round(random.next() * momentMs);
      const [submitted] = await Promise.all([
        Promise.all(endUsers.map((endUserId) => server.submit(endUserId, "wait"))),
        delay(afterMs),
      ]);
      const kill = { afterMs, ...(await server.killWorker(pid)) };
      kills.push(kill);
      for (const taskId of submitted) await server.cancel(taskId); // no other worker is to spend its time on them
      tell(
        `soak: kill ${kills.length} of ${count}, after ${afterMs} ms: ${kill.processes} processes gone in ${kill.ms} ms`,
      );
    }
    await server.stop();
  }
  return kills;
}

/** The order in which the site saw the tasks of one login: each number once, unless two were there at once. */
async function contend(server: SoakServer, count: number): Promise<string[]> {
  await server.putLogin("one");
  server.fakes.requests.length = 0;
  const submitted = await Promise.all(
    Array.from({ length: count }, (_, n) => server.submit("one", `Visit number ${n}`)),
  );
  for (const taskId of submitted) await server.ended(taskId);
  const numbers = server.fakes.requests.map(({ path }) => /task=(\d+)/.exec(path)?.[1] ?? "").filter(Boolean);
  tell(`soak: ${count} tasks on one login, ${numbers.length} visits`);
  return numbers.filter((number, at) => number !== numbers[at - 1]);
}

interface Sample {
  readonly tasks: number;
  readonly kib: number;
}

async function measureMemory(server: SoakServer, count: number): Promise<Sample[]> {
  const endUsers = Array.from({ length: batch }, (_, n) => `soak-${n}`);
  for (const endUserId of endUsers) await server.putLogin(endUserId);
  const pid = await server.workerPid(-1);
  const samples: Sample[] = [];
  const late = AbortSignal.timeout(memoryMs);
  for (let tasks = 0; tasks < count && !late.aborted; ) {
    const submitted = await Promise.all(endUsers.map((endUserId) => server.submit(endUserId, "Read")));
    for (const taskId of submitted) {
      const status = await server.ended(taskId);
      if (status !== "completed") throw new Error(`a task ended as ${status}`);
    }
    tasks += submitted.length;
    const kib = await server.memoryOf(pid);
    samples.push({ tasks, kib });
    if (tasks % 100 === 0) tell(`soak: ${tasks} of ${count} tasks, ${Math.round(kib / 1_024)} MiB`);
  }
  return samples;
}

/** Least squares through the samples: KiB a task, and its standard error. */
function slopeOf(samples: readonly Sample[]): { readonly slope: number; readonly error: number } {
  const mean = (pick: (sample: Sample) => number) => samples.reduce((sum, one) => sum + pick(one), 0) / samples.length;
  const [tasks, kib] = [mean((one) => one.tasks), mean((one) => one.kib)];
  const spread = samples.reduce((sum, one) => sum + (one.tasks - tasks) ** 2, 0);
  const slope = samples.reduce((sum, one) => sum + (one.tasks - tasks) * (one.kib - kib), 0) / spread;
  const residual = samples.reduce((sum, one) => sum + (one.kib - kib - slope * (one.tasks - tasks)) ** 2, 0);
  return { slope, error: Math.sqrt(residual / (samples.length - 2) / spread) };
}

function report(
  kills: readonly Kill[],
  order: readonly string[],
  { samples: memory, planned }: { readonly samples: readonly Sample[]; readonly planned: number },
): BenchResult {
  const times = kills.map(({ ms }) => ms ?? Infinity).toSorted((a, b) => a - b);
  const slowest = times.at(-1) ?? Number.NaN;
  const warm = memory.filter(({ tasks }) => tasks > warmTasks);
  const { slope, error } = slopeOf(warm);
  const span = (warm.at(-1)?.tasks ?? 0) - warmTasks;
  return {
    title: `Soak: ${kills.length} kills, ${order.length} tasks on one login, ${span} tasks of one worker (seed ${seed})`,
    table: [
      {
        what: "kill -9 → no process, no file: ms",
        p50: Math.round(times[Math.floor(times.length / 2)] ?? Number.NaN),
        most: Math.round(slowest),
        runs: kills.length,
      },
      {
        what: "processes at the kill",
        p50: kills.map(({ processes }) => processes).toSorted((a, b) => a - b)[Math.floor(kills.length / 2)] ?? 0,
        most: Math.max(...kills.map(({ processes }) => processes)),
        runs: kills.length,
      },
      ...memory
        .filter(({ tasks }) => tasks % 100 === 0)
        .map(({ tasks, kib }) => ({ what: `worker's memory after ${tasks} tasks, MiB`, at: Math.round(kib / 1_024) })),
    ],
    bars: [
      {
        bar: `after each kill -9, no Chromium and no profile within ${goneMs / 1_000} s`,
        measured: `at most ${Math.round(slowest)} ms in ${kills.length} kills`,
        met: slowest <= goneMs,
      },
      {
        bar: "the site never saw two tasks of one login at once",
        measured: `${order.length} turns of ${new Set(order).size} tasks`,
        met: order.length === new Set(order).size && order.length > 1,
      },
      {
        bar: `the worker's memory is flat over ${planned - warmTasks} tasks: its slope is no more than twice its standard error`,
        measured: `${slope.toFixed(2)} ± ${error.toFixed(2)} KiB a task over ${span} tasks`,
        met: slope <= 2 * error && span >= planned - warmTasks,
      },
    ],
    notes: [
      `Memory: VmRSS after each ${batch} tasks, the first ${warmTasks} left out. Moments of kills: up to ${momentMs} ms after a worker's first word.`,
    ],
  };
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
