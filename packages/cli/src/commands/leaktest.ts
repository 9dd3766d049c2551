import { Command } from "commander";
import { CommandError } from "../command-error.ts";
import { checkout } from "../installation.ts";
import { describeReport, exitCodes, judge, type LeaktestReport } from "../leaktest/report.ts";
import { runLeaktest } from "../leaktest/run-leaktest.ts";
import { runUntilStopped } from "../run-until-stopped.ts";

/** `stablehand leaktest`: whether cookies come out of this installation's programs anywhere. */
export function leaktestCommand(): Command {
  return new Command("leaktest")
    .description("try to get cookies out of a server of its own, and search everything that came out (offline, 2 min)")
    .option("--json", "print one JSON object")
    .option("--without-redaction", "with a worker that redacts nothing: the test of the test, which must find values")
    .option("--keep", "leave the data directory behind, and say where")
    .addHelpText(
      "after",
      [
        "",
        "Exit code: 0 no value came out, and every control held; 2 a value came out; 3 a control failed, so the run says",
        "nothing; 1 the test could not be run to its end. With --without-redaction: 0 the values were found wherever only",
        "redaction keeps them out; 3 they were not: the test is blind.",
        "What is tried and how to read the table: docs/leaktest.md.",
      ].join("\n"),
    )
    .action(async (options: { json?: true; withoutRedaction?: true; keep?: true }) => {
      const isRedacting = !options.withoutRedaction;
      let report: LeaktestReport | undefined;
      await runUntilStopped(async (run) => {
        report = await runLeaktest({ env: process.env, checkout, isRedacting, keeps: options.keep ?? false }, run);
      });
      if (!report) throw new CommandError("Stopped before the end: this says nothing.");
      const verdict = judge(report);
      process.stdout.write(
        options.json ? `${JSON.stringify({ verdict, ...report })}\n` : `${describeReport(report)}\n`,
      );
      process.exitCode = exitCodes[verdict];
    });
}
