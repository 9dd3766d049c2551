import { runProgram } from "@stablehand/core/program";
import { readConfig } from "./config.ts";
import { createRedactor } from "./redact/redactor.ts";
import { startWorker } from "./start-worker.ts";

await runProgram(() => startWorker(readConfig(process.env), { createRedactor, env: process.env }));
