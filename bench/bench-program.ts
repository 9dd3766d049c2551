import { fork } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Benches, BenchRecord } from "./bench.ts";
import { type Citation, withFigures } from "./citations.ts";
import type { Figure } from "./figures.ts";
import { measure, readRecord, resultsPlace, writeRecord } from "./records.ts";
import { markOf, standingsOf, stateTexts, summaryOf, withMark } from "./summary.ts";

/** What the command works on. */
export interface BenchProgram {
  /** The checkout. */
  readonly root: string;
  /** The file that calls `runBenchProgram`: each of several benches is a process of it. */
  readonly script: string;
  readonly benches: Benches;
  readonly figures: readonly Figure[];
  readonly citations: readonly Citation[];
}

const options = {
  quick: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  stale: { type: "boolean", default: false },
  mark: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Runs `npm run bench` and gives its exit code: 1 when a bench failed or missed a bar, 2 when it was called wrongly. */
export async function runBenchProgram(program: BenchProgram, argv: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usageOf(program.benches)}`);
    return 2;
  }
  const { values, positionals: names } = parsed;
  const unknown = names.find((name) => !Object.hasOwn(program.benches, name));
  if (values.help || unknown !== undefined) {
    const text = `${unknown === undefined ? "" : `There is no bench ${unknown}.\n\n`}${usageOf(program.benches)}`;
    process[values.help ? "stdout" : "stderr"].write(text);
    return values.help ? 0 : 2;
  }
  if (values.list || values.stale) return tellStandings(program, values);
  if (values.mark) {
    await publish(program);
    return 0;
  }
  const [name] = names;
  if (names.length === 1 && name !== undefined) return runHere(program, name, values);
  return runAll(program, names.length > 0 ? names : Object.keys(program.benches), values);
}

const parse = (argv: readonly string[]) => parseArgs({ args: [...argv], allowPositionals: true, options });

function usageOf(benches: Benches): string {
  const names = Object.entries(benches).map(([name, { what }]) => `  ${name.padEnd(20)} ${what}\n`);
  return `npm run bench -- [NAME …] [--quick] [--json]
npm run bench -- --list | --stale | --mark [--json]

Runs every bench, one after the other, or those that are named:

${names.join("")}
  --quick   shorter runs, for trying it; nothing is kept
  --json    print the results as JSON
  --list    how each result stands; runs nothing
  --stale   the same of those that are stale or missing, and what has changed
  --mark    write README's figures and all marks again, from the results as they are

A full run is kept in ${resultsPlace}/NAME.json, and goes into ${resultsPlace}/README.md and README.md.
`;
}

interface Wanted {
  readonly quick: boolean;
  readonly json: boolean;
}

async function runHere(program: BenchProgram, name: string, { quick, json }: Wanted): Promise<number> {
  const bench = program.benches[name];
  if (!bench) throw new Error(`there is no bench ${name}`);
  const record = await measure(program.root, bench, { quick });
  if (!quick) {
    writeRecord(program.root, name, record);
    await publish(program);
  }
  if (json) process.stdout.write(`${JSON.stringify(record)}\n`);
  else tellRecord(record);
  await new Promise<void>((resolve) => (process.send ? process.send(record, () => resolve()) : resolve()));
  process.disconnect?.();
  return isMet(record) ? 0 : 1;
}

/** Each in a process of its own, so that none measures what another left, and none takes the others down. */
async function runAll(program: BenchProgram, names: readonly string[], wanted: Wanted): Promise<number> {
  const minutesOf = (name: string) => readRecord(program.root, name)?.minutes ?? program.benches[name]?.minutes ?? 0;
  const records = new Map<string, BenchRecord | null>();
  for (const [at, name] of names.entries()) {
    const left = names.slice(at).reduce((sum, one) => sum + minutesOf(one), 0);
    const minutes = wanted.quick ? "" : `: about ${minutesOf(name)} min, ${Math.ceil(left)} min with all that are left`;
    process.stderr.write(`\n[${at + 1} of ${names.length}] ${name}${minutes}\n`);
    const record = await runApart(program.script, name, { quick: wanted.quick, minutesMax: 4 * minutesOf(name) + 15 });
    if (!record) process.stderr.write(`${name} FAILED; going on\n`);
    records.set(name, record);
  }
  const failed = names.filter((name) => !records.get(name));
  const missed = names.filter((name) => !isMet(records.get(name) ?? null));
  if (wanted.json) process.stdout.write(`${JSON.stringify({ results: Object.fromEntries(records), failed })}\n`);
  else for (const record of records.values()) if (record) tellRecord(record);
  process.stderr.write(`\n${names.length - failed.length} of ${names.length} benches gave a result\n`);
  if (failed.length > 0) process.stderr.write(`failed: ${failed.join(", ")}\n`);
  if (missed.length > 0) process.stderr.write(`bars missed in: ${missed.join(", ")}\n`);
  return failed.length + missed.length > 0 ? 1 : 0;
}

/** Null when it ended without a result, or was not done after `minutesMax` and was killed. */
async function runApart(
  script: string,
  name: string,
  { quick, minutesMax }: { readonly quick: boolean; readonly minutesMax: number },
): Promise<BenchRecord | null> {
  const args = [name, "--json", ...(quick ? ["--quick"] : [])];
  const child = fork(script, args, {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    timeout: minutesMax * 60_000,
    killSignal: "SIGKILL",
  });
  return new Promise((resolve) => {
    let record: BenchRecord | null = null;
    child.on("message", (message) => {
      record = message as BenchRecord; // of `runHere`, which sends nothing else
    });
    child.once("close", () => resolve(record));
  });
}

function isMet(record: BenchRecord | null): boolean {
  return record?.bars.every(({ met }) => met) ?? true;
}

function tellRecord({ title, table, bars, notes }: BenchRecord): void {
  process.stdout.write(`\n${title}\n`);
  console.table(table);
  for (const { bar, measured, met } of bars)
    process.stdout.write(`${met ? "met   " : "MISSED"}  ${bar}: ${measured}\n`);
  for (const note of notes) process.stdout.write(`${note}\n`);
}

async function tellStandings(
  { root, benches, citations }: BenchProgram,
  { stale, json }: { readonly stale: boolean; readonly json: boolean },
): Promise<number> {
  const shown = (await standingsOf(root, benches))
    .filter(({ state }) => !stale || state !== "fresh")
    .map(({ record, ...standing }) => ({
      ...standing,
      commit: record?.commit ?? null,
      at: record?.at ?? null,
      cited: citations
        .filter(({ bench }) => bench === standing.name)
        .map(({ file, pieces }) => `${file}: ${pieces[0]}…`),
    }));
  if (json) process.stdout.write(`${JSON.stringify(shown)}\n`);
  else if (shown.length === 0) process.stdout.write("No result is stale.\n");
  else
    for (const { name, minutes, state, commit, at, cited, changed } of shown) {
      const when = commit === null ? "" : `of ${at?.slice(0, 10)}, ${commit}`;
      const line = [name.padEnd(20), `${minutes} min`.padEnd(8), (stateTexts[state] || state).padEnd(24), when];
      process.stdout.write(`${line.join(" ")}${cited.length > 0 ? `; ${cited.length} citations` : ""}\n`);
      if (stale) for (const file of changed.slice(0, 10)) process.stdout.write(`    changed since: ${file}\n`);
      if (stale && changed.length > 10) process.stdout.write(`    and ${changed.length - 10} more\n`);
    }
  return 0;
}

/** Writes the summary, and the figures and the mark into the texts that have them. */
async function publish({ root, benches, figures, citations }: BenchProgram): Promise<void> {
  const standings = await standingsOf(root, benches);
  const recordOf = (name: string) => standings.find((one) => one.name === name)?.record ?? null;
  mkdirSync(join(root, resultsPlace), { recursive: true });
  writeFileSync(join(root, resultsPlace, "README.md"), summaryOf(standings, figures));
  for (const file of new Set(["README.md", ...citations.map((one) => one.file)])) {
    const path = join(root, file);
    if (!existsSync(path)) continue;
    const text = readFileSync(path, "utf8");
    const ofFile = citations.filter((one) => one.file === file);
    const renewed = withMark(withFigures(text, ofFile, recordOf), markOf(standings, citations));
    if (renewed !== text) writeFileSync(path, renewed);
  }
}
