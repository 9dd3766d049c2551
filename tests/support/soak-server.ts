import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { processesOf } from "./chromium.ts";
import { type FakePlatforms, startFakePlatforms } from "./fake-platforms/fake-platforms.ts";
import { makeDataDir, startServer, type TestServer } from "./server.ts";

/** The whole product on fake platforms, to be maltreated; started again as often as one likes. */
export interface SoakServer {
  readonly fakes: FakePlatforms;
  /** The worker's own, where its browsers live. */
  readonly tmpDir: string;
  /** Starts it, or starts it again. */
  start(): Promise<void>;
  /** Uploads an end-user's cookies. */
  putLogin(endUserId: string): Promise<void>;
  /** Submits a signed-in task; its text chooses the script. */
  submit(endUserId: string, task: string): Promise<string>;
  cancel(taskId: string): Promise<void>;
  /** Waits until a task has ended and gives its state. */
  ended(taskId: string): Promise<string>;
  /** The running worker, once there is another than `before`. */
  workerPid(before: number): Promise<number>;
  /** The worker's resident memory in KiB. */
  memoryOf(pid: number): Promise<number>;
  /** `kill -9` of the worker; the ms until no process and no file of it is left, null when that takes over 10 s. */
  killWorker(pid: number): Promise<{ readonly ms: number | null; readonly processes: number }>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

const leftMs = 10_000;
const endMs = 900_000;
const startMs = 60_000;
const visit = (n: number) => ({ tool: "navigate", input: { url: `https://x.com/home?task=${n}` } });
const done = { calls: [{ tool: "done", input: { result: "Done." } }] };

/** How many tasks `number N` the scripts know. */
export const numberedTasks = 50;

/** Makes the data directory, the fake platforms and the scripts. */
export async function makeSoakServer(): Promise<SoakServer> {
  const data = await makeDataDir();
  const fakes = await startFakePlatforms();
  fakes.setMode("twitter", "feed");
  const scriptFile = join(data.dir, "soak.json");
  const numbered = Array.from({ length: numberedTasks }, (_, n) => ({
    when: `number ${n}$`,
    turns: [{ calls: [visit(n)] }, { calls: [visit(n)] }, done],
  }));
  const scripts = [...numbered, { when: "wait", turns: [{ calls: [{ tool: "wait", input: { seconds: 5 } }] }, done] }];
  await writeFile(scriptFile, JSON.stringify({ scripts: [...scripts, { turns: [done] }] }), { mode: 0o644 });
  const tmpDir = join(data.dir, "worker", "tmp");
  let server: TestServer | undefined;
  let apiKey: string | null = null;

  function running(): TestServer {
    if (!server) throw new Error("the server is started first");
    return server;
  }

  async function call(method: string, path: string, body?: unknown) {
    const answer = await running().call(method, path, body, apiKey);
    if (answer.status >= 400) throw new Error(`${method} ${path} answered ${answer.status}`);
    return answer.body as { taskId: string; status: string }; // of a task; others are not looked at
  }

  return {
    fakes,
    tmpDir,
    async start() {
      server = await startServer(data.dir, {
        ...fakes.env,
        MODEL: `replay:${scriptFile}`,
        HEALTH_MAX_AGE_MS: String(30 * 24 * 3_600_000),
      });
      apiKey ??= server.apiKey;
    },
    async putLogin(endUserId) {
      const { twitterAuthToken, twitterCt0 } = fakes.accounts.alice.values;
      await call("PUT", `/v1/end-users/${endUserId}/credentials`, { twitterAuthToken, twitterCt0 });
    },
    submit: async (endUserId, task) =>
      (await call("POST", "/v1/tasks", { endUserId, task, startUrl: "https://x.com/home" })).taskId,
    async cancel(taskId) {
      await call("POST", `/v1/tasks/${taskId}/cancel`);
    },
    async ended(taskId) {
      for (const late = AbortSignal.timeout(endMs); !late.aborted; await delay(50)) {
        const { status } = await call("GET", `/v1/tasks/${taskId}`);
        if (status !== "pending" && status !== "running") return status;
      }
      throw new Error(`task ${taskId} did not end`);
    },
    async workerPid(before) {
      for (const late = AbortSignal.timeout(startMs); !late.aborted; await delay(20)) {
        const pids = [
          ...running()
            .log()
            .matchAll(/"program":"worker","pid":(\d+)/g),
        ].map(([, pid]) => Number(pid));
        const latest = pids.at(-1);
        if (latest !== undefined && latest !== before) return latest;
      }
      throw new Error("the worker did not start");
    },
    async memoryOf(pid) {
      const [, kib] = /^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
      return Number(kib);
    },
    async killWorker(pid) {
      const before = await processesOf(tmpDir);
      process.kill(pid, "SIGKILL");
      const killedAt = performance.now();
      // What was started between the look and the kill; the next worker waits for longer than this takes.
      const old = new Set([...before, ...(await processesOf(tmpDir))]);
      const files = new Set(await readdir(tmpDir).catch(() => [])); // the supervisor empties it meanwhile
      for (;;) {
        const processes = (await processesOf(tmpDir)).filter((one) => old.has(one));
        const left = (await readdir(tmpDir).catch(() => [])).filter((name) => files.has(name));
        const ms = performance.now() - killedAt;
        if (processes.length + left.length === 0) return { ms, processes: before.length };
        if (ms > leftMs) return { ms: null, processes: before.length };
        await delay(20);
      }
    },
    async stop() {
      await server?.stop();
      server = undefined;
    },
    async remove() {
      await server?.stop();
      await fakes.stop();
      await data.remove();
    },
  };
}
