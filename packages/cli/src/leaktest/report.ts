import type { SinkReport } from "./search/search-sink.ts";
import type { AttackerCounts } from "./world/attacker.ts";

/** Something that has to be true, or else nothing was tested. */
export interface Control {
  readonly what: string;
  readonly holds: boolean;
}

/** What a leaktest came to. */
export interface LeaktestReport {
  readonly isRedacting: boolean;
  readonly sinks: readonly SinkReport[];
  /** What the attacker got from signed-in browsers: nothing, if the cage holds. */
  readonly attackerGot: AttackerCounts;
  readonly controls: readonly Control[];
  /** What was not looked at, and why. */
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** How a leaktest ends; `exitCodes` says with which code. */
export type Verdict = "clean" | "leak" | "blind";

/** Of the command; 1 is for everything that kept it from coming to an end. */
export const exitCodes: Readonly<Record<Verdict, number>> = { clean: 0, leak: 2, blind: 3 };

/** Where a worker that redacts nothing must be seen to leak. */
export const redactedSinks = ["database", "requests to the model", "API answers", "results", "html dumps"] as const;

/**
 * Judges a report. Clean: no value anywhere, nothing at the attacker, and every control holds. Without redaction, clean
 * means that the search saw it: a value in every sink of `redactedSinks`, and still nothing at the attacker.
 */
export function judge({ isRedacting, sinks, attackerGot, controls }: LeaktestReport): Verdict {
  const reached = Object.values(attackerGot).some((count) => count > 0);
  const leaking = sinks.filter(({ hitCount }) => hitCount > 0).map(({ sink }) => sink);
  if (reached || (isRedacting && leaking.length > 0)) return "leak";
  const isBlind = sinks.some(({ markerFound }) => markerFound.length === 0) || controls.some(({ holds }) => !holds);
  if (isBlind) return "blind";
  return isRedacting || redactedSinks.every((sink) => leaking.includes(sink)) ? "clean" : "blind";
}

/** The report for a human: a table of the sinks, then each hit by field, encoding and place. Never a value. */
export function describeReport(report: LeaktestReport): string {
  const { sinks, attackerGot, controls, notes, isRedacting, seconds } = report;
  const verdict = judge(report);
  const rows = [
    ["sink", "parts", "bytes searched", "hits", "marker"],
    ...sinks.map(({ sink, parts, bytes, hitCount, markerFound }) => [
      sink,
      String(parts),
      bytes.toLocaleString("en-US"),
      String(hitCount),
      markerFound.length > 0 ? "found" : "NOT FOUND",
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const table = rows.map((row) =>
    row
      .map((cell, at) => (at === 0 || at === 4 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  const { connections, bytes, datagrams, namesLookedUp } = attackerGot;
  const total = sinks.reduce((sum, { bytes }) => sum + bytes, 0);
  const hits = sinks.flatMap((sink) => hitLines(sink, isRedacting ? 40 : 6));
  return [
    ...table,
    "",
    `The attacker got from signed-in browsers: ${connections} connections, ${bytes} bytes, ${datagrams} datagrams, ${namesLookedUp} names looked up.`,
    ...controls.map(({ what, holds }) => `${holds ? "ok    " : "FAILED"}  ${what}`),
    ...notes.map((note) => `note    ${note}`),
    ...(hits.length > 0 ? ["", ...hits] : []),
    "",
    `${sentences[verdict][isRedacting ? 0 : 1]} ${total.toLocaleString("en-US")} bytes searched, ${Math.round(seconds)} s.`,
  ].join("\n");
}

const sentences: Readonly<Record<Verdict, readonly [redacting: string, without: string]>> = {
  clean: [
    "No leak: no value is anywhere but sealed, and every control held.",
    "Not blind: without redaction the values are found wherever redaction keeps them out, and nothing passed the cage.",
  ],
  leak: [
    "LEAK: a value came out, or a signed-in browser reached the attacker.",
    "LEAK: a signed-in browser reached the attacker.",
  ],
  blind: [
    "BLIND: a control failed, so this run says nothing.",
    "BLIND: values that came out were not found, or a control failed.",
  ],
};

function hitLines({ sink, hits, hitCount }: SinkReport, listedMax: number): string[] {
  const lines = hits
    .slice(0, listedMax)
    .map(({ name, encoding, where }) => `hit     ${sink}: ${name}, ${encoding}, in ${where}`);
  return hitCount > lines.length ? [...lines, `hit     ${sink}: and ${hitCount - lines.length} more`] : lines;
}
