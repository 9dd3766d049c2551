import { ConfigError, exitCodeConfig } from "./env.ts";

/** A program that is up: what its supervisor is told, and how it is ended. */
export interface RunningProgram {
  readonly ready: Readonly<Record<string, string>>;
  /** How long work under way may go on after the program was asked to stop; 0 by default. */
  readonly graceMs?: number;
  /** Takes nothing new at once; what is still under way when `graceOver` is aborted has to end then. */
  stop(graceOver: AbortSignal): Promise<void>;
}

/** The message that a program sends to its supervisor once it is up. */
export type ReadyMessage = { readonly type: "ready" } & Readonly<Record<string, string>>;

/** How long a worker lets running tasks go on by default, when it is asked to stop. */
export const shutdownGraceMsDefault = 20_000;

const stopMsMax = 2_400; // less than its supervisor grants

/**
 * Runs a program from start to exit.
 *
 * It stops once: on SIGTERM or SIGINT with its grace, which a second signal ends, and without grace when its supervisor
 * is gone (its IPC channel closes, however the supervisor died). Within 2.4 s after the grace it exits, stopped or not.
 * Exit code 0 after a stop, 78 when the configuration was refused, 1 for everything else.
 */
export async function runProgram(start: () => Promise<RunningProgram>): Promise<void> {
  const stopAsked = Promise.withResolvers<void>();
  const graceOver = new AbortController();
  let signals = 0;
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      stopAsked.resolve();
      if (++signals > 1) graceOver.abort();
    });
  process.on("disconnect", () => {
    graceOver.abort();
    stopAsked.resolve();
  });
  try {
    const program = await start();
    process.send?.({ type: "ready", ...program.ready } satisfies ReadyMessage);
    await stopAsked.promise;
    const exitSoon = () => setTimeout(() => process.exit(1), stopMsMax).unref();
    graceOver.signal.addEventListener("abort", exitSoon);
    if (graceOver.signal.aborted) exitSoon();
    setTimeout(() => graceOver.abort(), program.graceMs ?? 0).unref();
    await program.stop(graceOver.signal);
    process.exit(0);
  } catch (error) {
    const refused = error instanceof ConfigError || (error instanceof Error && error.name === "KeyringError");
    const mayPass = error instanceof Error && error.name === "KeyProviderUnavailableError";
    process.stderr.write(`${refused || mayPass ? (error as Error).message : describe(error)}\n`);
    process.exit(refused ? exitCodeConfig : 1);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
