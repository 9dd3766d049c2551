/** What a long-running command works with. */
export interface Run {
  /** Aborted once the command is asked to stop. */
  readonly signal: AbortSignal;
  /** Writes progress to standard error. */
  log(line: string): void;
  /** Says how to undo what was just done; undone in reverse order at the end, however it ends. */
  onStop(stop: () => Promise<void> | void): void;
  /** Called at the second signal, and each one after it: what is waited for is to end now. */
  onHurry(hurry: () => void): void;
}

/**
 * Runs `work` until it ends or SIGINT or SIGTERM asks for a stop, then undoes everything it did.
 *
 * Resolves after a clean stop that was asked for; rejects, with everything stopped, when something failed.
 */
export async function runUntilStopped(work: (run: Run) => Promise<void>): Promise<void> {
  const stopAsked = new AbortController();
  const stops: (() => Promise<void> | void)[] = [];
  const hurries: (() => void)[] = [];
  const onSignal = (): void => {
    if (stopAsked.signal.aborted) for (const hurry of hurries) hurry();
    stopAsked.abort(new Error("asked to stop"));
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, onSignal);
  // Whoever read our output may be gone; that is no reason to leave the programs behind.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const { signal } = stopAsked;
  try {
    await work({
      signal,
      log: (line) => void process.stderr.write(`${line}\n`),
      onStop: (stop) => void stops.push(stop),
      onHurry: (hurry) => void hurries.push(hurry),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stopAsked.abort(new Error("stopping"));
    for (const stop of stops.reverse()) await stop();
    for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, onSignal);
  }
}

/** Resolves once `signal` is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
