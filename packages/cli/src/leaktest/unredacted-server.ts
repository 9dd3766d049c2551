import { createFirstKey } from "../commands/keys.ts";
import { checkout } from "../installation.ts";
import { start } from "../start.ts";

// `stablehand start --json` with a worker whose redactor redacts nothing, for `stablehand leaktest --without-redaction`.

try {
  await start({
    env: process.env,
    cwd: process.cwd(),
    checkout,
    json: true,
    createFirstKey,
    createFirstLink: async () => null,
    workerEntry: "leaktest/unredacted-worker.ts",
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
