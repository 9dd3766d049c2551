import { describeKeyring, initVault, rotateKeyring } from "@stablehand/vault/custody";
import { Command } from "commander";
import { prepareDataDir, prepareWorkerDir } from "../data-directory.ts";
import { currentPlaces, withDatabase } from "../installation.ts";
import { openProviderOf, providerForInit } from "../key-provider.ts";
import { askForResealing, withRotationLock } from "../rotation.ts";
import { ensureSystemUsers } from "../system-users.ts";
import { newKeyFileCommand, retireCommand } from "./vault-retire.ts";
import { rotateEndUserCommand } from "./vault-rotate-end-user.ts";
import { statusCommand } from "./vault-status.ts";
import { wrapCommand } from "./vault-wrap.ts";

/** `stablehand vault`: the keyring that opens what is stored. */
export function vaultCommand(): Command {
  const vault = new Command("vault").description("the keyring that opens what is stored");
  vault
    .command("init")
    .description(
      "make a keyring where there is none, wrapped with KEY_PROVIDER's key, by default a key file that is made too " +
        "(npm start does this as well); never replaces a key",
    )
    .option("--json", "print one JSON object")
    .action(async (options: { json?: true }) => {
      const places = currentPlaces();
      const isRoot = process.getuid?.() === 0;
      await prepareDataDir(places.dataDir, isRoot);
      await prepareWorkerDir(places, isRoot ? (await ensureSystemUsers()).worker : undefined);
      const state = await initVault(places.vault, providerForInit(process.env, places));
      const { provider } = describeKeyring(places.vault.keyringFile);
      print(
        options.json
          ? JSON.stringify({ state, provider, ...places.vault })
          : [
              state === "created" ? "The vault is made." : "The vault was there already; nothing was replaced.",
              provider === "file"
                ? `  key file (back it up, apart from the database): ${places.vault.keyFile}`
                : `  key provider: ${provider}`,
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
    .option("--local", "with aws-kms-rsa: make a pair that workers unwrap, instead of taking the key of AWS_KMS_KEY")
    .option("--json", "print one JSON object")
    .action(async (options: { json?: true; local?: true }) => {
      const keyId = await withDatabase(async (database) => {
        const places = currentPlaces();
        const rotated = await withRotationLock(database, async () =>
          rotateKeyring(places.vault, await openProviderOf(process.env, places), options.local ?? false),
        );
        await askForResealing(database);
        return rotated;
      });
      print(
        options.json
          ? JSON.stringify({ current: keyId })
          : `The current key is now ${keyId}. Older keys still open. Follow the re-sealing with: npm run stablehand -- vault status --follow`,
      );
    });
  vault.addCommand(wrapCommand());
  vault.addCommand(statusCommand());
  vault.addCommand(rotateEndUserCommand());
  vault.addCommand(retireCommand());
  vault.addCommand(newKeyFileCommand());
  return vault;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
