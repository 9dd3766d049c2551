import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import autocannon from "autocannon";
import { openDatabase } from "../../packages/core/src/database.ts";
import { createLog } from "../../packages/core/src/log.ts";
import { createApiKey } from "../../packages/core/src/store/api-keys.ts";
import { ensureBusiness } from "../../packages/core/src/store/businesses.ts";
import { setStage } from "./stage.ts";

/** What submitting cost in one stretch. */
export interface SubmissionStretch {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly postgresCpuUs: number;
}

/** Stretches by case, then by the number of connections, one for each round. */
export type SubmissionRates = ReadonlyMap<SubmissionCase, ReadonlyMap<number, readonly SubmissionStretch[]>>;

/** Who submits. */
export type SubmissionCase = "floor" | "one business" | "many businesses";

const businesses = 50;
const endUsers = 1_000;
const connectionCounts = [16, 64];
const node = join(import.meta.dirname, "../../node_modules/node/bin/node");

/** `POST /v1/tasks` beside the bare server, in interleaved rounds on one database. No worker runs. */
export async function measureSubmissions(
  { rounds, seconds }: { rounds: number; seconds: number },
  tell: (text: string) => void,
): Promise<SubmissionRates> {
  const stage = await setStage();
  const floor = await startFloor(stage.databaseUrl);
  try {
    const api = await stage.startApi();
    const keys = await makeApiKeys(stage.databaseUrl);
    const plans: [SubmissionCase, string, readonly string[]][] = [
      ["floor", floor.url, [stage.apiKey]],
      ["one business", api.url, [stage.apiKey]],
      ["many businesses", api.url, keys],
    ];
    const run = (url: string, apiKeys: readonly string[], connections: number, time: number) =>
      submit(url, apiKeys, { connections, seconds: time, postgresCpuSeconds: stage.postgresCpuSeconds });
    tell("submissions: warming up");
    for (const [, url, apiKeys] of plans) await run(url, apiKeys, 16, 1);
    const measured = new Map(
      plans.map(([name]) => [name, new Map(connectionCounts.map((count) => [count, [] as SubmissionStretch[]]))]),
    );
    for (let round = 0; round < rounds; round++)
      for (const connections of connectionCounts)
        for (const [name, url, apiKeys] of plans) {
          const stretch = await run(url, apiKeys, connections, seconds);
          tell(`submissions: ${name}, ${connections} connections: ${Math.round(stretch.perSecond)}/s`);
          measured.get(name)?.get(connections)?.push(stretch);
        }
    return measured;
  } finally {
    await floor.stop();
    await stage.end();
  }
}

async function submit(
  url: string,
  apiKeys: readonly string[],
  options: { connections: number; seconds: number; postgresCpuSeconds(): number },
): Promise<SubmissionStretch> {
  const { connections, seconds, postgresCpuSeconds } = options;
  const requests = Array.from({ length: endUsers }, (_, n) => ({
    method: "POST" as const,
    path: "/v1/tasks",
    headers: { authorization: `Bearer ${apiKeys[n % apiKeys.length]}`, "content-type": "application/json" },
    body: JSON.stringify({ endUserId: `user-${n}`, task: "Read the newest posts of my feed and say who liked them" }),
  }));
  const before = postgresCpuSeconds();
  const { statusCodeStats, errors, ...result } = await autocannon({ url, connections, duration: seconds, requests });
  const answered = result.requests.total;
  if (errors > 0 || Object.keys(statusCodeStats ?? {}).some((status) => status !== "201"))
    throw new Error(`expected only 201, got ${JSON.stringify(statusCodeStats)} and ${errors} errors`);
  return {
    perSecond: answered / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    postgresCpuUs: Math.round(((postgresCpuSeconds() - before) / answered) * 1e6),
  };
}

async function makeApiKeys(databaseUrl: string): Promise<string[]> {
  const log = createLog("bench", "silent");
  const database = openDatabase(databaseUrl, { program: "bench", connectionsMax: 2, log });
  const keys: string[] = [];
  for (let n = 0; n < businesses; n++) {
    const businessId = await ensureBusiness(database.db, `bench-${n}`);
    keys.push((await createApiKey(database.db, businessId, null)).secret);
  }
  await database.close();
  return keys;
}

async function startFloor(databaseUrl: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = fork(join(import.meta.dirname, "task-floor-server.ts"), {
    execPath: node,
    execArgv: [],
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
  });
  const exited = once(child, "exit");
  const [message] = await Promise.race([
    once(child, "message"),
    exited.then(([code]) => Promise.reject(new Error(`the floor's server ended with ${code}`))),
  ]);
  return {
    url: (message as { url: string }).url, // task-floor-server.ts sends it
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
