import { AppError, endUsersLookedThrough, endUsersPage, listEndUsers } from "@stablehand/contract";
import { getCredentialStatuses } from "@stablehand/core/store/credentials";
import { findEndUsers } from "@stablehand/core/store/end-users";
import { toCredentialStatus } from "../credential-status.ts";
import { handlerFor } from "../handler.ts";

/** Lists the caller's end-users, a page at a time; of a key with a prefix only those that it is for. */
export const handleListEndUsers = handlerFor(listEndUsers, async ({ caller, query }, { database }) => {
  const { businessId } = caller;
  const prefix = both(caller.endUserPrefix ?? "", query.prefix ?? "");
  if (prefix === null) return { endUsers: [] };
  const { endUserIds, next } = await findEndUsers(database.db, businessId, {
    prefix,
    text: query.search ?? "",
    after: query.cursor === undefined ? null : readCursor(query.cursor),
    limit: query.limit ?? endUsersPage.default,
    lookedThroughMax: endUsersLookedThrough,
  });
  const statuses = await getCredentialStatuses(database.pool, businessId, endUserIds);
  return {
    endUsers: statuses.map((status, index) => toCredentialStatus(endUserIds[index] ?? "", status)),
    ...(next !== null && { nextCursor: Buffer.from(next).toString("base64url") }),
  };
});

/** The prefix of whatever begins with both; null when nothing can. */
function both(one: string, other: string): string | null {
  if (one.startsWith(other)) return one;
  return other.startsWith(one) ? other : null;
}

function readCursor(cursor: string): string {
  const after = Buffer.from(cursor, "base64url").toString("utf8");
  if (after.includes("\0")) throw new AppError("invalid_request", "cursor is not one that this server gave.");
  return after;
}
