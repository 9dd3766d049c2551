import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { searchApiMemory } from "./api-memory-search.ts";
import { benchCheckPickup } from "./check-pickup.ts";
import { benchCredentials } from "./credentials.ts";
import { benchCredentialsMemory } from "./credentials-memory.ts";
import { benchCredentialsScale } from "./credentials-scale.ts";
import { benchDesign } from "./design.ts";
import { benchProxy } from "./proxy.ts";
import { benchRandomPages } from "./random-pages.ts";
import { benchReadOnly } from "./read-only.ts";
import { benchRedaction } from "./redaction.ts";
import { benchTasks } from "./tasks.ts";
import { benchTokens } from "./tokens.ts";
import { benchWorkerKills } from "./worker-kills.ts";
import { benchWorkerMemory } from "./worker-memory.ts";

/** What one bench gives: a table for people, and the same as data. */
export interface BenchResult {
  readonly title: string;
  readonly table: readonly Readonly<Record<string, string | number>>[];
  /** The bars, and whether this run met them. */
  readonly bars: readonly { readonly bar: string; readonly measured: string; readonly met: boolean }[];
  readonly notes: readonly string[];
}

const benches: Record<string, (options: { quick: boolean }) => Promise<BenchResult>> = {
  credentials: benchCredentials,
  "credentials-scale": benchCredentialsScale,
  "credentials-memory": benchCredentialsMemory,
  "api-memory-search": searchApiMemory,
  "check-pickup": benchCheckPickup,
  tasks: benchTasks,
  tokens: benchTokens,
  proxy: benchProxy,
  redaction: benchRedaction,
  "random-pages": benchRandomPages,
  "worker-kills": benchWorkerKills,
  "worker-memory": benchWorkerMemory,
  "read-only": benchReadOnly,
  design: benchDesign,
};

const usage = `npm run bench -- NAME [--quick] [--json]

  credentials          PUT and GET of credentials beside a bare node:http server and bare pg
  credentials-scale    the same with 10,000 and with 5,000,000 stored rows
  credentials-memory   the API's memory over 200,000 PUTs
  api-memory-search    what of 1,000 uploaded values is left in the API's memory
  check-pickup         how soon a worker takes a submitted check
  tasks                a task from submission to answer, tasks a minute, and submissions a second
  tokens               what a model reads of pages and of a job, beside Playwright's and Stagehand's
  proxy                what the browsers' proxy adds to loading a page of 200 requests
  redaction            what removing secrets from a document of 1 MB costs
  random-pages         3,000 random pages and models, searched for the cookies' values
  worker-kills         100 × kill -9 of the worker, and 50 tasks on one login
  worker-memory        the worker's memory over 1,000 tasks
  read-only            what a read-only task adds to that
  design               what is found of a page's design, beside dembrandt; its time and memory on long pages

  --quick   shorter runs, for trying it; the figures in README come from full runs
  --json    print the result as JSON

Each run is also written to bench/results/NAME.json.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean" },
  },
});
const [name = ""] = positionals;
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (!bench || values.help) {
  process.stdout.write(usage);
  process.exit(values.help ? 0 : 2);
}

const result = await bench({ quick: values.quick });
const record = {
  ...result,
  quick: values.quick,
  at: new Date().toISOString(),
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  node: process.version,
  cpu: `${cpus().length} × ${cpus()[0]?.model}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
};
const directory = join(import.meta.dirname, "results");
mkdirSync(directory, { recursive: true });
if (!values.quick) writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
if (values.json) process.stdout.write(`${JSON.stringify(record)}\n`);
else {
  process.stdout.write(`\n${result.title}\n`);
  console.table(result.table);
  for (const { bar, measured, met } of result.bars)
    process.stdout.write(`${met ? "met   " : "MISSED"}  ${bar}: ${measured}\n`);
  for (const note of result.notes) process.stdout.write(`${note}\n`);
}
