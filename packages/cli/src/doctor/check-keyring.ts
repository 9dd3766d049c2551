import { access, constants } from "node:fs/promises";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import type { Places } from "../places.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

const name = "keyring";

/** Whether the keyring opens with the key file. */
export async function checkKeyring({ vault }: Places): Promise<Finding> {
  for (const file of [vault.keyringFile, vault.keyFile]) {
    const code = await access(file, constants.R_OK).then(
      () => null,
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (code === "ENOENT" && file === vault.keyringFile) return ok(name, "none yet: npm start makes one");
    if (code === "EACCES")
      return warning(name, "this user may not read it", "Run this as root, or as the user who starts the server.");
  }
  try {
    const { keys } = await openKeyring(vault.keyringFile, fileKeyProvider(vault.keyFile));
    return ok(name, `it opens, with ${keys.size} ${keys.size === 1 ? "key" : "keys"}`);
  } catch (error) {
    return problem(
      name,
      error instanceof Error ? error.message : String(error),
      `Put back the backup of ${vault.keyFile} that belongs to ${vault.keyringFile}. Without it nothing that is stored opens.`,
    );
  }
}
