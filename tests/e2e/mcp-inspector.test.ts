import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi, type TestBusiness } from "../support/api.ts";
import { checkout } from "../support/checkout.ts";
import { outputOf } from "../support/processes.ts";
import { installPackage } from "../support/registry-packages.ts";

// The protocol's own inspector, as it is on the registry, in its mode for scripts.
const version = "2.12.0";
const node = join(checkout, "node_modules/.bin/node");

let api: TestApi;
let acme: TestBusiness;
let directory: string;
let program: string;

beforeAll(async () => {
  program = join(await installPackage("@modelcontextprotocol/inspector", version), "clients/launcher/build/index.js");
  api = await startTestApi();
  acme = await api.business("acme");
  directory = mkdtempSync(join(tmpdir(), "stablehand-inspector-"));
  const url = await api.app.listen({ host: "127.0.0.1", port: 0 });
  const http = (secret: string) => ({
    type: "streamable-http",
    url: `${url}/mcp`,
    headers: { Authorization: `Bearer ${secret}` },
  });
  const mcpServers = {
    http: http(acme.secret),
    stranger: http(`sb_live_${"x".repeat(8)}_${"y".repeat(40)}`),
    stdio: {
      command: node,
      args: ["--conditions=worker", join(checkout, "packages/cli/src/main.ts"), "mcp"],
      env: { STABLEHAND_BASE_URL: url, STABLEHAND_API_KEY: acme.secret },
    },
  };
  writeFileSync(join(directory, "mcp.json"), JSON.stringify({ mcpServers }), { mode: 0o600 });
});
afterAll(async () => {
  await api.stop();
  rmSync(directory, { recursive: true });
});

/** Lets the inspector make one request of a server of mcp.json. */
async function inspect(server: string, method: string, ...args: string[]) {
  const child = spawn(
    node,
    [program, "--cli", "--config", join(directory, "mcp.json"), "--server", server, "--method", method, ...args],
    { env: { PATH: process.env.PATH, HOME: directory, MCP_INSPECTOR_SECRET_STORE: "memory" } }, // it keeps files at home
  );
  return outputOf(child);
}

async function answerOf<Answer>(...call: Parameters<typeof inspect>): Promise<Answer> {
  const { code, stdout, stderr } = await inspect(...call);
  expect(code, `${stdout}${stderr}`).toBe(0);
  return JSON.parse(stdout) as Answer; // what the caller knows this method to answer
}

interface CallResult {
  readonly isError?: boolean;
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent: { readonly taskId: string; readonly status: string };
}

describe.each(["http", "stdio"])("the inspector over %s", (server) => {
  test("lists the tools, and finds their schemas portable", async () => {
    const { code, stdout, stderr } = await inspect(server, "tools/list", "--strict", "--protocol-era", "auto");
    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/Warning|Issue/);
    const { tools } = JSON.parse(stdout) as { tools: { name: string }[] }; // what this method answers
    expect(tools.map(({ name }) => name)).toContain("run_task");
    expect(tools).toHaveLength(6);
  });

  test("calls them, and is told what is refused", async () => {
    const call = (name: string, ...args: string[]) => [
      "--tool-name",
      name,
      ...args.flatMap((arg) => ["--tool-arg", arg]),
    ];
    const task = call("run_task", "endUserId=alice", "task=Read", "waitSeconds=0");
    const { structuredContent } = await answerOf<CallResult>(server, "tools/call", ...task);
    expect(structuredContent).toMatchObject({ status: "pending" });
    const read = call("get_task", `taskId=${structuredContent.taskId}`);
    expect((await answerOf<CallResult>(server, "tools/call", ...read)).structuredContent.status).toBe("pending");
    const unknown = await inspect(server, "tools/call", ...call("get_task", "taskId=none"));
    expect(unknown.code, unknown.stderr).toBe(5); // the tool's own error
    expect(unknown.stdout).toContain("There is no task with this id");
  });
});

test("an unknown key is refused as one, in the inspector's own terms", async () => {
  const { code, stderr } = await inspect("stranger", "tools/list");
  expect([code, stderr]).toEqual([3, expect.stringContaining("auth_required")]);
});
