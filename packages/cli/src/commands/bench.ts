import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { CommandError } from "../command-error.ts";
import { checkout } from "../installation.ts";

/** `stablehand bench`: the repository's benches, which no image has; the same as `npm run bench`. */
export function benchCommand(): Command {
  return new Command("bench")
    .description("measure this machine; without a name, list what can be measured")
    .argument("[name]", "what to measure")
    .option("--quick", "a shorter run, for trying it")
    .option("--json", "print one JSON object")
    .action(async (name: string | undefined, options: { quick?: true; json?: true }) => {
      const file = join(checkout, "bench/main.ts");
      if (!existsSync(file)) throw new CommandError(`There are no benches in ${checkout}: they are in the repository.`);
      const flags = [...(options.quick ? ["--quick"] : []), ...(options.json ? ["--json"] : [])];
      const args = ["--conditions=worker", file, ...(name === undefined ? ["--help"] : [name, ...flags])];
      const bench = spawn(process.execPath, args, { stdio: "inherit" });
      const [code] = (await once(bench, "exit")) as [number | null]; // what Node says of a child that ended
      process.exitCode = code ?? 1;
    });
}
