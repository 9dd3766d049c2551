import { createLog } from "@stablehand/core/log";
import { openEnqueuer } from "@stablehand/core/queue";
import { countByKeyringKey } from "@stablehand/core/store/end-user-keys";
import { countSecretsByKeyringKey } from "@stablehand/core/store/webhook-endpoints";
import { describeKeyring, initVault, rotateKeyring } from "@stablehand/vault/custody";
import { Command } from "commander";
import { sql } from "kysely";
import { prepareDataDir, prepareWorkerDir } from "../data-directory.ts";
import { currentPlaces, withDatabase } from "../installation.ts";
import { openProviderOf, providerForInit } from "../key-provider.ts";
import { ensureSystemUsers } from "../system-users.ts";
import { wrapCommand } from "./vault-wrap.ts";

/** Any two rotations at once would each write a keyring without the other's key: this lock lets one wait. */
const rotationLock = 7_461_001;

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
    .command("status")
    .description("show the keyring's keys, and how many end-users' keys and webhook secrets each one holds")
    .option("--json", "print one JSON object")
    .action(async (options: { json?: true }) => {
      const { provider, keys } = describeKeyring(currentPlaces().vault.keyringFile);
      const counts = await withDatabase(async ({ db }) => ({
        endUsers: await countByKeyringKey(db),
        webhooks: await countSecretsByKeyringKey(db),
      }));
      const rows = keys.map((key) => ({
        ...key,
        endUsers: counts.endUsers.get(key.keyId) ?? 0,
        webhooks: counts.webhooks.get(key.keyId) ?? 0,
      }));
      if (options.json) return print(JSON.stringify({ provider, keys: rows }));
      print(`provider ${provider}`);
      for (const { keyId, createdAt, current, endUsers, webhooks } of rows)
        print(
          `${keyId}  created ${createdAt}  ${endUsers} end-users  ${webhooks} webhooks${current ? "  current" : ""}`,
        );
      const waiting = rows.filter((key) => !key.current).reduce((sum, key) => sum + key.endUsers + key.webhooks, 0);
      print(waiting === 0 ? "nothing waits for re-sealing" : `${waiting} keys and secrets wait for re-sealing`);
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
        const rotated = await database.db.connection().execute(async (connection) => {
          await sql`SELECT pg_advisory_lock(${rotationLock})`.execute(connection);
          try {
            const places = currentPlaces();
            const provider = await openProviderOf(process.env, places);
            return await rotateKeyring(places.vault, provider, options.local ?? false);
          } finally {
            await sql`SELECT pg_advisory_unlock(${rotationLock})`.execute(connection);
          }
        });
        const enqueuer = await openEnqueuer(database, createLog("cli", "silent"));
        await enqueuer.enqueueReseal();
        await enqueuer.close();
        return rotated;
      });
      print(
        options.json
          ? JSON.stringify({ current: keyId })
          : `The current key is now ${keyId}. Older keys still open. Follow the re-sealing with: npm run stablehand -- vault status`,
      );
    });
  vault.addCommand(wrapCommand());
  return vault;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
