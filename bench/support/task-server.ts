import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { startServer } from "../../tests/support/server.ts";
import { type TaskSite, taskLink } from "./task-site.ts";

/** The whole product, as `npm start` runs it, with a model that answers from a script. */
export interface TaskServer {
  /** For floors on the same PostgreSQL. */
  readonly databaseUrl: string;
  /** Submits the measured task and waits for its end; throws when that is not a completion. */
  runTask(): Promise<TaskTimes>;
  /** Submits this many at once, each of an end-user of its own, and waits for all; the time in ms. */
  runMany(count: number): Promise<number>;
  stop(): Promise<void>;
}

/** When the parts of one task happened, all by this machine's clock, in ms. */
export interface TaskTimes {
  readonly submittedAt: number;
  readonly createdAt: number;
  readonly startedAt: number;
  /** When the site was asked for the first page, and for the one that the click leads to. */
  readonly visits: readonly number[];
  /** When each step was written down: the click, and the answer. */
  readonly steps: readonly number[];
  readonly completedAt: number;
  /** When `GET /v1/tasks/{id}`, asked all the while, first said so. */
  readonly seenAt: number;
}

const script = {
  turns: [
    { calls: [{ tool: "click", input: { ref: { find: taskLink.text } } }] },
    { calls: [{ tool: "done", input: { result: { collect: `(${taskLink.leadsTo})`, first: true } } }] },
  ],
};
const askMs = 20;
const endUserOf = (n: number) => `user-${n}`;
const manyMax = 60;
const cookies = { twitterAuthToken: `CANARY-${"a".repeat(40)}`, twitterCt0: `CANARY-${"b".repeat(160)}` };

type Task = Readonly<
  Record<"taskId" | "status" | "result" | "error" | "createdAt" | "startedAt" | "completedAt", string>
>;

/** Starts on `dataDir`, whose database and key are kept from start to start; `apiKey` is null at the first. */
export async function startTaskServer(
  dataDir: string,
  site: TaskSite,
  { concurrency, apiKey }: { concurrency: number; apiKey: string | null },
): Promise<TaskServer & { readonly apiKey: string | null }> {
  const scriptFile = join(dataDir, "replay.json");
  await writeFile(scriptFile, JSON.stringify(script), { mode: 0o644 });
  const server = await startServer(dataDir, {
    WORKER_CONCURRENCY: String(concurrency),
    LOG_LEVEL: "warn",
    MODEL: `replay:${scriptFile}`,
    EGRESS_TEST_MODE: "1",
    EGRESS_HOST_MAP: site.hostMap,
  });
  const key = apiKey ?? server.apiKey;
  const databaseUrl = (await readFile(join(dataDir, "database.url"), "utf8")).trim();
  const sql = new pg.Client({ connectionString: databaseUrl });
  await sql.connect();
  const call = async (method: string, path: string, body?: unknown) =>
    (await server.call(method, path, body, key)).body as Task; // a wrong answer has no such fields and is thrown on
  for (let n = 0; n < manyMax; n++) await call("PUT", `/v1/end-users/${endUserOf(n)}/credentials`, cookies);

  const submit = (n: number) =>
    call("POST", "/v1/tasks", { endUserId: endUserOf(n), task: "Go to the order", startUrl: site.url });

  async function ended(taskId: string): Promise<Task> {
    for (;;) {
      const task = await call("GET", `/v1/tasks/${taskId}`);
      if (task.status === "completed" && task.result === taskLink.leadsTo) return task;
      if (task.status !== "pending" && task.status !== "running")
        throw new Error(`a task ended as ${task.status}: ${task.error ?? task.result}`);
      await new Promise((resolve) => setTimeout(resolve, askMs));
    }
  }

  return {
    databaseUrl,
    apiKey: key,
    async runTask() {
      site.visits.length = 0;
      const submittedAt = Date.now();
      const { taskId } = await submit(0);
      const task = await ended(taskId);
      const seenAt = Date.now();
      const { rows } = await sql.query<{ at: Date }>(
        "SELECT at FROM task_events WHERE task_id = $1 AND type = 'step' ORDER BY n",
        [taskId],
      );
      return {
        submittedAt,
        createdAt: Date.parse(task.createdAt),
        startedAt: Date.parse(task.startedAt),
        visits: [...site.visits],
        steps: rows.map(({ at }) => at.getTime()),
        completedAt: Date.parse(task.completedAt),
        seenAt,
      };
    },
    async runMany(count) {
      const startedAt = Date.now();
      const submitted = await Promise.all(Array.from({ length: count }, (_, n) => submit(n % manyMax)));
      let last = 0;
      for (const { taskId } of submitted) last = Math.max(last, Date.parse((await ended(taskId)).completedAt));
      return last - startedAt;
    },
    async stop() {
      await sql.end();
      await server.stop();
    },
  };
}

/** How long a row takes from one connection to another that waits for it: the least that handing a task over can be, in ms. */
export async function measureHandOver(databaseUrl: string, times: number): Promise<number[]> {
  const [giver, taker] = [1, 2].map(() => new pg.Client({ connectionString: databaseUrl }));
  if (!giver || !taker) throw new Error("two clients were made");
  await Promise.all([giver.connect(), taker.connect()]);
  try {
    await giver.query("CREATE TABLE bench_hand_over (n integer PRIMARY KEY, taken_at timestamptz)");
    await taker.query("LISTEN bench_hand_over");
    const waits: number[] = [];
    for (let n = 0; n < times; n++) {
      const taken = new Promise<void>((resolve, reject) => {
        taker.once("notification", ({ payload }) => {
          taker
            .query("UPDATE bench_hand_over SET taken_at = now() WHERE n = $1", [Number(payload)])
            .then(() => resolve(), reject);
        });
      });
      const startedAt = performance.now();
      await giver.query(`WITH given AS (INSERT INTO bench_hand_over VALUES (${n}) RETURNING n)
        SELECT pg_notify('bench_hand_over', n::text) FROM given`);
      await taken;
      waits.push(performance.now() - startedAt);
    }
    await giver.query("DROP TABLE bench_hand_over");
    return waits;
  } finally {
    await Promise.all([giver.end(), taker.end()]);
  }
}
