import { expect, test } from "vitest";
import { parseDuration } from "./parse-duration.ts";

test.each([
  ["30m", 1_800_000],
  ["24h", 86_400_000],
  ["90d", 7_776_000_000],
  ["0h", 0],
  ["3650d", 315_360_000_000],
])("%s is a length of time", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "24", "h", "-1h", "1.5h", "1w", "3651d", "24h ", "999999d"])("%j is none", (text) => {
  expect(parseDuration(text)).toBeNull();
});
