import { writeFile } from "node:fs/promises";
import { type Design, extractorNames, isTerminal, type Task } from "@stablehand/contract";
import { Command } from "commander";
import { CommandError } from "../command-error.ts";
import { renderReport } from "../design/report.ts";
import { downloadFiles } from "../design/report-files.ts";
import { summarise } from "../design/summary.ts";
import { readTask } from "../follow-task.ts";
import type { ServerClient } from "../server-client.ts";
import { type ServerOptions, serverOf, serverOptions } from "../server-options.ts";

const pollMs = 300;
const waitMs = 3_600_000;

interface DesignOptions extends ServerOptions {
  readonly extractors?: string;
  readonly endUser: string;
  readonly html?: string;
  readonly json?: true;
}

/** `stablehand design`: extracts a page's design through a running server. */
export function designCommand(): Command {
  const command = new Command("design")
    .description("extract the design of a public page: images, fonts, colours, icons, tokens, logo")
    .argument("<url>", "the page")
    .option("--extractors <names>", `some of ${extractorNames.join(",")}; all by default`)
    .option("--html <file>", "write a page that shows what was found, in one file")
    .option("--json", "print the task as JSON instead of a summary")
    .option("--end-user <id>", "on whose behalf", "self");
  return serverOptions(command).action(runDesign);
}

async function runDesign(url: string, options: DesignOptions): Promise<void> {
  const server = serverOf(options);
  const task = await extract(server, {
    url,
    endUserId: options.endUser,
    ...(options.extractors !== undefined && { extractors: named(options.extractors) }),
  });
  const { design } = task;
  if (!design) throw new CommandError(`Task ${task.taskId} has no design. Is the server older than this command?`);
  process.stdout.write(`${options.json ? JSON.stringify(task) : summarise(design)}\n`);
  if (options.html !== undefined) await writeReport(options.html, task, design);
}

/** The server drops names that it does not know; whoever types one wants to hear of it. */
function named(list: string): string[] {
  const names = list.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !extractorNames.some((one) => one === name));
  if (unknown !== undefined)
    throw new CommandError(`--extractors has "${unknown}": there are ${extractorNames.join(", ")}.`);
  return names;
}

async function extract(server: ServerClient, body: object): Promise<Task> {
  const { taskId } = (await server.call("POST", "/v1/design/extract", body)) as { taskId: string }; // what the contract says
  const startedAt = performance.now();
  for (
    let seen = "";
    performance.now() - startedAt < waitMs;
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  ) {
    const task = readTask(await server.call("GET", `/v1/tasks/${taskId}`));
    if (task.status !== seen) say(`${seconds(startedAt)}  ${task.status}${seen === "" ? `  task ${taskId}` : ""}`);
    seen = task.status;
    if (task.status === "completed") return task;
    if (isTerminal(task.status)) throw new CommandError(task.error ?? `The task was ${task.status}.`);
  }
  throw new CommandError(`Task ${taskId} has not ended within an hour. Is a worker running?`);
}

async function writeReport(file: string, task: Task, design: Design): Promise<void> {
  const files = await downloadFiles(design);
  const page = renderReport(design, files, task.completedAt ?? task.updatedAt);
  await writeFile(file, page).catch((error: unknown) => {
    throw new CommandError(`${file} could not be written: ${error instanceof Error ? error.message : error}`, error);
  });
  say(`${file} is written, with ${files.size} files of the page in it`);
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1_000).toFixed(1).padStart(5)} s`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
