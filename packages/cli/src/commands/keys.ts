import { openDatabase } from "@stablehand/core/database";
import { createLog } from "@stablehand/core/log";
import {
  type ApiKey,
  type CreatedApiKey,
  createApiKey,
  listApiKeys,
  revokeApiKey,
} from "@stablehand/core/store/api-keys";
import { ensureBusiness, hasNoBusiness } from "@stablehand/core/store/businesses";
import { Command } from "commander";
import { CommandError } from "../command-error.ts";
import { existingBusiness } from "../existing-business.ts";
import { withDatabase } from "../installation.ts";

const labelMax = 60;
const firstBusiness = "default";

/** `stablehand keys`: API keys of a business. */
export function keysCommand(): Command {
  const keys = new Command("keys").description("create, list and revoke API keys");
  keys
    .command("create")
    .description("create an API key; the secret is shown once")
    .requiredOption("--business <name>", "whose key; made when there is none of that name")
    .option("--label <text>", `what it is for, up to ${labelMax} characters`)
    .option("--json", "print one JSON object")
    .action(async (options: { business: string; label?: string; json?: true }) => {
      const label = options.label ?? null;
      if (label !== null && [...label].length > labelMax)
        throw new CommandError(`--label is longer than ${labelMax} characters.`);
      if (options.business.trim() === "") throw new CommandError("--business is empty: give the business a name.");
      const key = await withDatabase(async ({ db }) =>
        createApiKey(db, await ensureBusiness(db, options.business), label),
      );
      print(options.json ? JSON.stringify(createdJson(key)) : describeCreated(key, options.business));
    });
  keys
    .command("list")
    .description("list a business's API keys, newest first")
    .requiredOption("--business <name>", "whose keys")
    .option("--json", "print one JSON object")
    .action(async (options: { business: string; json?: true }) => {
      const list = await withDatabase(async ({ db }) => listApiKeys(db, await existingBusiness(db, options.business)));
      print(options.json ? JSON.stringify({ keys: list }) : list.map(describeKey).join("\n") || "no keys");
    });
  keys
    .command("revoke")
    .description("revoke an API key, for good; it is refused from the next request on")
    .argument("<prefix>", "the key's first 16 characters, as `keys list` shows them")
    .requiredOption("--business <name>", "whose key")
    .option("--json", "print one JSON object")
    .action(async (prefix: string, options: { business: string; json?: true }) => {
      const key = await withDatabase(async ({ db }) =>
        revokeApiKey(db, await existingBusiness(db, options.business), prefix),
      );
      if (!key)
        throw new CommandError(
          `${options.business} has no key ${prefix}. See: keys list --business ${options.business}`,
        );
      print(options.json ? JSON.stringify(key) : `revoked ${describeKey(key)}`);
    });
  return keys;
}

/** The secret of a first key on a database that has no business; null when it has one. */
export async function createFirstKey(databaseUrl: string): Promise<string | null> {
  const database = openDatabase(databaseUrl, { program: "cli", connectionsMax: 1, log: createLog("cli", "silent") });
  try {
    if (!(await hasNoBusiness(database.db))) return null;
    const key = await createApiKey(database.db, await ensureBusiness(database.db, firstBusiness), "first key");
    return key.secret;
  } finally {
    await database.close();
  }
}

function createdJson({ businessId, keyId, prefix, secret, label, createdAt }: CreatedApiKey) {
  return { businessId, keyId, prefix, secret, label, createdAt };
}

function describeCreated(key: CreatedApiKey, business: string): string {
  return [
    `API key of ${business} (shown only now):`,
    "",
    `  ${key.secret}`,
    "",
    `Revoke it with: npm run stablehand -- keys revoke ${key.prefix} --business '${business}'`,
  ].join("\n");
}

function describeKey(key: ApiKey): string {
  const used = key.lastUsedAt ? `last used ${key.lastUsedAt.toISOString()}` : "never used";
  const revoked = key.revokedAt ? `  REVOKED ${key.revokedAt.toISOString()}` : "";
  return `${key.prefix}  created ${key.createdAt.toISOString()}  ${used}${revoked}  ${key.label ?? ""}`.trimEnd();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
