import { tasksAtOnce, type WitnessedOpenings } from "./openings-witness.ts";

/**
 * What contradicts that openings and the log's rows are the same, one to one; empty when nothing does.
 *
 * A row is committed before its worker has the values, so a worker that is killed in between leaves a row without an opening:
 * among its last rows, and once a kill at most. Every other row has its opening.
 */
export function openingsFaults(found: WitnessedOpenings): string[] {
  const { tasks, kills, logged, seen, strange, killed, ends } = found;
  const unused = without(logged, seen);
  const lastRows = [...killed].flatMap((pid) =>
    logged.filter((line) => line.startsWith(`${pid} `)).slice(-2 * tasksAtOnce),
  );
  const ended = Object.values(ends).reduce((sum, count) => sum + count, 0);
  return [
    ...without(seen, logged).map((line) => `an opening without a row: ${line}`),
    ...strange.map((line) => `an opening of what nobody knows: ${line}`),
    ...without(unused, lastRows).map((line) => `a row without an opening, which no kill explains: ${line}`),
    ...(unused.length > kills ? [`${unused.length} rows without an opening, in ${kills} kills`] : []),
    ...(kills > 2 ? [] : [`only ${kills} workers were killed`]),
    ...(ended === tasks ? [] : [`${ended} of ${tasks} tasks have ended`]),
    ...((ends.completed ?? 0) > tasks / 2 ? [] : [`only ${ends.completed ?? 0} of ${tasks} tasks completed`]),
    ...(seen.length >= tasks - (ends.failed ?? 0) ? [] : [`only ${seen.length} openings were seen`]),
    ...(found.audit.startsWith("The access log is intact: ") ? [] : [found.audit]),
  ];
}

/** Those of `lines` that `others` does not have as often. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
