import { expect, test } from "vitest";
import { differenceOf } from "./line-difference.ts";

const letters = (text: string) => [...text];

test("the shortest difference is found: the worked example of Myers' paper", () => {
  expect(differenceOf(letters("ABCABBA"), letters("CBABAC"), 10)).toEqual({ removed: [0, 1, 5], added: [1, 5] });
});

test("equal lists differ in nothing, empty ones in everything", () => {
  expect(differenceOf(letters("abc"), letters("abc"), 10)).toEqual({ removed: [], added: [] });
  expect(differenceOf([], letters("ab"), 10)).toEqual({ removed: [], added: [0, 1] });
  expect(differenceOf(letters("ab"), [], 10)).toEqual({ removed: [0, 1], added: [] });
});

test("what was moved is removed in one place and added in the other", () => {
  expect(differenceOf(letters("xabc"), letters("abcx"), 10)).toEqual({ removed: [0], added: [3] });
});

test("removing and adding as told turns any list into any other", () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 300; round += 1) {
    const list = () => Array.from({ length: random(12) }, () => "abc"[random(3)] ?? "");
    const before = list();
    const after = list();
    const difference = differenceOf(before, after, 100);
    const kept = before.filter((_, at) => !difference?.removed.includes(at));
    const rebuilt = after.map((line, at) => (difference?.added.includes(at) ? line : kept.shift()));
    expect(rebuilt).toEqual(after);
    expect(kept).toEqual([]);
  }
});

test("more changes than allowed are no difference at all", () => {
  expect(differenceOf(letters("abcdef"), letters("ghijkl"), 11)).toBeNull();
  expect(differenceOf(letters("abcdef"), letters("ghijkl"), 12)).not.toBeNull();
});
