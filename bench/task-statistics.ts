import type { BenchResult } from "./bench.ts";
import { type Measured, type Stage, setStage } from "./support/stage.ts";

const few = 1_000;

/** GET /v1/task-statistics, which the overview asks: beside a business of a million tasks, and of it, against a bare count. */
export async function benchTaskStatistics({ quick }: { quick: boolean }): Promise<BenchResult> {
  const many = quick ? 50_000 : 1_000_000;
  const rounds = quick ? 5 : 40;
  const stage = await setStage();
  try {
    const api = await stage.startApi();
    const { sql, businessId } = stage;
    const { rows } = await sql.query<{ business_id: string }>(
      "INSERT INTO businesses (business_id, name) VALUES (gen_random_uuid(), 'neighbour') RETURNING business_id",
    );
    const ask = async () => {
      const response = await fetch(`${api.url}/v1/task-statistics`, {
        headers: { authorization: `Bearer ${stage.apiKey}` },
      });
      if (response.status !== 200) throw new Error(`the API answered ${response.status}`);
      await response.arrayBuffer();
    };
    const count = () =>
      sql.query(
        "SELECT count(*) FROM tasks WHERE business_id = $1 AND completed_at >= now() - interval '30 days' AND kind <> 'check'",
        [businessId],
      );
    const measure = (what: string, run: () => Promise<unknown>) => measured(api, stage, what, rounds, run);

    await fill(stage, businessId, few);
    const alone = await measure(`the statistics of ${few.toLocaleString("en")} tasks, alone`, ask);
    await fill(stage, rows[0]?.business_id ?? "", many);
    const beside = await measure(`the same, beside a business of ${many.toLocaleString("en")}`, ask);
    await fill(stage, businessId, many);
    const own = await measure(`the statistics of ${many.toLocaleString("en")} tasks`, ask);
    const floor = await measure("floor: a bare count(*) of them", count);

    const bar = (name: string, ratio: number, most: number) => ({
      bar: name,
      measured: `${ratio.toFixed(2)} ×`,
      met: ratio <= most,
    });
    return {
      title: `The task statistics of 30 days, with ${few.toLocaleString("en")} and ${many.toLocaleString("en")} tasks`,
      table: [alone, beside, own, floor],
      bars: [
        bar("a neighbour's tasks cost at most 1.3 ×", beside["p50 ms"] / alone["p50 ms"], 1.3),
        bar("the statistics at most 5 × the bare count", own["p50 ms"] / floor["p50 ms"], 5),
      ],
      notes: [],
    };
  } finally {
    await stage.end();
  }
}

/** How long `run` takes, one after the other, and what of it PostgreSQL and the API work. */
async function measured(api: Measured, stage: Stage, what: string, rounds: number, run: () => Promise<unknown>) {
  for (let warm = 0; warm < 20; warm++) await run();
  const before = [api.cpuSeconds(), stage.postgresCpuSeconds()] as const;
  const ms: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await run();
    ms.push(performance.now() - start);
  }
  ms.sort((a, b) => a - b);
  const at = (share: number) => Number((ms[Math.floor(ms.length * share)] ?? Number.NaN).toFixed(2));
  const each = (seconds: number) => Number(((seconds * 1_000) / rounds).toFixed(1));
  return {
    what,
    "p50 ms": at(0.5),
    "p95 ms": at(0.95),
    "API CPU ms": each(api.cpuSeconds() - before[0]),
    "PostgreSQL CPU ms": each(stage.postgresCpuSeconds() - before[1]),
  };
}

/** Adds tasks of one session that ended over 30 days, one in ten of them failed. */
async function fill({ sql }: Stage, businessId: string, tasks: number): Promise<void> {
  process.stderr.write(`filling: ${tasks} tasks\n`);
  await sql.query(
    `WITH session AS (
       INSERT INTO sessions (session_id, business_id, end_user_id)
       VALUES (gen_random_uuid(), $1, 'alice') RETURNING session_id, business_id, end_user_id
     ), ended AS (
       SELECT n, now() - n * (interval '29 days' / $2::int) AS at FROM generate_series(1, $2::int) n
     )
     INSERT INTO tasks (task_id, business_id, session_id, end_user_id, kind, task, status, error, error_code, started_at, completed_at)
     SELECT gen_random_uuid(), business_id, session_id, end_user_id, 'browse', 'Read the newest posts of my feed',
            CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'completed' END, CASE WHEN n % 10 = 0 THEN 'It did not work.' END,
            CASE WHEN n % 10 = 0 THEN (ARRAY['time_limit', 'model_refused', 'auth_expired'])[1 + n / 10 % 3] END,
            at - make_interval(secs => 5 + n % 40), at
       FROM session, ended`,
    [businessId, tasks],
  );
  await sql.query("VACUUM ANALYZE tasks");
  await sql.query("CHECKPOINT").catch(() => undefined); // the role may not; then it happens while measuring
}
