import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { checkout } from "./checkout.ts";
import { makeOpenTempDir } from "./postgres.ts";
import { outputOf } from "./processes.ts";

/** A whole Stablehand as `npm start` runs it: supervisor, PostgreSQL, API and worker, as processes of their own. */
export interface TestServer extends Omit<TestProgram<unknown>, "facts"> {
  readonly url: string;
  /** The first API key; null when the data directory had one before. */
  readonly apiKey: string | null;
  /** The link for the first account; null when there is one. */
  readonly setup: { readonly url: string; readonly business: string } | null;
  /** A request with a key, by default the first. */
  call(
    method: string,
    path: string,
    body?: unknown,
    apiKey?: string | null,
  ): Promise<{ status: number; body: unknown }>;
}

const node = join(checkout, "node_modules/.bin/node");
const main = "packages/cli/src/main.ts";

/** The environment of a test's processes: what a shell gives, and what the test says. */
function cleanEnv(env: Record<string, string>): Record<string, string> {
  return { PATH: process.env.PATH ?? "", LANG: "C.UTF-8", ...env };
}

/** A long-running command of the CLI as a process of its own. */
export interface TestProgram<Facts> {
  /** The line it printed when it was up. */
  readonly facts: Facts;
  readonly pid: number;
  /** All that it has written to standard error so far: progress, and the programs' logs. */
  log(): string;
  /** Asks it to stop as Ctrl-C does; gives the exit code and how long it took. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; ms: number }>;
  /** `kill -9` of it alone. */
  kill(): Promise<void>;
}

/** Starts `stablehand <name> --json`, of this checkout or another, and waits until it says that it runs. */
export async function startProgram<Facts>(
  name: "start" | "api" | "worker",
  env: Record<string, string>,
  from = checkout,
): Promise<TestProgram<Facts>> {
  const child = spawn(node, ["--conditions=worker", join(from, main), name, "--json"], {
    cwd: from,
    env: cleanEnv(env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const facts = await Promise.race([
    firstLine(child),
    exited.then((code) => Promise.reject(new Error(`${name} ended with ${code} before it was up:\n${log}`))),
  ]);
  const { pid } = child;
  if (pid === undefined) throw new Error("a process that wrote a line has a pid");
  return {
    facts: JSON.parse(facts) as Facts, // what the caller knows this command to print
    pid,
    log: () => log,
    async stop(signal = "SIGINT") {
      const startedAt = performance.now();
      child.kill(signal);
      return { code: await exited, ms: performance.now() - startedAt };
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** One request with a key, over the network. */
export async function callApi(url: string, apiKey: string | null, method: string, path: string, body?: unknown) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

/** Starts the server on `dataDir` and waits until it says that it runs. */
export async function startServer(dataDir: string, env: Record<string, string> = {}): Promise<TestServer> {
  const program = await startProgram<Pick<TestServer, "url" | "apiKey" | "setup">>("start", {
    STABLEHAND_DATA_DIR: dataDir,
    PORT: "0",
    ...env,
  });
  const { url, apiKey, setup } = program.facts;
  return {
    ...program,
    url,
    apiKey,
    setup,
    call: (method, path, body, key = apiKey) => callApi(url, key, method, path, body),
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
  });
}

/** Runs one command of the CLI to its end. */
export async function runCli(
  args: readonly string[],
  env: Record<string, string>,
  from = checkout,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(node, ["--conditions=worker", join(from, main), ...args], {
    cwd: from,
    env: cleanEnv(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  return outputOf(child);
}

/** A data directory for one test file. */
export const makeDataDir = makeOpenTempDir;
