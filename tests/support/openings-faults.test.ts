import { expect, test } from "vitest";
import { openingsFaults } from "./openings-faults.ts";
import type { WitnessedOpenings } from "./openings-witness.ts";

/** Ten tasks by worker 1, which was killed, and ten by worker 2, which was not. */
const lines = Array.from({ length: 20 }, (_, n) => `${n < 10 ? 1 : 2} user-${n}`);
const right: WitnessedOpenings = {
  tasks: 20,
  kills: 3,
  ends: { completed: 18, failed: 2 },
  logged: lines,
  seen: lines,
  strange: [],
  killed: new Set(["1", "8", "9"]),
  audit: "The access log is intact: 40 rows of 1 businesses.",
};
const but = (at: number) => lines.filter((_, n) => n !== at);

test("openings and rows that are the same are right, in any order, as is a row of a worker that was killed before it opened", () => {
  expect(openingsFaults(right)).toEqual([]);
  expect(openingsFaults({ ...right, seen: lines.toReversed() })).toEqual([]);
  expect(openingsFaults({ ...right, seen: but(9) })).toEqual([]);
});

test.each<[string, Partial<WitnessedOpenings>, string]>([
  ["an opening without a row", { logged: but(4) }, "an opening without a row: 1 user-4"],
  [
    "an opening that was made twice for one row",
    { seen: [...lines, "2 user-12"] },
    "an opening without a row: 2 user-12",
  ],
  [
    "an opening by another worker than the row's",
    { seen: ["2 user-0", ...but(0)] },
    "an opening without a row: 2 user-0",
  ],
  ["a row of a living worker without an opening", { seen: but(19) }, "which no kill explains: 2 user-19"],
  [
    "a row without an opening in the midst of a killed worker's life",
    { seen: but(2) },
    "which no kill explains: 1 user-2",
  ],
  [
    "more rows without an opening than kills",
    { kills: 3, seen: lines.filter((_, n) => n < 6 || n > 9) },
    "4 rows without an opening, in 3 kills",
  ],
  ["an opening of something that is not stored", { strange: ["1 abcd"] }, "what nobody knows: 1 abcd"],
  ["workers that were hardly killed", { kills: 2 }, "only 2 workers were killed"],
  ["tasks that have not ended", { ends: { completed: 18 } }, "18 of 20 tasks have ended"],
  ["nothing done", { ends: { failed: 20 }, logged: [], seen: [] }, "only 0 of 20 tasks completed"],
  ["openings that nobody saw", { logged: [], seen: [] }, "only 0 openings were seen"],
  ["a broken log", { audit: "acme: row 3 was dropped" }, "row 3 was dropped"],
])("%s is a fault", (_name, change, fault) => {
  expect(openingsFaults({ ...right, ...change }).join("\n")).toContain(fault);
});
