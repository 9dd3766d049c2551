import { describeError, type Logger } from "@stablehand/core/log";
import type { Redactor } from "./redact/redactor.ts";

/**
 * The log of a worker, whose errors, and causes that are logged beside them, are free of the secrets of `runs`: all that
 * are under way.
 *
 * An error of the browser may quote an address, a script or a page. Texts of ours and ids are all else that is logged.
 */
export function logOfWorker(log: Logger, runs: ReadonlySet<Redactor>): Logger {
  const free = <Said>(said: Said): Said => [...runs].reduce((left, redactor) => redactor.deep(left), said);
  return log.child({}, { serializers: { err: (error) => free(describeError(error)), cause: free } });
}

/** Ends the program at an error that nobody caught, as Node does, but says it in `log`: Node would print it as it is. */
export function endWhenUncaught(log: Logger): void {
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "the worker ends: nobody caught this error");
    process.exit(1);
  });
}
