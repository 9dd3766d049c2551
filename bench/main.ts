import { checkout } from "../tests/support/checkout.ts";
import { runBenchProgram } from "./bench-program.ts";
import { benches } from "./benches.ts";
import { citations, figures } from "./figures.ts";

process.exitCode = await runBenchProgram(
  { root: checkout, script: import.meta.filename, benches, figures, citations },
  process.argv.slice(2),
);
