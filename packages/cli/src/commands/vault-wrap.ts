import { existsSync } from "node:fs";
import { describeKeyring, makeKeyFile, wrapKeyring } from "@stablehand/vault/custody";
import { Command } from "commander";
import { currentPlaces } from "../installation.ts";
import { openProviderOf } from "../key-provider.ts";

/** Which setting names the key, by provider. */
const keySettings: Readonly<Record<string, string>> = {
  "aws-kms": "AWS_KMS_KEY",
  "aws-kms-rsa": "AWS_KMS_KEY",
  "gcp-kms": "GCP_KMS_KEY",
  "vault-transit": "TRANSIT_KEY",
};

/** `stablehand vault wrap`. */
export function wrapCommand(): Command {
  return new Command("wrap")
    .description(
      "wrap the keyring's private keys anew with KEY_PROVIDER's key: to move to another provider, to another key, or to " +
        "the newest version of a key. Nothing that is stored is re-sealed",
    )
    .option("--from-key <name>", "the key that wraps them now, when it is another of the same provider")
    .option("--json", "print one JSON object")
    .action(async (options: { fromKey?: string; json?: true }) => {
      const places = currentPlaces();
      const { provider: before, keys } = describeKeyring(places.vault.keyringFile);
      const setting = keySettings[before];
      const env = { ...process.env, ...(options.fromKey && setting && { [setting]: options.fromKey }) };
      const from = await openProviderOf(env, places, before);
      if ((process.env.KEY_PROVIDER || "file") === "file" && !existsSync(places.vault.keyFile))
        makeKeyFile(places.vault.keyFile);
      const to = await openProviderOf(process.env, places);
      await wrapKeyring(places.vault, from, to);
      const { keyringFile, keyFile } = places.vault;
      const oldKeyFile = to.name !== "file" && existsSync(keyFile) ? keyFile : null;
      process.stdout.write(
        `${options.json ? JSON.stringify({ from: before, to: to.name, keys: keys.length, keyringFile, oldKeyFile }) : describe()}\n`,
      );

      function describe(): string {
        return [
          `${keys.length} ${keys.length === 1 ? "key is" : "keys are"} wrapped with ${to.name}: ${keyringFile}`,
          `  Copy that file to every worker's machine, and start them with KEY_PROVIDER=${to.name}.`,
          ...(oldKeyFile
            ? [
                `  Once all of them run, destroy ${oldKeyFile}: with a copy of the old keyring it still opens everything.`,
              ]
            : []),
        ].join("\n");
      }
    });
}
