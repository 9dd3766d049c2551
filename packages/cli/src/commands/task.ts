import { readFile } from "node:fs/promises";
import { type Task, taskModes } from "@stablehand/contract";
import { Command, Option } from "commander";
import { CommandError } from "../command-error.ts";
import { followTask } from "../follow-task.ts";
import { type ServerOptions, serverOf, serverOptions } from "../server-options.ts";
import { startSpinner } from "../spinner.ts";

interface TaskOptions extends ServerOptions {
  readonly endUser: string;
  readonly startUrl?: string;
  readonly session?: string;
  readonly schema?: string;
  readonly mode?: string;
  readonly maxSteps?: string;
  readonly follow?: true;
  readonly json?: true;
}

/** The exit code of a task that ended: also what scripts decide by. */
const exitCodes: Partial<Record<Task["status"], number>> = { completed: 0, failed: 2, cancelled: 3 };

/** `stablehand task`: submits a task to a running server, and follows it. */
export function taskCommand(): Command {
  const command = new Command("task")
    .description("let an agent do a task on behalf of an end-user")
    .argument("<task>", "what is to be done, in words")
    .requiredOption("--end-user <id>", "on whose behalf")
    .option("--start-url <url>", "where to begin")
    .option("--session <id>", "go on with this session")
    .option("--schema <file>", "a JSON Schema that the result's structured_content conforms to")
    .addOption(new Option("--mode <mode>", "read changes nothing at any site").choices(taskModes))
    .option("--max-steps <n>", "the most steps it may take")
    .option("--follow", "show its steps while it runs, and its result; Ctrl-C leaves it running")
    .option("--json", "print one JSON object: the task that was accepted, or with --follow the one that ended")
    .addHelpText(
      "after",
      "\nExit code with --follow: 0 it completed, 2 it failed, 3 it was cancelled; 1 it could not be followed.",
    );
  return serverOptions(command).action(runTask);
}

async function runTask(task: string, options: TaskOptions): Promise<void> {
  const server = serverOf(options);
  const body = {
    task,
    endUserId: options.endUser,
    ...(options.startUrl !== undefined && { startUrl: options.startUrl }),
    ...(options.session !== undefined && { sessionId: options.session }),
    ...(options.mode !== undefined && { mode: options.mode }),
    ...(options.maxSteps !== undefined && { maxSteps: Number(options.maxSteps) }),
    ...(options.schema !== undefined && { schema: await readSchema(options.schema) }),
  };
  const accepted = (await server.call("POST", "/v1/tasks", body)) as { taskId: string; sessionId: string }; // by contract
  if (!options.follow) {
    const text = `task ${accepted.taskId}\nsession ${accepted.sessionId}`;
    process.stdout.write(`${options.json ? JSON.stringify(accepted) : text}\n`);
    return;
  }
  const spinner = startSpinner(process.stderr);
  spinner.line(`task ${accepted.taskId}`);
  const ended = await followTask(server, accepted.taskId, {
    step({ n, type, msg, success }) {
      spinner.line(`${String(n).padStart(3)}  ${success ? "✓" : "✗"}  ${type}: ${printable(msg)}`);
    },
    status: (status) => spinner.label(status),
  }).finally(() => spinner.stop());
  process.stdout.write(`${options.json ? JSON.stringify(ended) : describe(ended)}\n`);
  process.exitCode = exitCodes[ended.status] ?? 1;
}

function describe({ status, result, structured_content: data, error, errorCode, mayHaveActed }: Task): string {
  if (status === "completed") return data === undefined ? printable(result ?? "") : JSON.stringify(data, undefined, 2);
  const acted = mayHaveActed ? " It had begun to act: look at the site before you submit it again." : "";
  return `${status}${errorCode ? ` (${errorCode})` : ""}${error ? `: ${printable(error)}` : ""}${acted}`;
}

/** What a page or a model wrote moves no cursor and changes no title. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, "\ufffd");
}

async function readSchema(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new CommandError(`--schema ${file} cannot be read: ${error instanceof Error ? error.message : error}`, error);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandError(`--schema ${file} is not JSON.`, error);
  }
}
