import { expect, test } from "vitest";
import type { BenchRecord } from "./bench.ts";
import { cite, compareCitations, withFigures } from "./citations.ts";
import { cell, measured, noted, type Reading, version, written } from "./readings.ts";

const record: BenchRecord = {
  title: "Speed",
  table: [
    { what: "ours", ms: 1234.5, share: 0.967 },
    { what: "peer", ms: 2 },
  ],
  bars: [{ bar: "share ≥ 0.5", measured: "0.97, 1203 of 5000", met: true }],
  notes: ["Peer 1.2.3 was installed.", "7 calls"],
  quick: false,
  at: "2026-11-24T00:00:00.000Z",
  commit: "abc1234",
  node: "v24",
  cpu: "2 × any",
  memoryGiB: 1,
};
const ms = written(cell({ what: "ours" }, "ms"));
const share = written(cell({ what: "ours" }, "share"), 2);
const citation = cite("speed")`| takes | ${ms} ms (${share} ×) |`;
const right = "Before\n| takes | 1,235 ms (0.97 ×) |\nafter 1 ms";
const compare = (text: string, known: BenchRecord | null = record) =>
  compareCitations(
    [citation],
    () => text,
    () => known,
  );

test("a text whose figures are the result's, as it rounds them, is right", () => {
  expect(compare(right)).toEqual([]);
});

test.each([
  [
    "| takes | 1,236 ms (0.97 ×) |",
    "README.md says “| takes | 1,236 ms (0.97 ×) |”, and speed.json says “| takes | 1,235 ms (0.97 ×) |”",
  ],
  ["| takes | 1,235 ms (0.9 ×) |", "README.md says “| takes | 1,235 ms (0.9 ×) |”"],
  ["| takes | 1,235 ms |", "README.md does not say “| takes | … ms (… ×) |”"],
])("a text that says %s is told what it says and what the result says", (text, message) => {
  expect(compare(text)).toEqual([expect.stringContaining(message)]);
});

test("a figure without a result is told", () => {
  expect(compare(right, null)).toEqual([expect.stringContaining("cites the bench speed, which has no result")]);
});

test("figures are written into their places, and nothing else is touched", () => {
  const old = right.replace("1,235", "99").replace("0.97", "12.5");
  expect(withFigures(old, [citation], () => record)).toBe(right);
  expect(withFigures(old, [citation], () => null)).toBe(old);
  expect(withFigures("no such line 1", [citation], () => record)).toBe("no such line 1");
});

test("numbers are found in cells, bars and notes", () => {
  expect(measured("share")(record)).toBe(0.97);
  expect(measured("share", /of (\d+)/)(record)).toBe(5000);
  expect(noted(/(\d+) calls/)(record)).toBe(7);
  expect(version(/Peer ([\d.]+\d)/)(record)).toBe("1.2.3");
});

test.each<[string, Reading]>([
  ["a row", cell({ what: "none" }, "ms")],
  ["a column", cell({ what: "peer" }, "share")],
  ["a bar", measured("nothing")],
  ["a number in a bar", measured("share", /(\d+) apples/)],
  ["a note", noted(/(\d+) pears/)],
])("%s that the result does not have is an error, not a figure", (_name, reading) => {
  expect(() => reading(record)).toThrow("the result has no number at");
  expect(() => version(/Pear ([\d.]+)/)(record)).toThrow("the result has no note");
});
