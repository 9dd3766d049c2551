import { expect, test } from "vitest";
import { openingsFaults } from "../support/openings-faults.ts";
import { witnessOpenings } from "../support/openings-witness.ts";

// `npm run proof` is the long form, of 500 tasks.
const tasks = Number(process.env.PROOF_TASKS ?? 24);

test(`every opening has its row in the log and every row its opening: ${tasks} tasks, workers under kill -9`, async () => {
  const found = await witnessOpenings({
    tasks,
    seed: 20_261_124,
    killEveryMs: tasks > 100 ? 20_000 : 6_000,
    onProgress: (text) => tasks > 100 && process.stderr.write(`${text}\n`),
  });
  const { logged, seen, ends, kills } = found;
  process.stdout.write(
    `${tasks} tasks ${JSON.stringify(ends)}: ${kills} kills, ${logged.length} rows, ${seen.length} openings\n`,
  );
  expect(openingsFaults(found)).toEqual([]);
}, 3_900_000);
