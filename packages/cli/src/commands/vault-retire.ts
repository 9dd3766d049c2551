import { retireKeyringKey } from "@stablehand/core/store/keyring-retirement";
import { describeKeyring, replaceKeyFile, retireFromKeyring } from "@stablehand/vault/custody";
import { Command } from "commander";
import { CommandError } from "../command-error.ts";
import { currentPlaces, withDatabase } from "../installation.ts";
import { withRotationLock } from "../rotation.ts";

/** `stablehand vault retire`. */
export function retireCommand(): Command {
  return new Command("retire")
    .description(
      "remove keys of the keyring that nothing is sealed to any more; what was sealed to them never opens again",
    )
    .argument("[keyIds...]", "which, as `vault status` shows them")
    .option("--unused", "all but the current one, up to the first that something still needs")
    .option("--json", "print one JSON object")
    .action(async (named: string[], options: { unused?: true; json?: true }) => {
      if (named.length > 0 === (options.unused ?? false))
        throw new CommandError("Name the keys to retire, as `vault status` shows them, or say --unused.");
      const { vault } = currentPlaces();
      const retired = await withDatabase((database) =>
        withRotationLock(database, async () => {
          const { keys } = describeKeyring(vault.keyringFile);
          const current = keys.find((key) => key.current)?.keyId;
          const keyIds = options.unused ? keys.map(({ keyId }) => keyId).filter((keyId) => keyId !== current) : named;
          for (const keyId of keyIds) {
            if (!/^[0-9a-f]{16}$/.test(keyId)) throw new CommandError(`${keyId} is no key id: see \`vault status\`.`);
            if (keyId === current)
              throw new CommandError(`${keyId} is the current key: make another with \`vault rotate\` first.`);
            const outcome = await retireKeyringKey(database.db, Buffer.from(keyId, "hex"));
            if (outcome !== "retired")
              throw new CommandError(
                `${keyId} still holds the keys of ${outcome.endUsers} end-users and ${outcome.webhooks} webhook secrets: ` +
                  "wait until they are re-sealed (vault status --follow).",
              );
            retireFromKeyring(vault, keyId);
          }
          return keyIds;
        }),
      );
      process.stdout.write(
        `${options.json ? JSON.stringify({ retired }) : retired.map((keyId) => `retired ${keyId}`).join("\n") || "nothing to retire"}\n`,
      );
    });
}

/** `stablehand vault new-key-file`. */
export function newKeyFileCommand(): Command {
  return new Command("new-key-file")
    .description(
      "wrap the keyring with a new key file and destroy the old one; copies of the old one are then worthless",
    )
    .option("--json", "print one JSON object")
    .action(async (options: { json?: true }) => {
      const { vault } = currentPlaces();
      await withDatabase((database) => withRotationLock(database, () => replaceKeyFile(vault)));
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ keyFile: vault.keyFile })}\n`
          : `The keyring is wrapped with a new key: back up ${vault.keyFile} and ${vault.keyringFile}, and copy both to other workers' machines.\n`,
      );
    });
}
