import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { CommandError } from "../command-error.ts";
import type { SinkPart } from "./search/search-sink.ts";

/** A whole server, as `stablehand start` runs it, on a directory of the leaktest's. */
export interface ServerUnderTest {
  readonly apiKey: string;
  readonly processId: number;
  /** One request; what is answered is kept. `body` is sent as it is when it is a string. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }>;
  answers(): SinkPart[];
  output(): SinkPart[];
  /** As Ctrl-C does. Safe twice. */
  stop(): Promise<void>;
}

/** What the server is started with. */
export interface ServerSetup {
  readonly checkout: string;
  readonly env: Readonly<Record<string, string>>;
  readonly isRedacting: boolean;
  readonly signal: AbortSignal;
}

const requestMs = 240_000; // also of an event stream, which lasts as long as its task
const stopMs = 20_000;

/** Starts the server and waits until it says that it runs. Throws its last words when it ends before. */
export async function startServerUnderTest(setup: ServerSetup): Promise<ServerUnderTest> {
  const { checkout, env, isRedacting, signal } = setup;
  const cli = join(checkout, "packages", "cli", "src");
  const program = isRedacting
    ? [join(cli, "main.ts"), "start", "--json"]
    : [join(cli, "leaktest", "unredacted-server.ts")];
  const child = spawn(process.execPath, ["--disable-sigusr1", "--conditions=worker", ...program], {
    cwd: checkout,
    env: { ...env },
    detached: true, // Ctrl-C is the leaktest's
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  const firstLine = Promise.withResolvers<string>();
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      if (name === "stdout" && output.stdout.includes("\n")) firstLine.resolve(output.stdout);
    });
  const exited = once(child, "exit").catch(() => undefined);
  const { pid: processId = 0 } = child;
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), stopMs);
    await exited;
    clearTimeout(kill);
  };
  try {
    const isUp = await Promise.race([
      firstLine.promise,
      exited.then(() => null),
      once(signal, "abort").then(() => signal.throwIfAborted()),
    ]);
    signal.throwIfAborted();
    if (!isUp) throw new CommandError(`The server did not start:\n${output.stderr.slice(-4_000)}`);
  } catch (error) {
    await stop();
    throw error;
  }
  const { url, apiKey } = JSON.parse(output.stdout) as { url: string; apiKey: string }; // what `start --json` prints

  const answers: SinkPart[] = [];
  return {
    apiKey,
    processId,
    async call(method, path, body) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]),
      });
      const text = await response.text();
      const head = [...response.headers].map((pair) => pair.join(": ")).join("\n");
      answers.push({ where: `${method} ${path}`, bytes: Buffer.from(`${head}\n\n${text}`) });
      return { status: response.status, text };
    },
    answers: () => answers,
    output: () => [
      { where: "standard output", bytes: Buffer.from(output.stdout) },
      { where: "standard error", bytes: Buffer.from(output.stderr) },
    ],
    stop: () => (stopping ??= stop()),
  };
}
