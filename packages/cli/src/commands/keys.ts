import { endUserIdMax, type Scope, scopes } from "@stablehand/contract";
import { openDatabase } from "@stablehand/core/database";
import { createLog } from "@stablehand/core/log";
import {
  type ApiKey,
  type CreatedApiKey,
  createApiKey,
  listApiKeys,
  type Narrowing,
  revokeApiKey,
  rotateApiKey,
} from "@stablehand/core/store/api-keys";
import { ensureBusiness, hasNoBusiness } from "@stablehand/core/store/businesses";
import { Command, Option } from "commander";
import { CommandError } from "../command-error.ts";
import { existingBusiness } from "../existing-business.ts";
import { withDatabase } from "../installation.ts";
import { parseDuration } from "../parse-duration.ts";

const labelMax = 60;
const firstBusiness = "default";

/** `stablehand keys`: API keys of a business. */
export function keysCommand(): Command {
  const keys = new Command("keys").description("create, list, rotate and revoke API keys");
  keys
    .command("create")
    .description("create an API key; the secret is shown once")
    .requiredOption("--business <name>", "whose key; made when there is none of that name")
    .option("--label <text>", `what it is for, up to ${labelMax} characters`)
    .addOption(
      new Option("--scope <scope...>", "what it may do; may be given several times; without, everything").choices(
        scopes,
      ),
    )
    .option("--end-user-prefix <text>", "only for end-users whose id begins with this")
    .option("--expires <when>", "a length of time from now (90d, 24h, 30m) or a date (2027-01-31, in UTC)")
    .option("--json", "print one JSON object")
    .action(async (options: CreateOptions) => {
      const label = options.label ?? null;
      if (label !== null && [...label].length > labelMax)
        throw new CommandError(`--label is longer than ${labelMax} characters.`);
      if (options.business.trim() === "") throw new CommandError("--business is empty: give the business a name.");
      const narrowing = readNarrowing(options);
      const key = await withDatabase(async ({ db }) =>
        createApiKey(db, await ensureBusiness(db, options.business), label, narrowing),
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
    .command("rotate")
    .description("make a key that may do the same as another, which then counts no longer than the grace period")
    .argument("<prefix>", "the key's first 16 characters, as `keys list` shows them")
    .requiredOption("--business <name>", "whose key")
    .requiredOption("--grace <time>", "how long the old key goes on: 24h, 30m, 7d; 0h ends it now")
    .option("--expires <when>", "when the new key expires; without, when the old one would have")
    .option("--json", "print one JSON object")
    .action(async (prefix: string, options: RotateOptions) => {
      const graceMs = parseDuration(options.grace);
      if (graceMs === null)
        throw new CommandError(`--grace is ${options.grace}: give a length of time such as 24h, 30m or 7d.`);
      const expiresAt = options.expires === undefined ? undefined : readExpiry(options.expires);
      const rotation = await withDatabase(async ({ db }) =>
        rotateApiKey(db, await existingBusiness(db, options.business), prefix, { graceMs, expiresAt }),
      );
      if (rotation.outcome === "unknown") throw unknownKey(options.business, prefix);
      if (rotation.outcome === "ended")
        throw new CommandError(`${prefix} was revoked, has expired, or was replaced before: create a new key.`);
      const { created, old } = rotation;
      print(
        options.json
          ? JSON.stringify({ ...createdJson(created), replaces: old })
          : `${describeCreated(created, options.business)}\n\nIt replaces ${describeKey(old)}`,
      );
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
      if (!key) throw unknownKey(options.business, prefix);
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

interface CreateOptions {
  readonly business: string;
  readonly label?: string;
  readonly scope?: readonly Scope[];
  readonly endUserPrefix?: string;
  readonly expires?: string;
  readonly json?: true;
}

interface RotateOptions {
  readonly business: string;
  readonly grace: string;
  readonly expires?: string;
  readonly json?: true;
}

function readNarrowing({ scope, endUserPrefix, expires }: CreateOptions): Narrowing {
  if (endUserPrefix !== undefined && (endUserPrefix === "" || [...endUserPrefix].length > endUserIdMax))
    throw new CommandError(`--end-user-prefix must have 1 to ${endUserIdMax} characters.`);
  return {
    ...(scope && { scopes: [...new Set(scope)] }),
    ...(endUserPrefix !== undefined && { endUserPrefix }),
    ...(expires !== undefined && { expiresAt: readExpiry(expires) }),
  };
}

function readExpiry(text: string): Date {
  const ms = parseDuration(text);
  const isDate = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text);
  const at = ms === null ? new Date(isDate ? text : Number.NaN) : new Date(Date.now() + ms);
  if (Number.isNaN(at.getTime()))
    throw new CommandError(`--expires is ${text}: give a length of time such as 90d, or a date such as 2027-01-31.`);
  if (at.getTime() <= Date.now()) throw new CommandError(`--expires is ${text}, which is over already.`);
  return at;
}

function unknownKey(business: string, prefix: string): CommandError {
  return new CommandError(`${business} has no key ${prefix}. See: keys list --business ${business}`);
}

function createdJson({ lastUsedAt: _, revokedAt: __, ...key }: CreatedApiKey) {
  return key;
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
  const limits = [
    ...(key.scopes ? [`only ${key.scopes.join(", ")}`] : []),
    ...(key.endUserPrefix ? [`end-users ${JSON.stringify(key.endUserPrefix)}…`] : []),
    ...(key.expiresAt ? [`${key.expiresAt > new Date() ? "expires" : "EXPIRED"} ${key.expiresAt.toISOString()}`] : []),
    ...(key.replacedBy ? [`replaced by ${key.replacedBy}`] : []),
  ].map((limit) => `  ${limit}`);
  return `${key.prefix}  created ${key.createdAt.toISOString()}  ${used}${revoked}${limits.join("")}  ${key.label ?? ""}`.trimEnd();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
