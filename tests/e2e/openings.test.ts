import { expect, test } from "vitest";
import { tasksAtOnce, witnessOpenings } from "../support/openings-witness.ts";

// `npm run proof` is the long form, of 500 tasks.
const tasks = Number(process.env.PROOF_TASKS ?? 24);

test(`every opening has its row in the log and every row its opening: ${tasks} tasks, workers under kill -9`, async () => {
  const found = await witnessOpenings({
    tasks,
    seed: 20_261_124,
    killEveryMs: tasks > 100 ? 20_000 : 6_000,
    onProgress: (text) => tasks > 100 && process.stderr.write(`${text}\n`),
  });
  const { logged, seen, killed, ends } = found;
  process.stdout.write(
    `${tasks} tasks ${JSON.stringify(ends)}: ${found.kills} kills, ${logged.length} rows, ${seen.length} openings\n`,
  );
  expect(found.kills).toBeGreaterThan(2);
  expect(ends.completed ?? 0, "the control: most tasks did what they were for").toBeGreaterThan(tasks / 2);
  expect(seen.length).toBeGreaterThanOrEqual(tasks - (ends.failed ?? 0));
  expect(without(seen, logged), "openings without a row").toEqual([]);
  expect(found.strange, "private-key operations on what nobody knows").toEqual([]);
  // The row is committed before the worker has the values: one that is killed in between has rows and no openings, its last.
  const unused = without(logged, seen);
  const workers = new Set(logged.map(pidOf));
  const lastRows = [...workers].flatMap((pid) =>
    killed.has(pid) ? logged.filter((line) => pidOf(line) === pid).slice(-2 * tasksAtOnce) : [],
  );
  expect(without(unused, lastRows), "rows without an opening that no kill explains").toEqual([]);
  expect(unused.length).toBeLessThanOrEqual(found.kills);
  expect(found.audit).toMatch(/^The access log is intact: /);
}, 3_900_000);

function pidOf(line: string): string {
  return line.split(" ")[0] ?? "";
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
