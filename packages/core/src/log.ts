import { type Logger, type LoggerOptions, pino } from "pino";

export type { Logger } from "pino";

/** The levels that `LOG_LEVEL` may name. */
export const logLevels = ["fatal", "error", "warn", "info", "debug", "silent"] as const;

/**
 * A logger that writes one JSON object a line to `to`, or else to stdout.
 *
 * Errors are logged by name, code and stack only: driver errors carry the statement's values in other properties.
 */
export function createLog(
  program: string,
  level: (typeof logLevels)[number],
  to?: { write(line: string): void },
): Logger {
  const options: LoggerOptions = {
    level,
    base: { program, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    redact: {
      paths: ["authorization", "*.authorization", "cookie", "*.cookie", "secret", "*.secret"],
      censor: "[redacted]",
    },
  };
  return to ? pino(options, to) : pino(options);
}

/** What a log may say of an error. */
export function describeError(error: unknown): { name: string; code?: unknown; stack?: string } {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code } = error as { code?: unknown }; // Node's and PostgreSQL's errors have one
  return { name: error.name, ...(code !== undefined && { code }), ...(error.stack && { stack: error.stack }) };
}
