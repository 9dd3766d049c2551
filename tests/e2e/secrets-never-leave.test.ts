import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { credentialFieldNames } from "@stablehand/contract";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FakeAnswer, type FakeModel, startFakeModel } from "../support/fake-model/fake-model.ts";
import { type FakePlatforms, startFakePlatforms } from "../support/fake-platforms/fake-platforms.ts";
import { makeDataDir, runCli, startServer, type TestServer } from "../support/server.ts";

let data: Awaited<ReturnType<typeof makeDataDir>>;
let fakes: FakePlatforms;
let server: TestServer;
let model: FakeModel;
const answers: string[] = [];
const marker = "CANARYneverleaves";

/** A model that looks at a page which shows the cookies, acts on it, and tells what it knows. */
const script: FakeAnswer[] = [
  { calls: [{ name: "find", input: { text: "ct0" } }] },
  { calls: [{ name: "type", input: { ref: 1, text: "hello" } }] },
  { calls: [{ name: "navigate", input: { url: "https://x.com/again" } }] },
  { calls: [{ name: "done", input: { result: "Read.", data: [{ any: "thing" }] } }] },
];

beforeAll(async () => {
  data = await makeDataDir();
  fakes = await startFakePlatforms();
  model = await startFakeModel((_request, at) => script[at % script.length] ?? { hang: true });
  server = await startServer(data.dir, {
    MODEL: "openai-compatible:fake",
    MODEL_BASE_URL: model.baseUrl,
    ...fakes.env,
    LOG_LEVEL: "debug",
  });
});
afterAll(async () => {
  await server.stop();
  await model.stop();
  await fakes.stop();
  await data.remove();
});

/** Every way the marker may be written that a dump, a log or an answer could hold. */
function encodings(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), bytes])
      .toString("base64")
      .slice(Math.ceil((pad * 8) / 6), -4),
  );
  return [text, bytes.toString("hex"), encodeURIComponent(text), [...text].reverse().join(""), ...base64];
}

/** The encodings that stand in `haystack`, whatever the case. */
function found(haystack: string): string[] {
  const lower = haystack.toLowerCase();
  return encodings(marker).filter((needle) => lower.includes(needle.toLowerCase()));
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  key?: string,
): Promise<{ status: number; body: unknown }> {
  const answer = await server.call(method, path, body, key);
  answers.push(JSON.stringify(answer.body));
  return answer;
}

test("after every kind of request, a check and a task, no log, answer, model request, table or file holds a value", async () => {
  const at = "/v1/end-users/alice/credentials";
  const values = Object.fromEntries(credentialFieldNames.map((field) => [field, `${marker}${field}`]));
  await call("PUT", at, values);
  await call("PUT", at, { ...values, twitterCt0: `${marker} with a space` });
  await call("PUT", at, { [`${marker}asaname`]: 1, "a name": 2 });
  await call("PUT", at, values, "sb_live_00000000_0000000000000000000000000000000000000000");
  await call("GET", at);
  await fetch(`${server.url}${at}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" },
    body: `{"twitterCt0":"${marker}`,
  }).then(async (response) => answers.push(await response.text()));
  const { body } = await call("POST", `${at}/check`);
  await whenEnded((body as { taskId: string }).taskId);
  fakes.setMode("twitter", "echo");
  const task = { endUserId: "alice", task: "Read", startUrl: "https://x.com/", include_html_dump: true, schema: {} };
  const submitted = (await call("POST", "/v1/tasks", task)).body as { taskId: string };
  await whenEnded(submitted.taskId);
  for (const path of ["/events", ""])
    answers.push(
      await fetch(`${server.url}/v1/tasks/${submitted.taskId}${path}`, {
        headers: { authorization: `Bearer ${server.apiKey}` },
      }).then((response) => response.text()),
    );
  const asked = model.requests.map((request) => request.body).join("\n");
  expect(answers.at(-1), "the control: the task was done").toContain('"status":"completed"');
  expect(asked, "the control: the page showed them").toContain("[redacted:");
  expect(answers.at(-1)).toContain("[redacted:");
  expect(found(asked)).toEqual([]);
  await call("DELETE", at, { fields: ["twitterCt0"] });
  expect(
    fakes.requests.some((request) => request.cookie.includes(marker)),
    "the control: the browser had them",
  ).toBe(true);
  for (const args of [
    ["keys", "list", "--business", "default"],
    ["vault", "status"],
  ])
    answers.push((await runCli(args, { STABLEHAND_DATA_DIR: data.dir })).stdout);

  expect(found(`x${marker}x`), "the control: the search finds what is there").toContain(marker);
  expect(found(Buffer.from(`ab${marker}`).toString("base64")).length).toBeGreaterThan(0);
  expect(found(answers.join("\n"))).toEqual([]);
  expect(server.log()).toContain('"status":400');
  expect(found(server.log())).toEqual([]);
  expect(found(await dump(data.dir))).toEqual([]);
  const { bytes, hits } = await searchFiles(data.dir);
  expect(bytes).toBeGreaterThan(10_000_000);
  expect(hits).toEqual([]);
});

async function whenEnded(taskId: string): Promise<void> {
  const status = async () => ((await call("GET", `/v1/tasks/${taskId}`)).body as { status: string }).status;
  await expect.poll(status, { timeout: 90_000 }).toMatch(/completed|failed/);
}

/** Every row of every table, the queue's too, as text. */
async function dump(dataDir: string): Promise<string> {
  const url = (await readFile(join(dataDir, "database.url"), "utf8")).trim();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const tables = await client.query(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'pgboss')",
  );
  const texts: string[] = [];
  for (const { name } of tables.rows)
    texts.push(JSON.stringify((await client.query(`SELECT t::text FROM ${name} t`)).rows));
  await client.end();
  expect(tables.rows.length).toBeGreaterThan(8);
  return texts.join("\n");
}

/** Looks into every file of the installation, PostgreSQL's own and its write-ahead log included. */
async function searchFiles(directory: string): Promise<{ bytes: number; hits: string[] }> {
  let bytes = 0;
  const hits: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path.includes("/program/")) continue;
    const content = await readFile(path).catch(() => Buffer.alloc(0)); // deleted meanwhile, or another user's
    bytes += content.length;
    const hit = found(content.toString("latin1"));
    if (hit.length > 0) hits.push(`${path}: ${hit.join(" ")}`);
  }
  return { bytes, hits };
}
