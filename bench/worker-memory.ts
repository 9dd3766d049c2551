import { makeSoakServer, type SoakServer } from "../tests/support/soak-server.ts";
import type { BenchResult } from "./bench.ts";

const batch = 20;
const warmTasks = 100;
const memoryMs = 60 * 60_000;

/** One worker's memory over many tasks, each with an end-user's cookies and a browser of its own. */
export async function benchWorkerMemory({ quick }: { quick: boolean }): Promise<BenchResult> {
  const planned = quick ? 160 : 1_100;
  const server = await makeSoakServer();
  try {
    await server.start();
    const result = report(await measureMemory(server, planned), planned);
    return result;
  } finally {
    await server.remove();
  }
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
    if (tasks % 100 === 0) tell(`worker-memory: ${tasks} of ${count} tasks, ${Math.round(kib / 1_024)} MiB`);
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

function report(samples: readonly Sample[], planned: number): BenchResult {
  const warm = samples.filter(({ tasks }) => tasks > warmTasks);
  const { slope, error } = slopeOf(warm);
  const span = (warm.at(-1)?.tasks ?? 0) - warmTasks;
  return {
    title: `A worker's memory over ${span} tasks`,
    table: samples
      .filter(({ tasks }) => tasks % 100 === 0)
      .map(({ tasks, kib }) => ({ "after tasks": tasks, MiB: Math.round(kib / 1_024) })),
    bars: [
      {
        bar: `the worker's memory is flat over ${planned - warmTasks} tasks: its slope is no more than twice its standard error`,
        measured: `${slope.toFixed(2)} ± ${error.toFixed(2)} KiB a task over ${span} tasks`,
        met: slope <= 2 * error && span >= planned - warmTasks,
      },
    ],
    notes: [`VmRSS after each ${batch} tasks, the first ${warmTasks} left out.`],
  };
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
