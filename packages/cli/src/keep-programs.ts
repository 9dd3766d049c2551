import { shutdownGraceMsDefault } from "@stablehand/core/program";
import type { ProgramSpec } from "./keep-running.ts";
import type { Run } from "./run-until-stopped.ts";
import { type Supervised, supervise } from "./supervisor.ts";

/** What a program needs to stop beyond the grace of its running tasks; two stop at once. */
const programStopMs = 2_500;

/**
 * Starts programs under supervision and stops them when the run ends: running tasks may go on for `SHUTDOWN_GRACE_MS`,
 * or until a second signal. Returns when all are ready.
 */
export async function keepPrograms(
  specs: readonly ProgramSpec[],
  { signal, log, onStop, onHurry }: Run,
  env: NodeJS.ProcessEnv,
): Promise<Supervised> {
  const programs = await supervise(specs, { onLine: log, signal });
  const graceMs = graceOf(env);
  onHurry(() => void programs.stop(programStopMs));
  onStop(() => programs.stop(graceMs + programStopMs));
  return programs;
}

/** The worker refuses a value that is no number; until it has, the default will do. */
function graceOf(env: NodeJS.ProcessEnv): number {
  const text = env.SHUTDOWN_GRACE_MS;
  return text && /^\d+$/.test(text) ? Number(text) : shutdownGraceMsDefault;
}
