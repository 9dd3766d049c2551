import { ConfigError, exitCodeConfig } from "./env.ts";

/** A program that is up: what its supervisor is told, and how it is ended. */
export interface RunningProgram {
  readonly ready: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The message that a program sends to its supervisor once it is up. */
export type ReadyMessage = { readonly type: "ready" } & Readonly<Record<string, string>>;

const stopMsMax = 2_400; // less than its supervisor grants

/**
 * Runs a program from start to exit.
 *
 * It stops once, on SIGTERM, SIGINT, or when its supervisor is gone (its IPC channel closes, however the supervisor
 * died), and within 2.4 s. Exit code 0 after a stop, 78 when the configuration was refused, 1 for everything else.
 */
export async function runProgram(start: () => Promise<RunningProgram>): Promise<void> {
  const stopAsked = new Promise<string>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve(signal));
    process.on("disconnect", () => resolve("disconnect"));
  });
  try {
    const program = await start();
    process.send?.({ type: "ready", ...program.ready } satisfies ReadyMessage);
    await stopAsked;
    setTimeout(() => process.exit(1), stopMsMax).unref();
    await program.stop();
    process.exit(0);
  } catch (error) {
    const refused = error instanceof ConfigError || (error instanceof Error && error.name === "KeyringError");
    process.stderr.write(`${refused ? (error as Error).message : describe(error)}\n`);
    process.exit(refused ? exitCodeConfig : 1);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
