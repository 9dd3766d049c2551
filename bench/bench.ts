/** What one bench gives: a table for people, and the same as data. */
export interface BenchResult {
  readonly title: string;
  readonly table: readonly Readonly<Record<string, string | number>>[];
  /** The bars, and whether this run met them. */
  readonly bars: readonly { readonly bar: string; readonly measured: string; readonly met: boolean }[];
  readonly notes: readonly string[];
}

/** A bench, and what it measures. */
export interface Bench {
  readonly what: string;
  /** What a full run takes on two cores, until there is a result that says it better. */
  readonly minutes: number;
  /** Its own file, and each program and script that it starts; what these import is measured with them. */
  readonly entries: readonly string[];
  run(options: { readonly quick: boolean }): Promise<BenchResult>;
}

/** Benches by name, in the order in which all are run. */
export type Benches = Readonly<Record<string, Bench>>;

/** A result as bench/results/NAME.json keeps it. */
export interface BenchRecord extends BenchResult {
  readonly quick: boolean;
  readonly at: string;
  readonly commit: string;
  /** The hash of what was measured, `codeOf`; older records have none. */
  readonly code?: string;
  readonly minutes?: number;
  readonly node: string;
  readonly cpu: string;
  readonly memoryGiB: number;
}

/** `unhashed`: of before results had a hash, so whether its code has changed cannot be told. Shown as stale. */
export type BenchState = "fresh" | "stale" | "unhashed" | "missing";

/** What a result is worth, beside the code as it is now. */
export function stateOf(record: BenchRecord | null, code: string): BenchState {
  if (!record) return "missing";
  if (record.code === undefined) return "unhashed";
  return record.code === code ? "fresh" : "stale";
}
