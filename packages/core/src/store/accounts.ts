import { createHash, randomBytes, randomUUID } from "node:crypto";
import { type Generated, sql } from "kysely";
import type { Pool } from "pg";
import { type Db, type Prepared, runPrepared } from "../database.ts";
import { type BusinessId, newId } from "../ids.ts";

/** The tables of accounts that are ours to read and write; the rest of their columns is the sign-in library's. */
export interface AccountTables {
  accounts: { id: string; business_id: BusinessId; email: string; name: string; created_at: Generated<Date> };
  account_sessions: { id: string; account_id: string; expires_at: Date; updated_at: Generated<Date> };
  account_verifications: { id: string; identifier: string; value: string; expires_at: Date };
  account_token_keys: { id: string; public_key: string; expires_at: Date | null };
  account_setup_links: { business_id: BusinessId; token_hash: Buffer; expires_at: Date };
  sign_in_attempts: { key: string; count: number; ends_at: Date };
}

/** How long a set-up link and a link to a new password are good, in milliseconds. */
export const linkLifetimeMs = { setup: 24 * 3_600_000, reset: 3_600_000 } as const;

/** An account, as its operator sees it. */
export interface Account {
  readonly accountId: string;
  readonly email: string;
  readonly businessId: BusinessId;
  readonly business: string;
  readonly createdAt: Date;
  /** Sessions that last. */
  readonly sessions: number;
}

/** All accounts, the oldest first. */
export async function listAccounts(db: Db): Promise<Account[]> {
  const rows = await db
    .selectFrom("accounts")
    .innerJoin("businesses", "businesses.business_id", "accounts.business_id")
    .select(["accounts.id", "accounts.email", "accounts.business_id", "businesses.name", "accounts.created_at"])
    .select(({ selectFrom }) =>
      selectFrom("account_sessions")
        .select(sql<number>`count(*)::integer`.as("count"))
        .whereRef("account_id", "=", "accounts.id")
        .where("expires_at", ">", sql<Date>`now()`)
        .as("sessions"),
    )
    .orderBy("accounts.created_at")
    .execute();
  return rows.map((row) => ({
    accountId: row.id,
    email: row.email,
    businessId: row.business_id,
    business: row.name,
    createdAt: row.created_at,
    sessions: row.sessions ?? 0,
  }));
}

/** True as long as nobody can sign in. */
export async function hasNoAccount(db: Db): Promise<boolean> {
  return (await db.selectFrom("accounts").select("id").limit(1).executeTakeFirst()) === undefined;
}

const findLasting: Prepared = {
  name: "find-account-sessions",
  text: `SELECT session.id, account_id, business_id
           FROM account_sessions AS session JOIN accounts ON accounts.id = account_id
          WHERE session.id = ANY ($1::text[]) AND expires_at > now()`,
};

/** Whose session it is. */
export interface AccountOfSession {
  readonly accountId: string;
  readonly businessId: BusinessId;
}

/** Looks sessions up, in one statement; null where one has ended. Answers in the order asked. */
export async function findAccountSessions(pool: Pool, ids: readonly string[]): Promise<(AccountOfSession | null)[]> {
  const rows = await runPrepared<{ id: string; account_id: string; business_id: BusinessId }>(pool, findLasting, [
    [...new Set(ids)],
  ]);
  const found = new Map(
    rows.map(({ id, account_id: accountId, business_id: businessId }) => [id, { accountId, businessId }]),
  );
  return ids.map((id) => found.get(id) ?? null);
}

function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a link's token: 256 random bits need no slow hash. */
export function hashLinkToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/**
 * Makes the token of a set-up link for a business, in place of the one before; null when the business has an account.
 *
 * It is good once, for 24 hours, and shown only now.
 */
export async function createSetupToken(db: Db, businessId: BusinessId): Promise<string | null> {
  const token = newToken();
  const { numAffectedRows } = await sql`
    INSERT INTO account_setup_links (business_id, token_hash, expires_at)
    SELECT ${businessId}, ${hashLinkToken(token)}, now() + ${linkLifetimeMs.setup}::double precision * interval '1 millisecond'
     WHERE NOT EXISTS (SELECT FROM accounts WHERE business_id = ${businessId})
    ON CONFLICT (business_id) DO UPDATE
      SET token_hash = excluded.token_hash, expires_at = excluded.expires_at`.execute(db);
  return numAffectedRows === 1n ? token : null;
}

/** True when a set-up token, of which this is the hash, could be spent now. */
export async function isSetupTokenGood(db: Db, hash: Buffer): Promise<boolean> {
  const row = await db
    .selectFrom("account_setup_links")
    .select("business_id")
    .where("token_hash", "=", hash)
    .where("expires_at", ">", sql<Date>`now()`)
    .executeTakeFirst();
  return row !== undefined;
}

/** Spends a set-up token: of any number of calls at once, one gets the business that it was made for, the others null. */
export async function spendSetupToken(db: Db, hash: Buffer): Promise<BusinessId | null> {
  const row = await db
    .deleteFrom("account_setup_links")
    .where("token_hash", "=", hash)
    .where("expires_at", ">", sql<Date>`now()`)
    .returning("business_id")
    .executeTakeFirst();
  return row?.business_id ?? null;
}

/** Makes a business for an account that came by itself. Its name is `name`, with an id behind when another has that. */
export async function createBusinessFor(db: Db, name: string): Promise<BusinessId> {
  const businessId = newId<BusinessId>();
  const insert = (wanted: string) =>
    db
      .insertInto("businesses")
      .values({ business_id: businessId, name: wanted })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .executeTakeFirstOrThrow();
  const { numInsertedOrUpdatedRows } = await insert(name);
  if (numInsertedOrUpdatedRows !== 1n) await insert(`${name} (${businessId})`);
  return businessId;
}

/** The business that the first account of an installation is for: the oldest without one, or null when each has. */
export async function findBusinessWithoutAccount(db: Db): Promise<{ businessId: BusinessId; name: string } | null> {
  const row = await db
    .selectFrom("businesses")
    .select(["business_id", "name"])
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("accounts").select("id").whereRef("accounts.business_id", "=", "businesses.business_id"))),
    )
    .orderBy("created_at")
    .limit(1)
    .executeTakeFirst();
  return row ? { businessId: row.business_id, name: row.name } : null;
}

/** What the sign-in library looks a link to a new password up by. */
export function resetIdentifier(token: string): string {
  return `reset-password:${token}`;
}

/** How identifiers of links and of sign-ins under way are kept. */
export function hashIdentifier(identifier: string): string {
  return createHash("sha256").update(identifier).digest("base64url");
}

/** Makes the token of a link to a new password, good once within the hour; null when no account has this e-mail address. */
export async function createResetToken(db: Db, email: string): Promise<string | null> {
  const account = await db
    .selectFrom("accounts")
    .select("id")
    .where("email", "=", email.toLowerCase())
    .executeTakeFirst();
  if (!account) return null;
  const token = newToken();
  await db
    .insertInto("account_verifications")
    .values({
      id: randomUUID(),
      identifier: hashIdentifier(resetIdentifier(token)),
      value: account.id,
      expires_at: new Date(Date.now() + linkLifetimeMs.reset),
    })
    .execute();
  return token;
}

/** The public halves of the keys of these ids that tokens are signed with, as JSON Web Keys; null where there is none. */
export async function findTokenKeys(db: Db, ids: readonly string[]): Promise<(string | null)[]> {
  const rows = await db.selectFrom("account_token_keys").select(["id", "public_key"]).where("id", "in", ids).execute();
  const found = new Map(rows.map((row) => [row.id, row.public_key]));
  return ids.map((id) => found.get(id) ?? null);
}

/** Forgets what has ended: sessions, links, and counts of attempts. Safe from several workers at once. */
export async function sweepAccounts(db: Db): Promise<void> {
  await db.deleteFrom("account_sessions").where("expires_at", "<", sql<Date>`now()`).execute();
  await db.deleteFrom("account_verifications").where("expires_at", "<", sql<Date>`now()`).execute();
  await db.deleteFrom("account_setup_links").where("expires_at", "<", sql<Date>`now()`).execute();
  await db.deleteFrom("sign_in_attempts").where("ends_at", "<", sql<Date>`now()`).execute();
}
