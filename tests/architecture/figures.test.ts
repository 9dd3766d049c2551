import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { benches } from "../../bench/benches.ts";
import { compareCitations, findIn } from "../../bench/citations.ts";
import { citations, figures } from "../../bench/figures.ts";
import { measuredCode } from "../../bench/measured-code.ts";
import { readRecord } from "../../bench/records.ts";
import { markOf, standingsOf, summaryOf, withMark } from "../../bench/summary.ts";
import { checkout } from "../support/checkout.ts";

const read = (file: string) => readFileSync(join(checkout, file), "utf8");
const renew = "run `npm run bench -- --mark`, which runs no bench, and commit what it writes";

test("each figure that a text has from a bench is the committed result's", () => {
  expect(compareCitations(citations, read, (bench) => readRecord(checkout, bench))).toEqual([]);
});

test("every number under README's Figures is a bench's, or a condition that is listed here", () => {
  const [, section = ""] = /## Figures\n([\s\S]*?)\n## /.exec(read("README.md")) ?? [];
  const conditions = [
    /https?:\S+|\[decision 15\]\(\S+\)|o200k/g,
    /\| 16 connections \| 64 connections \|/g,
    /\(goal (?:0\.50|20|1\.10)\)|\| 1 \|$/gm,
    /5,000,000 rows stored|than with 10,000|share of the floor's|the 1 MB article/g,
    /measured 0\.33 to 0\.35 and 0\.50 to 0\.63/g, // of decision 15, not of a bench
  ];
  const cited = citations.flatMap((citation) => findIn(section, citation) ?? []);
  expect(cited.length).toBeGreaterThan(10);
  const rest = [...cited, ...conditions].reduce<string>((text, known) => text.replaceAll(known, ""), section);
  expect(rest.match(/.*\d.*/g) ?? [], "add them to bench/figures.ts").toEqual([]);
});

test("README and bench/results mark as stale what is stale, and nothing else", async () => {
  const standings = await standingsOf(checkout, benches);
  expect(read("bench/results/README.md"), renew).toBe(summaryOf(standings, figures));
  const readme = read("README.md");
  const mark = markOf(standings, citations);
  expect(readme).toContain("\nStale figures, whose code has changed since: ");
  expect(readme, renew).toBe(withMark(readme, mark));
});

test("what a bench measures is found: through imports, programs that it starts, and the database's migrations", async () => {
  const files = async (name: string) => (await measuredCode(checkout, benches[name] ?? { entries: [] })).files;
  const credentials = await files("credentials");
  for (const file of ["bench/credentials.ts", "packages/vault/src/seal.ts", "packages/core/migrations/0011-access.ts"])
    expect(credentials).toContain(file);
  expect(credentials).not.toContain("packages/worker/src/run-task.ts");
  expect(await files("tasks")).toContain("packages/worker/src/run-task.ts");
});

test("each script that benches start is measured by one of them, and each bench measures its own file", () => {
  const knip = JSON.parse(read("knip.json")) as { workspaces: Record<string, { entry: string[] }> }; // its own format
  const [, scripts = ""] = /^bench\/support\/\{(.*)\}\.ts$/m.exec(knip.workspaces["."]?.entry.join("\n") ?? "") ?? [];
  const entries = Object.values(benches).flatMap((bench) => bench.entries);
  expect(scripts.split(",").length).toBeGreaterThan(3);
  for (const script of scripts.split(",")) expect(entries).toContain(`bench/support/${script}.ts`);
  for (const [name, bench] of Object.entries(benches)) expect(bench.entries).toContain(`bench/${name}.ts`);
});
