import { AppError, listSessions, sessionsLookedThrough, sessionsPage } from "@stablehand/contract";
import { parseId, type SessionId } from "@stablehand/core/ids";
import { listSessions as listStoredSessions, type SessionPosition } from "@stablehand/core/store/sessions";
import { handlerFor } from "../handler.ts";

/** Lists the caller's sessions, a page at a time. */
export const handleListSessions = handlerFor(listSessions, async ({ caller, query }, context) => {
  const { limit = sessionsPage.default, cursor, ...filter } = query;
  const { sessions, next } = await listStoredSessions(context.database.db, caller.businessId, {
    ...filter,
    limit,
    after: cursor === undefined ? undefined : readCursor(cursor),
    lookedThroughMax: sessionsLookedThrough,
  });
  return {
    sessions: sessions.map(({ position: _, latestCreatedAt, latestUpdatedAt, ...session }) => ({
      ...session,
      latestCreatedAt: latestCreatedAt.toISOString(),
      latestUpdatedAt: latestUpdatedAt.toISOString(),
    })),
    ...(next && { nextCursor: writeCursor(next) }),
  };
});

function writeCursor({ activeAt, sessionId }: SessionPosition): string {
  return Buffer.from(`${activeAt}|${sessionId}`).toString("base64url");
}

const microsecondsPattern = /^\d{1,16}$/; // until the year 2286

function readCursor(cursor: string): SessionPosition {
  const [activeAt = "", id = ""] = Buffer.from(cursor, "base64url").toString("utf8").split("|");
  const sessionId = parseId<SessionId>(id);
  if (!sessionId || !microsecondsPattern.test(activeAt))
    throw new AppError("invalid_request", "cursor is not one that this server gave.");
  return { activeAt, sessionId };
}
