import { runProgram } from "@stablehand/core/program";
import { readConfig } from "../config.ts";
import type { Redactor } from "../redact/redactor.ts";
import { startWorker } from "../start-worker.ts";
import { refuseElsewhere } from "./refuse-elsewhere.ts";

// A worker whose redactor redacts nothing, so that a leaktest can see that it sees. No other program leads here
// (tests/architecture/leaktest.test.ts), and it runs nowhere else.

const createBlindRedactor = (): Redactor => ({
  add: () => undefined,
  text: (text) => text.toWellFormed().replaceAll("\0", "\ufffd"),
  deep: (value) => value,
  hits: 0,
});

await runProgram(async () => {
  const config = readConfig(process.env);
  refuseElsewhere(config);
  return startWorker(config, { createRedactor: createBlindRedactor, env: process.env });
});
