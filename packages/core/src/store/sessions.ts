import type { TaskKind, TaskStatus } from "@stablehand/contract";
import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { BusinessId, SessionId } from "../ids.ts";

/** A session in a list. */
export interface SessionSummary {
  readonly sessionId: SessionId;
  readonly endUserId: string;
  readonly firstTask: string;
  readonly turnCount: number;
  readonly latestStatus: TaskStatus;
  readonly latestKind: TaskKind;
  readonly latestCreatedAt: Date;
  readonly latestUpdatedAt: Date;
  /** Where the session stands in the list, exact to the microsecond. */
  readonly position: SessionPosition;
}

/** A place in the list of sessions. */
export interface SessionPosition {
  /** In microseconds since 1970. */
  readonly activeAt: string;
  readonly sessionId: SessionId;
}

/** A part of a business's sessions. */
export interface SessionsPage {
  readonly limit: number;
  readonly endUserId?: string | undefined;
  /** Of the latest task. */
  readonly status?: TaskStatus | undefined;
  /** Of the latest task. */
  readonly kind?: TaskKind | undefined;
  readonly after?: SessionPosition | undefined;
  /** How many sessions are looked through at most when there is a status or a kind. */
  readonly lookedThroughMax: number;
}

const isFiltered = ({ status, kind }: SessionsPage) => status !== undefined || kind !== undefined;

/** The sessions that a page is chosen from, whatever their latest tasks are. */
function sessionsOf(db: Db, businessId: BusinessId, page: SessionsPage) {
  const { endUserId, after } = page;
  return db
    .selectFrom("sessions")
    .select(["session_id", "end_user_id", "active_at"])
    .where("business_id", "=", businessId)
    .$if(endUserId !== undefined, (query) => query.where("end_user_id", "=", endUserId ?? ""))
    .$if(after !== undefined, (query) =>
      query.where(
        sql<boolean>`(active_at, session_id) < (to_timestamp(0) + ${after?.activeAt}::bigint * interval '1 microsecond', ${after?.sessionId}::uuid)`,
      ),
    )
    .orderBy("active_at", "desc")
    .orderBy("session_id", "desc")
    .limit(isFiltered(page) ? page.lookedThroughMax : page.limit + 1);
}

const activeAt = sql<string>`(extract(epoch FROM sessions.active_at) * 1000000)::bigint`.as("active_at");

/**
 * The sessions of a business after a place in the list, the most recently active first. `next` is the place after which
 * the list goes on, null at its end: there can be more though fewer than `limit` were found.
 */
export async function listSessions(
  db: Db,
  businessId: BusinessId,
  page: SessionsPage,
): Promise<{ readonly sessions: readonly SessionSummary[]; readonly next: SessionPosition | null }> {
  const found = await findSessions(db, businessId, page);
  const sessions = found.slice(0, page.limit);
  if (found.length > page.limit) return { sessions, next: sessions.at(-1)?.position ?? null };
  if (!isFiltered(page)) return { sessions, next: null };
  const last = await db
    .selectFrom(sessionsOf(db, businessId, page).as("sessions"))
    .select(["session_id", activeAt])
    .offset(page.lookedThroughMax - 1)
    .orderBy("sessions.active_at", "desc")
    .orderBy("sessions.session_id", "desc")
    .executeTakeFirst();
  return { sessions, next: last ? { activeAt: last.active_at, sessionId: last.session_id } : null };
}

/** One more than `limit`, when there are as many. */
async function findSessions(db: Db, businessId: BusinessId, page: SessionsPage): Promise<SessionSummary[]> {
  const rows = await db
    .selectFrom(sessionsOf(db, businessId, page).as("sessions"))
    .innerJoinLateral(
      (query) =>
        query
          .selectFrom("tasks")
          .select(["status", "kind", "created_at", "updated_at"])
          .whereRef("tasks.session_id", "=", "sessions.session_id")
          .orderBy("created_at", "desc")
          .orderBy("task_id", "desc")
          .limit(1)
          .as("latest"),
      (join) => join.onTrue(),
    )
    .select((row) => [
      "sessions.session_id",
      "sessions.end_user_id",
      activeAt,
      "latest.status",
      "latest.kind",
      "latest.created_at",
      "latest.updated_at",
      row
        .selectFrom("tasks")
        .select("task")
        .whereRef("tasks.session_id", "=", "sessions.session_id")
        .orderBy("created_at")
        .orderBy("task_id")
        .limit(1)
        .as("first_task"),
      row
        .selectFrom("tasks")
        .select(({ fn }) => fn.countAll<string>().as("count"))
        .whereRef("tasks.session_id", "=", "sessions.session_id")
        .as("turns"),
    ])
    .$if(page.status !== undefined, (query) => query.where("latest.status", "=", page.status ?? "pending"))
    .$if(page.kind !== undefined, (query) => query.where("latest.kind", "=", page.kind ?? "browse"))
    .orderBy("sessions.active_at", "desc")
    .orderBy("sessions.session_id", "desc")
    .limit(page.limit + 1)
    .execute();
  return rows.map((row) => ({
    sessionId: row.session_id,
    endUserId: row.end_user_id,
    firstTask: row.first_task ?? "",
    turnCount: Number(row.turns),
    latestStatus: row.status,
    latestKind: row.kind,
    latestCreatedAt: row.created_at,
    latestUpdatedAt: row.updated_at,
    position: { activeAt: row.active_at, sessionId: row.session_id },
  }));
}

/** Whose a session is; null when there is none. Another business's must be told from an unknown one (403, 404). */
export async function findOwnerOfSession(
  db: Db,
  sessionId: SessionId,
): Promise<{ readonly businessId: BusinessId; readonly endUserId: string } | null> {
  const row = await db
    .selectFrom("sessions")
    .select(["business_id", "end_user_id"])
    .where("session_id", "=", sessionId)
    .executeTakeFirst();
  return row ? { businessId: row.business_id, endUserId: row.end_user_id } : null;
}
