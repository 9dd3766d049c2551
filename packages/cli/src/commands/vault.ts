import { initVault, rotateKeyring } from "@stablehand/vault/custody";
import { Command } from "commander";
import { prepareDataDir, prepareWorkerDir } from "../data-directory.ts";
import { currentPlaces, withDatabase } from "../installation.ts";
import { askForResealing, withRotationLock } from "../rotation.ts";
import { ensureSystemUsers } from "../system-users.ts";
import { newKeyFileCommand, retireCommand } from "./vault-retire.ts";
import { rotateEndUserCommand } from "./vault-rotate-end-user.ts";
import { statusCommand } from "./vault-status.ts";

/** `stablehand vault`: the keyring that opens what is stored. */
export function vaultCommand(): Command {
  const vault = new Command("vault").description("the keyring that opens what is stored");
  vault
    .command("init")
    .description("make key file and keyring where there are none (npm start does this too); never replaces a key")
    .option("--json", "print one JSON object")
    .action(async (options: { json?: true }) => {
      const places = currentPlaces();
      const isRoot = process.getuid?.() === 0;
      await prepareDataDir(places.dataDir, isRoot);
      await prepareWorkerDir(places, isRoot ? (await ensureSystemUsers()).worker : undefined);
      const state = await initVault(places.vault);
      print(
        options.json
          ? JSON.stringify({ state, ...places.vault })
          : [
              state === "created" ? "The vault is made." : "The vault was there already; nothing was replaced.",
              `  key file (back it up, apart from the database): ${places.vault.keyFile}`,
              `  keyring: ${places.vault.keyringFile}`,
              `  public keyring, all that the API gets: ${places.vault.publicKeyringFile}`,
            ].join("\n"),
      );
    });
  vault
    .command("rotate")
    .description(
      "make a new current key; workers then re-seal the end-users' keys and webhook secrets to it, in the background",
    )
    .option("--json", "print one JSON object")
    .action(async (options: { json?: true }) => {
      const keyId = await withDatabase(async (database) => {
        const rotated = await withRotationLock(database, () => rotateKeyring(currentPlaces().vault));
        await askForResealing(database);
        return rotated;
      });
      print(
        options.json
          ? JSON.stringify({ current: keyId })
          : `The current key is now ${keyId}. Older keys still open. Follow the re-sealing with: npm run stablehand -- vault status --follow`,
      );
    });
  vault.addCommand(statusCommand());
  vault.addCommand(rotateEndUserCommand());
  vault.addCommand(retireCommand());
  vault.addCommand(newKeyFileCommand());
  return vault;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
