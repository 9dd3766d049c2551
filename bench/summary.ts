import { type Benches, type BenchRecord, type BenchState, stateOf } from "./bench.ts";
import type { Citation } from "./citations.ts";
import type { Figure } from "./figures.ts";
import { measuredCode } from "./measured-code.ts";
import { changedSince, readRecord } from "./records.ts";

/** A bench, its last result, and what that is worth now. */
export interface BenchStanding {
  readonly name: string;
  readonly what: string;
  readonly minutes: number;
  readonly record: BenchRecord | null;
  readonly state: BenchState;
  /** Measured files that changed since the result's commit, as far as git can tell. */
  readonly changed: readonly string[];
}

/** How every bench stands in the checkout `root` as it is now. */
export function standingsOf(root: string, benches: Benches): Promise<BenchStanding[]> {
  return Promise.all(
    Object.entries(benches).map(async ([name, bench]) => {
      const record = readRecord(root, name);
      const { hash, files } = await measuredCode(root, bench);
      const state = stateOf(record, hash);
      const changed = record && state !== "fresh" ? changedSince(root, record, files) : [];
      return { name, what: bench.what, minutes: record?.minutes ?? bench.minutes, record, state, changed };
    }),
  );
}

/** A state in words. */
export const stateTexts: Readonly<Record<BenchState, string>> = {
  fresh: "",
  stale: "stale",
  unhashed: "stale: of before hashes",
  missing: "not measured",
};

/** bench/results/README.md: every figure beside its peer or floor, and its mark. */
export function summaryOf(standings: readonly BenchStanding[], figures: readonly Figure[]): string {
  const rows = standings.flatMap((standing) => rowsOf(standing, figures));
  const head = [
    "figure",
    "ours",
    "peer or floor",
    "ratio",
    "bar",
    "met",
    "bench",
    "commit",
    "date",
    "machine",
    "stale",
  ];
  return [
    "# Results",
    "",
    "Made by `npm run bench`, which runs every bench and writes this table; `npm run bench -- --mark` writes it again from the",
    "results as they are. A result is stale once the code that it measured, or a package that this imports, is another; comments and",
    "types do not count. What was run, in full, is in the JSON beside this file.",
    "",
    ...[head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`),
    "",
  ].join("\n");
}

function rowsOf({ name, record, state }: BenchStanding, figures: readonly Figure[]): string[][] {
  const mark = stateTexts[state];
  if (!record) return [["–", "–", "–", "–", "–", "–", name, "–", "–", "–", mark]];
  const origin = [name, record.commit, record.at.slice(0, 10), `${record.cpu}, ${record.memoryGiB} GiB`, mark];
  const own = figures.filter(({ bench }) => bench === name);
  const rows = own.map(({ what, ours, beside, ratio, bar: start }) => {
    const bar = record.bars.find((one) => start !== undefined && one.bar.startsWith(start));
    const theirs = beside ? `${beside.value(record)} (${beside.what})` : "–";
    return [what, ours(record), theirs, ratio?.(record) ?? "–", bar?.bar ?? "–", bar ? metText(bar.met) : "–"];
  });
  const others = record.bars
    .filter(({ bar }) => !own.some((figure) => figure.bar !== undefined && bar.startsWith(figure.bar)))
    .map(({ bar, measured, met }) => [bar, measured, "–", "–", "–", metText(met)]);
  const all = [...rows, ...others];
  if (all.length === 0) all.push([record.title, "see the JSON", "–", "–", "–", "–"]);
  return all.map((cells) => [...cells, ...origin].map((text) => text.replaceAll("|", "\\|")));
}

function metText(met: boolean): string {
  return met ? "yes" : "**no**";
}

const markStart = "Stale figures, whose code has changed since:";

/** README's line that says which of its figures are stale. */
export function markOf(standings: readonly BenchStanding[], citations: readonly Citation[]): string {
  const cited = new Set(citations.filter(({ file }) => file === "README.md").map(({ bench }) => bench));
  const stale = standings.filter(({ name, state }) => cited.has(name) && state !== "fresh");
  return `${markStart} ${stale.map(({ name }) => `\`${name}\``).join(", ") || "none"}.`;
}

/** The text with `mark` in the place of the mark that it has. */
export function withMark(text: string, mark: string): string {
  return text.replace(new RegExp(`^${markStart}.*$`, "m"), () => mark);
}
