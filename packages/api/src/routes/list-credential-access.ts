import { accessPage, type CredentialAccess, listCredentialAccess } from "@stablehand/contract";
import { type AccessRow, accessEntry } from "@stablehand/core/access-entry";
import { listCredentialAccess as listStoredAccess } from "@stablehand/core/store/credential-access";
import { handlerFor } from "../handler.ts";

/** Lists the caller's access log, a page at a time. */
export const handleListCredentialAccess = handlerFor(listCredentialAccess, async ({ caller, query }, context) => {
  const limit = query.limit ?? accessPage.default;
  const found = await listStoredAccess(context.database.db, caller.businessId, {
    limit: limit + 1, // one more, to know whether there is a next page
    ...(query.endUserId !== undefined && { endUserId: query.endUserId }),
    ...(query.cursor !== undefined && { before: query.cursor }),
  });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    accesses: shown.map(toWire),
    ...(last && found.length > limit && { nextCursor: String(last.sequence) }),
  };
});

function toWire(row: AccessRow): CredentialAccess {
  const [actor = "", ticketId] = row.actor.split("/ticket:");
  const [, kind, id = ""] = /^(key|account|worker):(.*)$/s.exec(actor) ?? [];
  return {
    sequence: row.sequence,
    at: `${row.at.slice(0, 23)}Z`,
    action: row.action,
    endUserId: row.endUserId,
    fields: [...row.fields],
    ...(kind === "key" && { apiKeyId: id }),
    ...(kind === "account" && { accountId: id }),
    ...(ticketId && { ticketId }),
    ...(kind === "worker" && { workerId: id }),
    ...(row.taskId && { taskId: row.taskId }),
    ...(row.keyId && { keyId: row.keyId }),
    entry: accessEntry(row),
    previous: row.previous,
    hash: row.hash,
  };
}
