import type { BenchResult } from "./bench.ts";
import { load, median, type RequestPlan, type Stretch, twoFields } from "./support/load.ts";
import { type Measured, type Stage, setStage } from "./support/stage.ts";

const connections = 16;
const few = 10_000;

/** GET and PUT with 10,000 rows stored and with 5,000,000: what a request costs must not grow with the table. */
export async function benchCredentialsScale({ quick }: { quick: boolean }): Promise<BenchResult> {
  const many = quick ? 200_000 : 5_000_000;
  const rounds = quick ? 1 : 3;
  const seconds = quick ? 2 : 4;
  const stage = await setStage();
  try {
    const api = await stage.startApi();
    const measured: { rows: number; get: Stretch; put: Stretch }[] = [];
    let stored = 0;
    for (const rows of [few, many]) {
      await fill(stage, stored, rows);
      stored = rows;
      const endUsersStored = rows / 2;
      // Spread over the whole table, by a step that meets every end-user before it repeats one.
      const userOf = (n: number) => `scale-${(n * 7_919) % endUsersStored}`;
      const put: RequestPlan = { method: "PUT", apiKey: stage.apiKey, body: twoFields, expectedStatus: 200 };
      const get: RequestPlan = { method: "GET", apiKey: stage.apiKey, expectedStatus: 200 };
      const run = (plan: RequestPlan) => load(api as Measured, stage, plan, { connections, seconds, userOf });
      const gets: Stretch[] = [];
      const puts: Stretch[] = [];
      await run(put);
      for (let round = 0; round < rounds; round++) {
        gets.push(await run(get));
        puts.push(await run(put));
      }
      measured.push({ rows, get: median(gets), put: median(puts) });
    }
    const [small, large] = measured;
    if (!small || !large) throw new Error("two sizes were measured");
    const cost = (pick: "get" | "put") => small[pick].perSecond / large[pick].perSecond;
    const bar = (pick: "get" | "put") => ({
      bar: `${pick.toUpperCase()} costs at most 1.3 × with ${many.toLocaleString("en")} rows`,
      measured: `${cost(pick).toFixed(2)} ×`,
      met: cost(pick) <= 1.3,
    });
    return {
      title: `Credentials with ${few.toLocaleString("en")} and ${many.toLocaleString("en")} rows, ${connections} connections`,
      table: measured.flatMap(({ rows, get, put }) =>
        (
          [
            ["GET", get],
            ["PUT, 2 fields", put],
          ] as const
        ).map(([name, stretch]) => ({
          case: name,
          rows,
          "requests/s": Math.round(stretch.perSecond),
          "p50 ms": stretch.p50Ms,
          "p99 ms": stretch.p99Ms,
          "PostgreSQL CPU µs": stretch.postgresCpuUs,
        })),
      ),
      bars: [bar("get"), bar("put")],
      notes: [],
    };
  } finally {
    await stage.end();
  }
}

/** Adds end-users with two rows each until there are `rows`. The sealed bytes are random: nothing opens them here. */
async function fill(stage: Stage, from: number, rows: number): Promise<void> {
  const { sql, businessId } = stage;
  const batch = 250_000;
  for (let first = from / 2; first < rows / 2; first += batch) {
    const last = Math.min(first + batch, rows / 2) - 1;
    process.stderr.write(`filling: ${(last + 1) * 2} rows\r`);
    await sql.query(
      `INSERT INTO end_user_keys (business_id, end_user_id, key_id, public_key, sealed_private_key, keyring_key_id)
       SELECT $1, 'scale-' || n, substr(sha256(n::text::bytea), 1, 8), sha256(n::text::bytea), sha256(n::text::bytea), '\\x0000000000000000'
         FROM generate_series($2::int, $3::int) n`,
      [businessId, first, last],
    );
    await sql.query(
      `INSERT INTO credentials (business_id, end_user_id, field, key_id, sealed)
       SELECT $1, 'scale-' || n, field, substr(sha256(n::text::bytea), 1, 8),
              sha256(n::text::bytea) || sha256((n + 1)::text::bytea) || sha256((n + 2)::text::bytea)
         FROM generate_series($2::int, $3::int) n, unnest(ARRAY['twitterAuthToken', 'twitterCt0']) field`,
      [businessId, first, last],
    );
  }
  await sql.query("VACUUM ANALYZE credentials");
  await sql.query("VACUUM ANALYZE end_user_keys");
  await sql.query("CHECKPOINT").catch(() => undefined); // the role may not; then it happens while measuring
  process.stderr.write("\n");
}
