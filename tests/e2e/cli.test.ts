import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TaskId } from "@stablehand/core/ids";
import { appendStep, claimTask, finishTask, type TaskOutcome } from "@stablehand/core/store/task-runs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../support/api.ts";
import { checkout } from "../support/checkout.ts";
import { readCommands } from "../support/cli-commands.ts";

let api: TestApi;
let acme: TestBusiness;
let env: Record<string, string>;
let directory: string;

beforeAll(async () => {
  api = await startTestApi();
  acme = await api.business("acme");
  const url = await api.app.listen({ host: "127.0.0.1", port: 0 });
  env = { PATH: process.env.PATH ?? "", STABLEHAND_BASE_URL: url, STABLEHAND_API_KEY: acme.secret };
  directory = mkdtempSync(join(tmpdir(), "stablehand-cli-"));
  chmodSync(directory, 0o755); // as root, the data directory has to be open to the programs' users
});
afterAll(async () => {
  await api.stop();
  rmSync(directory, { recursive: true });
});

const node = join(checkout, "node_modules/.bin/node");
const command = ["--conditions=worker", join(checkout, "packages/cli/src/main.ts")];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command with `input` on standard input; `terminal` gives it a terminal, whose output is all in stdout. */
function run(args: readonly string[], input = "", terminal = false): Promise<Ended> {
  const whole = [node, ...command, ...args].map((one) => `'${one}'`).join(" ");
  const child = terminal
    ? spawn("script", ["--quiet", "--return", "--echo", "always", "--command", whole, "/dev/null"], { env })
    : spawn(node, [...command, ...args], { env });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    // Typed only once it is asked for: what is typed before is shown by the terminal itself.
    if (terminal && input !== "" && stdout.includes("leaves it as it is): ")) {
      child.stdin.write(input);
      input = "";
    }
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  if (!terminal) child.stdin.end(input);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

/** Plays the worker: takes the only task that waits, tells a step, and ends it. */
async function playWorker(endUserId: string, outcome: TaskOutcome): Promise<TaskId> {
  const { db, pool } = api.context.database;
  const find = async () =>
    (await pool.query<{ task_id: TaskId }>("SELECT task_id FROM tasks WHERE end_user_id = $1", [endUserId])).rows;
  await expect.poll(find, { timeout: 20_000 }).toHaveLength(1);
  const [row] = await find();
  if (!row) throw new Error("a task is there");
  const held = { taskId: row.task_id, attempt: 1 };
  await db.transaction().execute((transaction) => claimTask(transaction, { ...held, workerId: "played" }));
  const msg = "Read the page \u001b]0;title\u0007";
  await appendStep(db, held, { n: 1, type: "discovery", msg, success: true });
  await db.transaction().execute((transaction) => finishTask(transaction, held, outcome, null));
  return row.task_id;
}

describe("stablehand task --follow", () => {
  test("shows steps as they come and the result, and exits with 0", async () => {
    const schema = join(directory, "schema.json");
    writeFileSync(schema, JSON.stringify({ type: "array" }));
    const args = ["task", "Read my feed", "--end-user", "follow", "--schema", schema, "--follow"];
    const [{ code, stdout, stderr }, taskId] = await Promise.all([
      run(args),
      playWorker("follow", { status: "completed", result: "Read.", structuredContent: [{ author: "nina" }] }),
    ]);
    expect([code, stderr]).toEqual([0, `task ${taskId}\n  1  ✓  discovery: Read the page \ufffd]0;title\ufffd\n`]);
    expect(JSON.parse(stdout)).toEqual([{ author: "nina" }]);
  });

  test("exits with 2 when the task failed, and says why; with --json it is the task", async () => {
    const failed = { status: "failed", error: "The page is away.", errorCode: "page_unreachable" } as const;
    const [text] = await Promise.all([
      run(["task", "Read", "--end-user", "fails", "--follow"]),
      playWorker("fails", failed),
    ]);
    expect([text.code, text.stdout]).toEqual([2, "failed (page_unreachable): The page is away.\n"]);
    const [json, taskId] = await Promise.all([
      run(["task", "Read", "--end-user", "fails-json", "--follow", "--json"]),
      playWorker("fails-json", failed),
    ]);
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([2, { taskId, errorCode: "page_unreachable" }]);
  });

  test("turns a spinner on a terminal, and none elsewhere", async () => {
    const [{ code, stdout }] = await Promise.all([
      run(["task", "Read", "--end-user", "spins", "--follow"], "", true),
      playWorker("spins", { status: "completed", result: "Read." }),
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/[⠋⠙⠹] /);
    expect(stdout).toContain("Read.");
  });

  test("exits with 3 when it was cancelled, and with 1 when it was refused", async () => {
    const submitted = run(["task", "Read", "--end-user", "stops", "--json"]);
    const { taskId, sessionId } = JSON.parse((await submitted).stdout) as { taskId: string; sessionId: string };
    const follows = run(["task", "Go on", "--end-user", "stops", "--session", sessionId, "--follow"]);
    const find = async () => (await acme.call("GET", `/v1/sessions/${sessionId}`)).json().tasks as { taskId: string }[];
    await expect.poll(find, { timeout: 20_000 }).toHaveLength(2);
    for (const task of await find()) await acme.call("POST", `/v1/tasks/${task.taskId}/cancel`);
    expect((await follows).code).toBe(3);
    const refused = await run(["task", "Read", "--end-user", "other", "--session", taskId, "--follow"]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("no session with this id") });
  });
});

describe("stablehand credentials", () => {
  const stored = async (endUserId: string) =>
    (await acme.call("GET", `/v1/end-users/${endUserId}/credentials`)).json().platforms;

  test("set takes a JSON object or lines from standard input, and shows no value", async () => {
    const json = await run(["credentials", "set", "ann"], '{"redditSession":"CANARYjson"}');
    expect([json.code, json.stdout]).toEqual([0, "stored redditSession\n"]);
    const lines = await run(
      ["credentials", "set", "ann", "--json"],
      "twitterAuthToken = CANARYa\ntwitterCt0=CANARYb==\n",
    );
    expect(JSON.parse(lines.stdout)).toEqual({ ok: true, fields: ["twitterAuthToken", "twitterCt0"] });
    expect(await stored("ann")).toMatchObject({ reddit: true, twitter: true });
  });

  test("set refuses what it cannot use without repeating it, and stores nothing", async () => {
    for (const input of ["{CANARY", "CANARY", "CANARY=x", "", '{"redditSession":{"CANARY":1}}']) {
      const { code, stdout, stderr } = await run(["credentials", "set", "bad"], input);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).not.toContain("CANARY");
    }
    const other = await run(["credentials", "set", "bad", "--platform", "tiktok"], "redditSession=CANARY");
    expect(other.code).toBe(1);
    expect(await stored("bad")).toMatchObject({ reddit: false });
    const argument = await run(["credentials", "set", "bad", "redditSession=CANARY"], "");
    expect(argument.code, "a value is no argument").not.toBe(0);
  });

  test("set asks on a terminal, and what is typed is not shown", async () => {
    const { code, stdout } = await run(["credentials", "set", "tty", "--platform", "reddit"], "CANARYtyped\r", true);
    expect(stdout).toContain("redditSession (not shown");
    expect(stdout).not.toContain("CANARYtyped");
    expect([code, await stored("tty")]).toMatchObject([0, { reddit: true }]);
  });

  test("ticket prints a link that stores once, and refuses what is no platform or too long", async () => {
    const asked = ["credentials", "ticket", "tim", "--platform", "reddit", "tiktok", "--ttl", "5m"];
    const { code, stdout } = await run(asked);
    const [, ticketId, token] = /\/connect\/([0-9a-f-]{36})#([\w-]{43})\ngood once, until /.exec(stdout) ?? [];
    expect(code).toBe(0);
    const authorization = `Bearer ${token}`;
    const used = await api.app.inject({
      method: "PUT",
      url: `/connect/${ticketId}/credentials`,
      headers: { authorization },
      payload: { redditSession: "CANARY" },
    });
    expect([used.statusCode, await stored("tim")]).toMatchObject([200, { reddit: true }]);
    const json = JSON.parse((await run([...asked, "--json"])).stdout) as { url: string; token: string };
    expect(json.url).toContain(`#${json.token}`);
    for (const wrong of [
      ["--platform", "myspace"],
      ["--platform", "reddit", "--ttl", "1h"],
      ["--platform", "reddit", "--ttl", "x"],
      [],
    ])
      expect((await run(["credentials", "ticket", "tim", ...wrong])).code).not.toBe(0);
  });

  test("status, check and delete", async () => {
    await acme.call("PUT", "/v1/end-users/sue/credentials", { redditSession: "CANARY", twitterCt0: "CANARY" });
    const status = await run(["credentials", "status", "sue"]);
    expect(status.stdout).toMatch(/twitter +without twitterAuthToken\nreddit +configured, unknown\ntiktok +not stored/);
    expect(JSON.parse((await run(["credentials", "status", "sue", "--json"])).stdout)).toMatchObject({
      endUserId: "sue",
    });
    const checkedAt = new Date().toISOString();
    const [check] = await Promise.all([
      run(["credentials", "check", "sue", "--platform", "reddit"]),
      playWorker("sue", { status: "completed", result: "", check: { reddit: { health: "expired", checkedAt } } }),
    ]);
    expect([check.code, check.stdout]).toEqual([2, "reddit     expired\n"]);
    const some = await run(["credentials", "delete", "sue", "--fields", "twitterCt0"]);
    expect([some.code, some.stdout]).toEqual([0, "deleted twitterCt0\n"]);
    expect(await stored("sue")).toMatchObject({ reddit: true });
    expect((await run(["credentials", "delete", "sue"])).stdout).toBe("deleted everything\n");
    expect(await stored("sue")).toMatchObject({ reddit: false });
  });
});

test("completion knows commands, their commands and options, in bash", async () => {
  const { stdout } = await run(["completion", "bash"]);
  const complete = (...words: string[]) => {
    const line = words.map((word) => `'${word}'`).join(" ");
    const script = `${stdout}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _stablehand; echo "\${COMPREPLY[@]}"`;
    return spawnSync("bash", ["-c", script], { encoding: "utf8", timeout: 10_000 }).stdout.trim().split(" ");
  };
  expect(complete("stablehand", "cred")).toEqual(["credentials"]);
  expect(complete("stablehand", "credentials", "")).toEqual(
    expect.arrayContaining(["set", "status", "check", "delete"]),
  );
  expect(complete("stablehand", "task", "Read my feed", "--sch")).toEqual(["--schema"]);
  expect(complete("stablehand", "vault", "rotate", "--j")).toEqual(["--json"]);
  expect((await run(["completion", "zsh"])).stdout).toContain("bashcompinit");
  expect((await run(["completion", "fish"])).stdout).toContain(
    "complete -c stablehand -n '__fish_seen_subcommand_from vault; and __fish_seen_subcommand_from rotate' -l json",
  );
});

test("every command has --json, but those that speak another language than people's", async () => {
  const commands = await readCommands();
  expect(commands.size).toBeGreaterThan(25);
  const without = [...commands].filter(
    ([path, words]) => !words.includes("--json") && ![...commands.keys()].some((one) => one.startsWith(`${path} `)),
  );
  expect(without.map(([path]) => path)).toEqual(["mcp", "completion"]);
});

test("bench lists what there is, and exits with 2 for what there is not", async () => {
  const list = await run(["bench"]);
  expect([list.code, list.stdout]).toEqual([0, expect.stringMatching(/redaction .*\n[\s\S]*credentials-scale /)]);
  expect((await run(["bench", "nothing", "--quick"])).code).toBe(2);
});

test("doctor tells what it found as JSON, and exits with 2 when there is a problem", async () => {
  env = { ...env, STABLEHAND_DATA_DIR: join(directory, "data"), DATABASE_URL: api.databaseUrl };
  const well = await run(["doctor", "--json"]);
  const { ok, findings } = JSON.parse(well.stdout) as { ok: boolean; findings: { name: string }[] };
  expect([well.code, ok]).toEqual([0, true]);
  const names = ["node", "chromium", "display", "database", "clock", "keyring", "model", "disk"];
  expect(findings.map(({ name }) => name)).toEqual(names);
  env = { ...env, DATABASE_URL: "postgres://a:b@127.0.0.1:1/c" };
  const ill = await run(["doctor"]);
  expect([ill.code, ill.stdout]).toEqual([2, expect.stringMatching(/PROBLEM +database +it does not answer/)]);
});
