import { createHash, randomBytes } from "node:crypto";
import type { Platform } from "@stablehand/contract";
import { sql } from "kysely";
import type { Pool } from "pg";
import { type Db, inTransaction, type Prepared, runPrepared } from "../database.ts";
import { type BusinessId, newId, type UploadTicketId } from "../ids.ts";
import { type CredentialWrite, type WriteOutcome, writeCredentials } from "./credential-writes.ts";

/** What a ticket is for, and who made it. */
export interface NewUploadTicket {
  readonly businessId: BusinessId;
  readonly endUserId: string;
  readonly platforms: readonly Platform[];
  readonly returnUrl: string | null;
  /** The API key that makes it; null of an account. */
  readonly apiKeyId: string | null;
  /** Who makes it, as the access log names them. */
  readonly actor: string;
  readonly ttlSeconds: number;
}

/** A ticket as it stands. */
export interface UploadTicket extends Omit<NewUploadTicket, "ttlSeconds"> {
  readonly ticketId: UploadTicketId;
  readonly expiresAt: Date;
  readonly state: "open" | "used" | "expired";
  /** The business's, as they are now. */
  readonly embedOrigins: readonly string[];
}

const tokenBytes = 32;
const tokenShape = /^[\w-]{43}$/;
const hashToken = (token: string) => createHash("sha256").update(token).digest();

/** How long it is remembered of a ticket that it was used or is over. */
const rememberedHours = 24;
const forgottenAtOnce = 100;

/** Makes a ticket. Its token is 256 random bits and stored nowhere. Tickets long over are forgotten, some at a time. */
export async function createUploadTicket(
  db: Db,
  { ttlSeconds, ...ticket }: NewUploadTicket,
): Promise<{ readonly ticketId: UploadTicketId; readonly token: string; readonly expiresAt: Date }> {
  const token = randomBytes(tokenBytes).toString("base64url");
  const ticketId = newId<UploadTicketId>();
  const { expires_at: expiresAt } = await db
    .insertInto("upload_tickets")
    .values({
      ticket_id: ticketId,
      token_hash: hashToken(token),
      business_id: ticket.businessId,
      api_key_id: ticket.apiKeyId,
      actor: ticket.actor,
      end_user_id: ticket.endUserId,
      platforms: [...ticket.platforms],
      return_url: ticket.returnUrl,
      expires_at: sql`now() + make_interval(secs => ${ttlSeconds})`,
    })
    .returning("expires_at")
    .executeTakeFirstOrThrow();
  await sql`
    DELETE FROM upload_tickets WHERE ticket_id IN (
      SELECT ticket_id FROM upload_tickets WHERE expires_at < now() - make_interval(hours => ${rememberedHours})
       ORDER BY expires_at LIMIT ${forgottenAtOnce} FOR UPDATE SKIP LOCKED)`.execute(db);
  return { ticketId, token, expiresAt };
}

/**
 * The ticket of that id, when the token is its own; else null. Null also when the API key that made it may no longer write
 * this end-user's credentials.
 */
export async function findUploadTicket(db: Db, ticketId: UploadTicketId, token: string): Promise<UploadTicket | null> {
  if (!tokenShape.test(token)) return null;
  const row = await db
    .selectFrom("upload_tickets as ticket")
    .innerJoin("businesses as business", "business.business_id", "ticket.business_id")
    .selectAll("ticket")
    .select(["business.embed_origins", sql<boolean>`ticket.expires_at <= now()`.as("is_over")])
    .where("ticket.ticket_id", "=", ticketId)
    .where("ticket.token_hash", "=", hashToken(token))
    .where(
      sql<boolean>`(ticket.api_key_id IS NULL OR EXISTS (
        SELECT FROM api_keys WHERE api_keys.key_id = ticket.api_key_id
           AND api_key_allows(api_keys, 'credentials:write', ticket.end_user_id)))`,
    )
    .executeTakeFirst();
  if (!row) return null;
  return {
    ticketId: row.ticket_id,
    businessId: row.business_id,
    endUserId: row.end_user_id,
    platforms: row.platforms,
    returnUrl: row.return_url,
    apiKeyId: row.api_key_id,
    actor: row.actor,
    expiresAt: row.expires_at,
    state: row.used_at ? "used" : row.is_over ? "expired" : "open",
    embedOrigins: row.embed_origins,
  };
}

/** The origins whose pages may embed this ticket's; none when there is no such ticket. Whoever knows the id may know them. */
export async function embedOriginsOfTicket(db: Db, ticketId: UploadTicketId): Promise<readonly string[]> {
  const row = await db
    .selectFrom("upload_tickets")
    .innerJoin("businesses", "businesses.business_id", "upload_tickets.business_id")
    .select("embed_origins")
    .where("ticket_id", "=", ticketId)
    .executeTakeFirst();
  return row?.embed_origins ?? [];
}

const lockTicket: Prepared = {
  name: "lock-upload-ticket",
  text: `SELECT FROM upload_tickets WHERE ticket_id = $1 AND used_at IS NULL AND expires_at > now() FOR NO KEY UPDATE`,
};
const useTicket: Prepared = {
  name: "use-upload-ticket",
  text: "UPDATE upload_tickets SET used_at = now() WHERE ticket_id = $1",
};

/**
 * Stores what an end-user sent by a ticket and uses the ticket up, both or neither. `ended`: it was used, or is over, by now.
 *
 * Of several at once with one ticket the first stores, and the others wait for it to see. What is not stored uses nothing up.
 */
export function writeByTicket(
  pool: Pool,
  ticketId: UploadTicketId,
  write: CredentialWrite,
): Promise<WriteOutcome | "ended"> {
  return inTransaction(pool, async (client) => {
    const open = await runPrepared(client, lockTicket, [ticketId]);
    if (open.length === 0) return "ended";
    const [outcome = "refused"] = await writeCredentials(client, [write]);
    if (outcome === "stored") await runPrepared(client, useTicket, [ticketId]);
    return outcome;
  });
}
