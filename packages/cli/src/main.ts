import { migrate } from "@stablehand/core/migrate";
import { Argument, Command } from "commander";
import { CommandError } from "./command-error.ts";
import { accountsCommand } from "./commands/accounts.ts";
import { auditCommand } from "./commands/audit.ts";
import { backupCommand, restoreCommand } from "./commands/backup.ts";
import { benchCommand } from "./commands/bench.ts";
import { credentialsCommand } from "./commands/credentials.ts";
import { designCommand } from "./commands/design.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { createFirstKey, keysCommand } from "./commands/keys.ts";
import { leaktestCommand } from "./commands/leaktest.ts";
import { mcpCommand } from "./commands/mcp.ts";
import { taskCommand } from "./commands/task.ts";
import { vaultCommand } from "./commands/vault.ts";
import { completionScript, shells } from "./completion.ts";
import { createFirstLink } from "./first-link.ts";
import { checkout, currentDatabaseUrl } from "./installation.ts";
import { start } from "./start.ts";
import { startOne } from "./start-one.ts";

const program = new Command("stablehand")
  .description("Self-hosted custody of end-users' session cookies, and real browsers that act with them.")
  .showHelpAfterError("(--help shows what there is)");

program
  .command("start", { isDefault: false })
  .description("run the whole server: database, vault, API and worker")
  .option("--json", "print one JSON line once it runs")
  .action((options: { json?: true }) =>
    start({
      env: process.env,
      cwd: process.cwd(),
      checkout,
      json: options.json ?? false,
      createFirstKey,
      createFirstLink,
    }),
  );
for (const [name, what] of [
  ["api", "run an API alone, on DATABASE_URL; it needs keyring.public.json"],
  ["worker", "run a worker alone, on DATABASE_URL; it needs worker/keyring.json, and worker/vault.key or a KMS"],
] as const)
  program
    .command(name)
    .description(what)
    .option("--json", "print one JSON line once it runs")
    .action((options: { json?: true }) =>
      startOne(name, { env: process.env, cwd: process.cwd(), checkout, json: options.json ?? false }),
    );
program.addCommand(taskCommand());
program.addCommand(credentialsCommand());
program.addCommand(designCommand());
program.addCommand(keysCommand());
program.addCommand(accountsCommand());
program.addCommand(vaultCommand());
program.addCommand(auditCommand());
program.addCommand(backupCommand());
program.addCommand(restoreCommand());
program.addCommand(leaktestCommand());
program.addCommand(benchCommand());
program.addCommand(mcpCommand());
program.addCommand(doctorCommand());
program
  .command("migrate")
  .description("bring the database's schema up to date (npm start does this too)")
  .option("--json", "print one JSON object")
  .action(async (options: { json?: true }) => {
    const result = await migrate(currentDatabaseUrl());
    const text = result.applied.length > 0 ? `applied ${result.applied.join(", ")}` : "the schema is current";
    process.stdout.write(`${options.json ? JSON.stringify(result) : text}\n`);
  });
program
  .command("completion")
  .description("print a script that completes commands in a shell: source <(stablehand completion bash)")
  .addArgument(new Argument("<shell>").choices(shells))
  .action((shell: (typeof shells)[number]) => void process.stdout.write(completionScript(program, shell)));

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
}

/** A sentence for what the user can mend; the stack as well for what only we can. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isForUser =
    error instanceof CommandError ||
    ["KeyringError", "KeyProviderUnavailableError", "BackupError"].includes(error.name);
  return isForUser ? error.message : (error.stack ?? error.message);
}
