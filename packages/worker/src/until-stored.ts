import { setTimeout as pause } from "node:timers/promises";

const triedMs = 25_000; // less than an agent waits for its step to be written down
const pauseMs = 250;

/**
 * Writes, and writes again while the database cannot be reached: for 25 s, or until `signal` says that the lease is lost.
 *
 * Without an answer nobody knows whether a write was stored, so `write` must be one that may be repeated. What the
 * database refuses for good is thrown at once.
 */
export async function untilStored<Result>(signal: AbortSignal, write: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + triedMs;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!mayPass(error) || performance.now() > deadline) throw error;
    }
    await pause(pauseMs, undefined, { signal });
  }
}

/**
 * False for a fault of ours, and for an SQLSTATE, unless it is of a class that says: not now (connection, deadlock,
 * resources, shutdown).
 */
function mayPass(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) return false;
  const code = String((error as { code?: unknown } | null)?.code ?? ""); // pg's errors have one
  return !/^(?!08|40|53|57)\d[\dA-Z]{4}$/.test(code);
}
