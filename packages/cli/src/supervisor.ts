import { type KeptProgram, keepRunning, type Patience, type ProgramSpec, type ReadyWords } from "./keep-running.ts";

/** Programs that run together. */
export interface Supervised {
  /** What each said when it was ready, in the order given. */
  readonly ready: readonly ReadyWords[];
  /** The processes running now, in the order given; undefined for one that is being started again. */
  pids(): readonly (number | undefined)[];
  /** Resolves after `stop`; rejects when one of them is given up. */
  readonly ended: Promise<void>;
  /** Stops all at once; each gets `timeoutMs` before it is killed. Safe twice. */
  stop(timeoutMs: number): Promise<void>;
}

/**
 * Starts `specs` together and keeps each running (see keep-running.ts). Returns when all are ready.
 *
 * Throws, with everything stopped again, when one is given up before that or `signal` fires.
 */
export async function supervise(
  specs: readonly ProgramSpec[],
  options: { onLine: (line: string) => void; signal: AbortSignal; patience?: Patience },
): Promise<Supervised> {
  const { onLine, signal, patience } = options;
  const kept = specs.map((spec) => keepRunning(spec, { onLine, ...(patience && { patience }) }));
  const ended = Promise.all(kept.map((program) => program.ended)).then(() => {});
  ended.catch(() => {}); // whoever waits for it hears of it; until then it is no unhandled rejection
  const stop = (timeoutMs: number) => stopAll(kept, timeoutMs);
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  try {
    const ready = Promise.all(kept.map((program) => program.firstReady));
    return { ready: await Promise.race([ready, aborted.promise]), pids: () => kept.map(({ pid }) => pid), ended, stop };
  } catch (error) {
    await stop(1_000);
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function stopAll(kept: readonly KeptProgram[], timeoutMs: number): Promise<void> {
  await Promise.all(kept.map((program) => program.stop(timeoutMs)));
}
