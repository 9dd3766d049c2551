import { expect, test } from "vitest";
import { pauseSecondsOf, retryDelaySeconds } from "./retry-schedule.ts";

test("each wait is longer than the one before, up to eight hours", () => {
  const waits = Array.from({ length: 12 }, (_, index) => retryDelaySeconds(index + 1));
  expect(waits.slice(0, 9)).toEqual([5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800]);
  expect(waits.slice(9)).toEqual([28_800, 28_800, 28_800]);
});

const now = new Date("2026-11-24T09:00:00Z");

test.each([
  [429, "120", 120],
  [503, "Tue, 24 Nov 2026 09:02:00 GMT", 120],
  [429, "999999999", 3_600],
  [503, "Tue, 24 Nov 2037 09:02:00 GMT", 3_600],
  [429, undefined, null],
  [429, "0", null],
  [429, "-5", null],
  [429, "soon", null],
  [503, "Tue, 24 Nov 2026 08:00:00 GMT", null],
  [500, "120", null],
])("an answer %i with retry-after %j pauses the endpoint for %j seconds", (status, header, seconds) => {
  expect(pauseSecondsOf(status, header, now)).toBe(seconds);
});
