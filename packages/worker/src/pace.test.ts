import { expect, test } from "vitest";
import { pace } from "./pace.ts";

test("a loop does not run faster than it may", async () => {
  const next = pace(400, new AbortController().signal);
  const startedAt = performance.now();
  for (let round = 0; round < 80; round++) await next();
  expect(performance.now() - startedAt).toBeGreaterThan(80 / 0.4 - 25); // less than one wait too few
});

test("time that was lost is not caught up with", async () => {
  const next = pace(100, new AbortController().signal);
  await next();
  const until = performance.now() + 100;
  while (performance.now() < until);
  const startedAt = performance.now();
  for (let round = 0; round < 10; round++) await next();
  expect(performance.now() - startedAt).toBeGreaterThan(50);
});

test("an abort ends the wait", async () => {
  const stop = new AbortController();
  const next = pace(0.01, stop.signal);
  const waiting = next();
  stop.abort();
  await expect(waiting).rejects.toThrow();
});
