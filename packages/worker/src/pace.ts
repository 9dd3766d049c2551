import { setTimeout as wait } from "node:timers/promises";

/** Less than this is not waited for, but made up for by a longer wait later: timers are not more exact. */
const shortestWaitMs = 20;

/**
 * Holds a loop to `perSecond` rounds: call what it returns once a round.
 *
 * Time lost, as to a slow database, is not caught up with. Rejects when `signal` is aborted.
 */
export function pace(perSecond: number, signal: AbortSignal): () => Promise<void> {
  let due = performance.now();
  return async () => {
    const now = performance.now();
    due = Math.max(due, now - shortestWaitMs) + 1_000 / perSecond;
    signal.throwIfAborted();
    if (due - now >= shortestWaitMs) await wait(due - now, undefined, { signal });
  };
}
