import { expect, test } from "vitest";
import { TooLateError, within } from "./within.ts";

const never = new Promise<never>(() => undefined);

test("an outcome in time is the outcome, good or bad", async () => {
  const { signal } = new AbortController();
  expect(await within(Promise.resolve(1), 1_000, signal)).toBe(1);
  await expect(within(Promise.reject(new Error("no")), 1_000, signal)).rejects.toThrow("no");
});

test("what is too late is a TooLateError, and what is stopped has the signal's reason", async () => {
  const abort = new AbortController();
  await expect(within(never, 1, abort.signal)).rejects.toThrow(TooLateError);
  const waiting = within(never, 10_000, abort.signal);
  abort.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  await expect(within(never, 10_000, abort.signal)).rejects.toThrow("stopped");
});
