import { expect, test } from "vitest";
import { tableOf } from "./table-of.ts";

test("a list of objects is a table with every column that one of them has", () => {
  expect(tableOf([{ a: 1 }, { b: 2, a: 3 }])).toEqual({ columns: ["a", "b"], rows: [{ a: 1 }, { b: 2, a: 3 }] });
});

test("an object around one list is that list, and any other object is one row", () => {
  expect(tableOf({ posts: [{ a: 1 }] })).toEqual({ columns: ["a"], rows: [{ a: 1 }] });
  expect(tableOf({ a: 1, b: [2] })).toEqual({ columns: ["a", "b"], rows: [{ a: 1, b: [2] }] });
});

test("a list of plain values has one column; what is mixed, empty or very wide is no table", () => {
  expect(tableOf(["x", null])).toEqual({ columns: ["value"], rows: [{ value: "x" }, { value: null }] });
  for (const content of [[], {}, "text", 3, null, undefined, [[1]], [{ a: 1 }, 2]]) expect(tableOf(content)).toBeNull();
  expect(tableOf(Object.fromEntries(Array.from({ length: 13 }, (_, n) => [`c${n}`, n])))).toBeNull();
});
