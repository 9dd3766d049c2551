import { expect, test } from "vitest";
import { axisEnd } from "./axis-end.ts";

test("the axis ends at or just above the most, at a number whose half is whole", () => {
  const ends = [0, 1, 4, 5, 10, 11, 39, 41, 100, 1_234].map((most) => [most, axisEnd(most)]);
  expect(ends).toEqual([
    [0, 4],
    [1, 4],
    [4, 4],
    [5, 10],
    [10, 10],
    [11, 20],
    [39, 40],
    [41, 100],
    [100, 100],
    [1_234, 2_000],
  ]);
});
