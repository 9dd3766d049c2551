import type { BenchRecord } from "./bench.ts";

/** Reads a number out of a record. Throws when the record has no such place. */
export type Reading = (record: BenchRecord) => number;

/** Reads a figure out of a record, as a text writes it. */
export type Written = (record: BenchRecord) => string;

/** The number in `column` of the table's first row that has these cells. */
export function cell(row: Readonly<Record<string, string | number>>, column: string): Reading {
  return ({ table }) => {
    const found = table.find((one) => Object.entries(row).every(([name, value]) => one[name] === value));
    return numberIn(String(found?.[column]), /.+/, `${JSON.stringify(row)} × ${column}`);
  };
}

/** A number in what was measured for the bar that begins so: the first, or what `pattern` captures. */
export function measured(barStart: string, pattern = /([\d.]+)/): Reading {
  return ({ bars }) =>
    numberIn(bars.find(({ bar }) => bar.startsWith(barStart))?.measured, pattern, `the bar “${barStart}”`);
}

/** A number that `pattern` captures in the record's notes. */
export function noted(pattern: RegExp): Reading {
  return ({ notes }) => numberIn(notes.join("\n"), pattern, `the note ${pattern}`);
}

/** A version that `pattern` captures in the record's notes. */
export function version(pattern: RegExp): Written {
  return ({ notes }) => {
    const [, found] = pattern.exec(notes.join("\n")) ?? [];
    if (found === undefined) throw new Error(`the result has no note ${pattern}: see bench/figures.ts`);
    return found;
  };
}

/** Writes it with this many decimals, and commas between the thousands. */
export function written(reading: Reading, decimals = 0): Written {
  return (record) =>
    reading(record).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function numberIn(text: string | undefined, pattern: RegExp, place: string): number {
  const match = pattern.exec(text ?? "");
  const number = Number(match?.[1] ?? match?.[0] ?? Number.NaN);
  if (Number.isNaN(number)) throw new Error(`the result has no number at ${place}: see bench/figures.ts`);
  return number;
}
