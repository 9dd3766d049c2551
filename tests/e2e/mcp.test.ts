import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { credentialFieldNames } from "@stablehand/contract";
import type { TaskId } from "@stablehand/core/ids";
import { cancelTask } from "@stablehand/core/store/task-runs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../support/api.ts";
import { checkout } from "../support/checkout.ts";

let api: TestApi;
let url: string;
let acme: TestBusiness;
let other: TestBusiness;

beforeAll(async () => {
  api = await startTestApi();
  url = await api.app.listen({ host: "127.0.0.1", port: 0 });
  acme = await api.business("acme");
  other = await api.business("other");
});
afterAll(() => api.stop());

const overHttp = (secret: string) =>
  new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${secret}` } },
  });
const overStdio = (secret: string) =>
  new StdioClientTransport({
    command: join(checkout, "node_modules/.bin/node"),
    args: ["--conditions=worker", join(checkout, "packages/cli/src/main.ts"), "mcp"],
    env: { STABLEHAND_BASE_URL: url, STABLEHAND_API_KEY: secret, PATH: process.env.PATH ?? "" },
  });

async function withClient(transport: Transport, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

describe.each([
  ["streamable HTTP", overHttp],
  ["stdio", overStdio],
])("over %s", (_name, open) => {
  test("the official client lists six tools, and none takes a credential's value", () =>
    withClient(open(acme.secret), async (client) => {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name).sort()).toEqual([
        "cancel_task",
        "check_credentials",
        "credential_status",
        "extract_design",
        "get_task",
        "run_task",
      ]);
      for (const name of credentialFieldNames) expect(JSON.stringify(tools)).not.toContain(name);
    }));

  test("a task is run, read and cancelled", () =>
    withClient(open(acme.secret), async (client) => {
      const begun = await client.callTool({
        name: "run_task",
        arguments: { endUserId: "alice", task: "Read", waitSeconds: 0 },
      });
      expect(begun.structuredContent).toMatchObject({ status: "pending", endUserId: "alice" });
      const { taskId } = begun.structuredContent as { taskId: string };
      const cancelled = await client.callTool({ name: "cancel_task", arguments: { taskId } });
      expect(cancelled.structuredContent).toMatchObject({ taskId, status: "cancelled" });
      const read = await client.callTool({ name: "get_task", arguments: { taskId } });
      expect(read.content).toEqual([{ type: "text", text: JSON.stringify(read.structuredContent) }]);
      expect(read.structuredContent).toMatchObject({ taskId, status: "cancelled" });
    }));

  test("a credential's state is told, and never its value", () =>
    withClient(open(acme.secret), async (client) => {
      await acme.call("PUT", "/v1/end-users/bob/credentials", { redditSession: "CANARYmcp" });
      const told = await client.callTool({ name: "credential_status", arguments: { endUserId: "bob" } });
      expect(told.structuredContent).toMatchObject({ platforms: { reddit: true, twitter: false } });
      const check = await client.callTool({
        name: "check_credentials",
        arguments: { endUserId: "bob", waitSeconds: 0 },
      });
      expect(check.structuredContent).toMatchObject({ status: "pending" });
      expect(JSON.stringify([told, check])).not.toContain("CANARYmcp");
    }));

  test("what the API refuses is the tool's error, in the API's words", () =>
    withClient(open(acme.secret), async (client) => {
      const { taskId } = (await other.call("POST", "/v1/tasks", { endUserId: "eve", task: "Read" })).json();
      const foreign = await client.callTool({ name: "get_task", arguments: { taskId } });
      expect(foreign).toMatchObject({
        isError: true,
        content: [{ type: "text", text: "This task belongs to another business." }],
      });
      const unstored = await client.callTool({ name: "check_credentials", arguments: { endUserId: "nobody" } });
      expect(unstored.isError).toBe(true);
      const value = { endUserId: "bob", redditSession: "CANARYmcp" };
      const extra = await client.callTool({ name: "credential_status", arguments: value });
      expect(extra.isError, "an argument that no tool has").toBe(true);
      expect(JSON.stringify(extra)).not.toContain("CANARYmcp");
    }));
});

test("run_task waits for the end", () =>
  withClient(overHttp(acme.secret), async (client) => {
    const ended = client.callTool({ name: "run_task", arguments: { endUserId: "waits", task: "Read" } });
    const find = async () =>
      (await acme.call("GET", "/v1/tasks?endUserId=waits")).json().sessions as { sessionId: string }[];
    await expect.poll(find, { timeout: 10_000 }).toHaveLength(1);
    const [session] = await find();
    const { tasks } = (await acme.call("GET", `/v1/sessions/${session?.sessionId}`)).json();
    await acme.call("POST", `/v1/tasks/${tasks[0].taskId}/cancel`);
    expect((await ended).structuredContent).toMatchObject({ status: "cancelled" });
  }));

test("a task that was accepted is waited for over a rate limit, and its id told where it cannot be read to the end", async () => {
  const slow = await startTestApi({ requestsPerSecondMax: 1 });
  const at = await slow.app.listen({ host: "127.0.0.1", port: 0 });
  const { secret } = await slow.business("slow");
  const requestInit = { headers: { authorization: `Bearer ${secret}` } };
  const { db, pool } = slow.context.database;
  const find = async () => (await pool.query<{ task_id: TaskId }>("SELECT task_id FROM tasks")).rows;
  try {
    await withClient(new StreamableHTTPClientTransport(new URL(`${at}/mcp`), { requestInit }), async (client) => {
      const run = (waitSeconds: number) =>
        client.callTool({ name: "run_task", arguments: { endUserId: "alice", task: "Read", waitSeconds } });
      const waiting = run(20); // its first look comes at once, and is refused
      await expect.poll(find, { timeout: 10_000 }).toHaveLength(1);
      const [row] = await find();
      if (!row) throw new Error("one task is there");
      await db.transaction().execute((transaction) => cancelTask(transaction, row.task_id));
      expect((await waiting).structuredContent).toMatchObject({ taskId: row.task_id, status: "cancelled" });
      const told = async () => JSON.stringify(await run(0));
      await expect.poll(told, { timeout: 10_000 }).toMatch(/Task [0-9a-f-]{36} was accepted, but cannot be read now/);
    });
  } finally {
    await slow.stop();
  }
});

test("an extraction is submitted with the extractors named", () =>
  withClient(overHttp(acme.secret), async (client) => {
    const page = { endUserId: "alice", url: "https://example.com", extractors: ["fonts"], waitSeconds: 0 };
    const begun = await client.callTool({ name: "extract_design", arguments: page });
    expect(begun.structuredContent).toMatchObject({ design: { extractors: ["fonts"] } });
  }));

test("without a key, with an unknown and with a revoked one nothing is offered", async () => {
  const init = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  const ask = (headers: Record<string, string>) =>
    api.app.inject({ method: "POST", url: "/mcp", payload: init, headers: { accept: "application/json", ...headers } });
  expect((await ask({})).statusCode).toBe(401);
  expect((await ask({ authorization: `Bearer sb_live_${"x".repeat(8)}_${"y".repeat(40)}` })).statusCode).toBe(401);
  const gone = await api.business("gone");
  await api.context.database.pool.query("UPDATE api_keys SET revoked_at = now() WHERE key_id = $1", [gone.keyId]);
  expect((await ask({ authorization: `Bearer ${gone.secret}` })).statusCode).toBe(403);
  const get = await api.app.inject({ method: "GET", url: "/mcp" });
  expect([get.statusCode, get.headers.allow]).toEqual([405, "POST"]);
});
