import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TaskId } from "@stablehand/core/ids";
import { storeAssets } from "@stablehand/core/store/design-assets";
import { keepDesign } from "@stablehand/core/store/design-results";
import { claimTask, finishTask, type TaskOutcome } from "@stablehand/core/store/task-runs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../../../../tests/support/api.ts";
import { makeOpenTempDir } from "../../../../tests/support/postgres.ts";
import { runCli } from "../../../../tests/support/server.ts";
import { sampleDesign } from "../fixtures/sample-design.ts";

let api: TestApi;
let acme: TestBusiness;
let baseUrl: string;
let temp: Awaited<ReturnType<typeof makeOpenTempDir>>;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  baseUrl = await api.app.listen({ host: "127.0.0.1", port: 0 });
  temp = await makeOpenTempDir();
});
afterAll(async () => {
  await temp.remove();
  await api.stop();
});

const page = "https://harbour.example/";
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const completed: TaskOutcome = { status: "completed", result: "" };

function run(args: readonly string[], env: Record<string, string> = {}) {
  return runCli(["design", ...args], { STABLEHAND_BASE_URL: baseUrl, STABLEHAND_API_KEY: acme.secret, ...env });
}

/** Runs the command while somebody does a worker's part with the task that it submits. */
async function runToEnd(args: readonly string[], outcome: TaskOutcome = completed) {
  const { db, pool } = api.context.database;
  const running = run([page, ...args]);
  let taskId: TaskId | undefined;
  await expect
    .poll(
      async () => {
        taskId = (await pool.query("SELECT task_id FROM tasks WHERE status = 'pending'")).rows[0]?.task_id;
        return taskId;
      },
      { timeout: 20_000 },
    )
    .toBeDefined();
  const held = { taskId: taskId as TaskId, attempt: 1 }; // found above
  const file = { sourceUrl: "https://harbour.example/hero.png", contentType: "image/png", bytes: png };
  const kept = await storeAssets(db, acme.businessId, [file], { store: null, signal: new AbortController().signal });
  await db.transaction().execute(async (transaction) => {
    await claimTask(transaction, { ...held, workerId: "w" });
    await finishTask(transaction, held, outcome, null);
    if (outcome.status === "completed") await keepDesign(transaction, held.taskId, sampleDesign.results ?? {}, kept);
  });
  return running;
}

test("prints a summary, tells its progress apart from it, and writes a report that has the page's files in it", async () => {
  const file = join(temp.dir, "report.html");
  const { code, stdout, stderr } = await runToEnd(["--html", file, "--end-user", "alice"]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^https:\/\/harbour\.example\/\n {2}images {2}3\n/)]);
  expect(stderr).toMatch(/pending {2}task [0-9a-f-]{36}\n[\s\S]*completed\n.*report\.html is written, with 1 files/);
  const report = await readFile(file, "utf8");
  expect(report).toContain(`src="data:image/png;base64,${png.toString("base64")}"`);
  expect(report).not.toContain(baseUrl);
});

test("--json prints the task and nothing else", async () => {
  const { code, stdout } = await runToEnd(["--json", "--extractors", "logo, colors"]);
  const task = JSON.parse(stdout);
  expect([code, task.status, task.endUserId]).toEqual([0, "completed", "self"]);
  expect(task.design.extractors).toEqual(["colors", "logo"]);
});

test("a task that fails ends the command with its words", async () => {
  const error = "The page could not be loaded: the server answered 404";
  const { code, stdout, stderr } = await runToEnd([], { status: "failed", error, errorCode: "page_unreachable" });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(`${error}\n`);
  expect(stderr).not.toContain("    at ");
});

test.each([
  ["no key", [page], { STABLEHAND_API_KEY: "" }, /set STABLEHAND_API_KEY/],
  ["a key that was never issued", [page, "--api-key", `sb_live_${"x".repeat(49)}`], {}, /never issued/],
  ["a private address", ["http://127.0.0.1/"], {}, /url leads to a private address/],
  ["an extractor that there is not", [page, "--extractors", "colors,seo"], {}, /"seo": there are images, fonts/],
  ["a base URL that is none", [page, "--base-url", "localhost:8787"], {}, /must look like http/],
  ["no server there", [page, "--base-url", "http://127.0.0.1:1"], {}, /No server answers at http:\/\/127\.0\.0\.1:1/],
  ["something else there", [page], { STABLEHAND_BASE_URL: "BASE/nowhere" }, /There is no such route/],
])("with %s it ends with a sentence that says what to do, and without a stack", async (_name, args, env, says) => {
  const here = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, String(value).replace("BASE", baseUrl)]),
  );
  const { code, stdout, stderr } = await run(args, here);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(says);
  expect(stderr).not.toContain("    at ");
});
