import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type RestoreReport, restoreBackup } from "@stablehand/core/backup/restore-backup";
import { type BackupFiles, writeBackup } from "@stablehand/core/backup/write-backup";
import { readKeyringIds } from "@stablehand/vault/keyring";
import { Command } from "commander";
import { CommandError } from "../command-error.ts";
import { currentDatabaseUrl, currentPlaces, withDatabase } from "../installation.ts";
import { askForResealing } from "../rotation.ts";

interface BackupOptions {
  readonly values?: string;
  readonly keys?: string;
  readonly json?: true;
}

/** `stablehand backup`. */
export function backupCommand(): Command {
  return new Command("backup")
    .description(
      "write the stored values and the keys that open them to two files, as of one moment, while the server runs",
    )
    .option("--values <file>", "businesses, API keys, webhook endpoints, sealed values and the access log")
    .option("--keys <file>", "the end-users' keys: keep these files apart, and for a shorter time")
    .option("--json", "print one JSON object")
    .action(async (options: BackupOptions) => {
      const files = filesOf(options);
      const written = await writeBackup(currentDatabaseUrl(), files);
      const lines = (["values", "keys"] as const).flatMap((part) =>
        files[part] === undefined ? [] : [`  ${part}: ${written.rows[part]} rows in ${files[part]}`],
      );
      print(
        options.json ? JSON.stringify({ ...written, files }) : [`Backup of ${written.takenAt}:`, ...lines].join("\n"),
      );
    });
}

/** `stablehand restore`. */
export function restoreCommand(): Command {
  return new Command("restore")
    .description(
      "put back what is missing from a backup; what is there stays as it is, and what was destroyed stays so",
    )
    .option("--values <file>", "as `backup` wrote it")
    .option("--keys <file>", "as `backup` wrote it; may be newer than the values")
    .option("--json", "print one JSON object")
    .action(async (options: BackupOptions) => {
      const { publicKeyringFile } = currentPlaces().vault;
      const keyringKeyIds = existsSync(publicKeyringFile) ? readKeyringIds(publicKeyringFile) : null;
      const report = await restoreBackup(currentDatabaseUrl(), filesOf(options), keyringKeyIds);
      await withDatabase(askForResealing); // what came back may be sealed to an older key of the keyring
      print(options.json ? JSON.stringify(report) : describe(report));
    });
}

function filesOf({ values, keys }: BackupOptions): BackupFiles {
  if (values === undefined && keys === undefined) throw new CommandError("Name a file with --values, --keys, or both.");
  return {
    ...(values !== undefined && { values: resolve(values) }),
    ...(keys !== undefined && { keys: resolve(keys) }),
  };
}

function describe({ restored, left, destroyedAgain, renamed }: RestoreReport): string {
  const lines: [number, string][] = [
    [restored.businesses, "businesses came back"],
    [restored.apiKeys, "API keys came back: revoke again those that were revoked after the backup"],
    [restored.webhookEndpoints, "webhook endpoints came back"],
    [restored.accessLog, "rows of the access log came back"],
    [restored.endUserKeys, "end-users' keys came back"],
    [restored.values, "values came back"],
    [left.destroyedKeys, "keys did not: they were destroyed since"],
    [left.retiredKeys, "keys did not: they are sealed to a keyring key that is retired"],
    [left.presentKeys, "keys did not: their end-users have one"],
    [left.strangeKeys, "keys did not: their business is not here, restore the values with them"],
    [left.valuesWithoutKey, "values did not: the key that they are sealed to is not here"],
    [left.presentValues, "values did not: their fields are stored"],
    [left.deletedValues, "values did not: they were deleted since"],
    [destroyedAgain, "keys were destroyed again, with their values"],
  ];
  const names = renamed.map(({ from, to }) => `There is another business ${from}: the restored one is called "${to}"`);
  const text = [...lines.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])), ...names];
  return text.join("\n") || "The backup is empty.";
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
