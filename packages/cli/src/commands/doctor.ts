import { Command } from "commander";
import { checkDatabase } from "../doctor/check-database.ts";
import { checkKeyring } from "../doctor/check-keyring.ts";
import { checkChromium, checkDisk, checkDisplay, checkNode } from "../doctor/check-machine.ts";
import { checkModel } from "../doctor/check-model.ts";
import type { Finding } from "../doctor/finding.ts";
import { checkout, currentPlaces } from "../installation.ts";

const signs = { ok: "ok      ", warning: "warning ", problem: "PROBLEM " } as const;

/** `stablehand doctor`: what would keep Stablehand from running here, and what to do about it. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("look at Node, Chromium, display, database, keyring, model, clock and disk, and say what to do")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nIt changes nothing. Exit code: 0 there is no problem, 2 there is one.")
    .action(async (options: { json?: true }) => {
      const findings = await examine(process.env);
      const isWell = findings.every(({ state }) => state !== "problem");
      process.stdout.write(
        `${options.json ? JSON.stringify({ ok: isWell, findings }) : findings.map(describe).join("\n")}\n`,
      );
      if (!isWell) process.exitCode = 2;
    });
}

async function examine(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const places = currentPlaces();
  const isRoot = process.getuid?.() === 0;
  const findings = await Promise.all([
    checkNode(process.version),
    checkChromium({ env, isRoot, programDir: checkout, browsersDir: places.browsersDir }),
    checkDisplay(env),
    checkDatabase(env, places),
    checkKeyring(places),
    checkModel(env),
    checkDisk(places.dataDir),
  ]);
  return findings.flat();
}

function describe({ name, state, says, remedy }: Finding): string {
  return `${signs[state]} ${name.padEnd(9)} ${says}${remedy === undefined ? "" : `\n${" ".repeat(20)}${remedy}`}`;
}
