import { expect, test } from "vitest";
import { partsOf, wordsOf } from "./css-lists.ts";

test("a list is parted at commas, but not within brackets or quotes", () => {
  expect(partsOf('rgb(0, 0, 0) 0px, "A, b" , url("x,y)z"), ')).toEqual(["rgb(0, 0, 0) 0px", '"A, b"', 'url("x,y)z")']);
});

test("a value is parted at spaces, but not within brackets or quotes", () => {
  expect(wordsOf("rgba(0, 0, 0, 0.2)  0px 'a b' inset")).toEqual(["rgba(0, 0, 0, 0.2)", "0px", "'a b'", "inset"]);
});
