import { setTimeout as delay } from "node:timers/promises";
import { seededRandom } from "../tests/support/random.ts";
import { makeSoakServer, numberedTasks, type SoakServer } from "../tests/support/soak-server.ts";
import type { BenchResult } from "./bench.ts";

const seed = 20_261_124;
const killsPerServer = 4; // the supervisor waits longer after each death of a worker
const momentMs = 3_000; // from the worker's first word to its death, at most: launching, browsing, ending
const goneMs = 5_000;

/** The worker killed at random moments, and one login wanted by many tasks. */
export async function benchWorkerKills({ quick }: { quick: boolean }): Promise<BenchResult> {
  const plan = quick ? { kills: 4, onOneLogin: 8 } : { kills: 100, onOneLogin: numberedTasks };
  tell(`worker-kills: seed ${seed}`);
  const server = await makeSoakServer();
  try {
    const kills = await killOften(server, plan.kills);
    await server.start();
    const order = await contend(server, plan.onOneLogin);
    const result = report(kills, order);
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
        `worker-kills: kill ${kills.length} of ${count}, after ${afterMs} ms: ${kill.processes} processes gone in ${kill.ms} ms`,
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
  tell(`worker-kills: ${count} tasks on one login, ${numbers.length} visits`);
  return numbers.filter((number, at) => number !== numbers[at - 1]);
}

function report(kills: readonly Kill[], order: readonly string[]): BenchResult {
  const times = kills.map(({ ms }) => ms ?? Infinity).toSorted((a, b) => a - b);
  const slowest = times.at(-1) ?? Number.NaN;
  return {
    title: `A worker killed ${kills.length} times, and ${order.length} tasks on one login (seed ${seed})`,
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
    ],
    notes: [`Moments of kills: up to ${momentMs} ms after a worker's first word.`],
  };
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
