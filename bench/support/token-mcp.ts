import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { executablePath } from "../../tests/support/chromium.ts";
import { installPeer } from "./token-peer.ts";
import type { TokenSite } from "./token-site.ts";

/** Playwright's MCP server with a browser of its own. */
export interface PlaywrightMcp {
  /** As its own tools/list declares them. */
  readonly tools: readonly McpTool[];
  /** What the tool answers, as text. Deadline 60 s. */
  call(name: string, input: Readonly<Record<string, unknown>>): Promise<string>;
  stop(): Promise<void>;
}

/** A tool as MCP declares it. */
export interface McpTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
}

/** The release that is compared with. */
export const playwrightMcpVersion = "0.0.83";
const callMs = 60_000;

/** Installs and starts it, with its default tools. */
export async function startPlaywrightMcp(site: TokenSite): Promise<PlaywrightMcp> {
  const peer = await installPeer("@playwright/mcp", playwrightMcpVersion);
  const configuration = join(peer.scratch, "config.json");
  const launchOptions = {
    executablePath,
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: site.directFlags,
  };
  await writeFile(configuration, JSON.stringify({ browser: { isolated: true, launchOptions } }));
  const args = [join(peer.directory, "cli.js"), "--config", configuration, "--output-dir", peer.scratch];
  const child = spawn(process.execPath, args, {
    cwd: peer.scratch,
    env: { PATH: process.env.PATH, HOME: peer.scratch, TMPDIR: peer.scratch },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const waiting = new Map<number, (message: McpMessage) => void>();
  let unfinished = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (unfinished + text).split("\n");
    unfinished = lines.pop() ?? "";
    for (const line of lines) {
      const message = JSON.parse(line) as McpMessage; // the protocol's own form
      if (message.id !== undefined) waiting.get(message.id)?.(message);
    }
  });

  let lastId = 0;
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  function ask(method: string, params: object): Promise<McpResult> {
    lastId += 1;
    const id = lastId;
    return new Promise<McpResult>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Playwright MCP did not answer ${method} in time`)), callMs);
      waiting.set(id, ({ result, error }) => {
        clearTimeout(timer);
        waiting.delete(id);
        if (result) resolve(result);
        else reject(new Error(`Playwright MCP refused ${method}: ${error?.message}`));
      });
      send({ id, method, params });
    });
  }

  try {
    await ask("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "bench", version: "1" },
    });
    send({ method: "notifications/initialized" });
    const { tools = [] } = await ask("tools/list", {});
    return {
      tools,
      async call(name, input) {
        const { content = [], isError } = await ask("tools/call", { name, arguments: input });
        const text = content.map((part) => part.text ?? "").join("\n");
        if (isError) throw new Error(`${name}: ${text.slice(0, 500)}`);
        return text;
      },
      stop: () => peer.remove(),
    };
  } catch (error) {
    await peer.remove();
    throw error;
  }
}

interface McpMessage {
  readonly id?: number;
  readonly result?: McpResult;
  readonly error?: { readonly message: string };
}

interface McpResult {
  readonly tools?: readonly McpTool[];
  readonly content?: readonly { readonly text?: string }[];
  readonly isError?: boolean;
}
