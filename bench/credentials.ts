import { credentialFieldNames } from "@stablehand/contract";
import pg from "pg";
import type { BenchResult } from "./bench.ts";
import { floorTable, floorUpsert, floorValues } from "./support/floor-table.ts";
import { endUsers, load, median, type RequestPlan, type Stretch, twoFields } from "./support/load.ts";
import { type Measured, type Stage, setStage } from "./support/stage.ts";

const twelveFields = JSON.stringify(
  Object.fromEntries(credentialFieldNames.map((field) => [field, `CANARY-${"c".repeat(100)}`])),
);

/** PUT and GET of credentials beside their floors, in interleaved rounds on one database. */
export async function benchCredentials({ quick }: { quick: boolean }): Promise<BenchResult> {
  const rounds = quick ? 1 : 3;
  const seconds = quick ? 2 : 4;
  const stage = await setStage();
  try {
    await stage.sql.query(floorTable);
    const floor = await stage.startFloor();
    const api = await stage.startApi();
    const { apiKey, revokedKey } = stage;
    const put: RequestPlan = { method: "PUT", apiKey, body: twoFields, expectedStatus: 200 };
    const cases: [name: string, run: (connections: number, seconds: number) => Promise<Stretch>][] = [
      ["(a) bare pg upsert", (connections, time) => barePg(stage, connections, time)],
      ["(b) bare node:http + (a)", server(floor, put)],
      ["(c) PUT, 2 fields", server(api, put)],
      ["(d) PUT, 12 fields", server(api, { ...put, body: twelveFields })],
      ["(e) GET", server(api, { method: "GET", apiKey, expectedStatus: 200 })],
      ["(f) PUT, revoked key", server(api, { ...put, apiKey: revokedKey, expectedStatus: 403 })],
    ];
    function server(target: Measured, plan: RequestPlan) {
      return (connections: number, time: number) => load(target, stage, plan, { connections, seconds: time });
    }

    for (const [, run] of cases) await run(16, quick ? 1 : 5); // warm: code compiled, statements prepared, rows there
    const measured = new Map<string, Stretch[]>();
    for (let round = 0; round < rounds; round++)
      for (const connections of [1, 16, 64])
        for (const [name, run] of cases) {
          const key = `${name} @${connections}`;
          measured.set(key, [...(measured.get(key) ?? []), await run(connections, seconds)]);
        }

    const of = (letter: string, connections: number) => {
      const key =
        [...measured.keys()].find((one) => one.startsWith(`(${letter})`) && one.endsWith(`@${connections}`)) ?? "";
      return measured.get(key) ?? [];
    };
    const ratios = (connections: number, pick: (stretch: Stretch) => number) =>
      of("c", connections).map((stretch, round) => pick(stretch) / pick(of("b", connections)[round] ?? stretch));
    const middle = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
    const bar = (text: string, value: number, met: boolean) => ({ bar: text, measured: value.toFixed(2), met });
    const rate16 = middle(ratios(16, (one) => one.perSecond));
    const rate64 = middle(ratios(64, (one) => one.perSecond));
    const tail16 = middle(ratios(16, (one) => one.p99Ms));
    const tail64 = middle(ratios(64, (one) => one.p99Ms));
    return {
      title: `Credentials: median of ${rounds} interleaved rounds of ${seconds} s`,
      table: [...measured].map(([key, stretches]) => {
        const { perSecond, p50Ms, p99Ms, cpuUs, postgresCpuUs } = median(stretches);
        const [name = "", connections = ""] = key.split(" @");
        return {
          case: name,
          connections: Number(connections),
          "requests/s": Math.round(perSecond),
          "p50 ms": Number(p50Ms.toFixed(1)),
          "p99 ms": Number(p99Ms.toFixed(1)),
          "CPU µs": cpuUs,
          "PostgreSQL CPU µs": postgresCpuUs,
        };
      }),
      bars: [
        bar("(c) / (b) at 16 connections ≥ 0.60", rate16, rate16 >= 0.6),
        bar("(c) / (b) at 64 connections ≥ 0.50", rate64, rate64 >= 0.5),
        bar("p99 of (c) / p99 of (b) at 16 connections ≤ 2", tail16, tail16 <= 2),
        bar("p99 of (c) / p99 of (b) at 64 connections ≤ 2", tail64, tail64 <= 2),
      ],
      notes: ["Ratios are taken round by round, then their median. The load generator shares the machine."],
    };
  } finally {
    await stage.end();
  }
}

/** (a): the driver alone, one upsert after the other on each connection. Its CPU is this process's. */
async function barePg(stage: Stage, connections: number, seconds: number): Promise<Stretch> {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: stage.databaseUrl }));
  for (const client of clients) await client.connect();
  const latencies: number[] = [];
  const cpuBefore = process.cpuUsage();
  const postgresBefore = stage.postgresCpuSeconds();
  const startedAt = performance.now();
  await Promise.all(
    clients.map(async (client, index) => {
      for (let n = index; performance.now() - startedAt < seconds * 1_000; n += 7) {
        const before = performance.now();
        await client.query({ ...floorUpsert, values: floorValues(`user-${n % endUsers}`) });
        latencies.push(performance.now() - before);
      }
    }),
  );
  const elapsed = (performance.now() - startedAt) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  const postgresCpu = stage.postgresCpuSeconds() - postgresBefore;
  for (const client of clients) await client.end();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return {
    perSecond: latencies.length / elapsed,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuUs: Math.round((cpu.user + cpu.system) / latencies.length),
    postgresCpuUs: Math.round((postgresCpu * 1e6) / latencies.length),
  };
}
