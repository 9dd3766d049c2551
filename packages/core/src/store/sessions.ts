import type { TaskStatus } from "@stablehand/contract";
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

/** The sessions of a business after a place in the list, the most recently active first. */
export async function listSessions(
  db: Db,
  businessId: BusinessId,
  page: { readonly limit: number; readonly endUserId?: string; readonly after?: SessionPosition },
): Promise<readonly SessionSummary[]> {
  const rows = await db
    .selectFrom("sessions")
    .innerJoinLateral(
      (query) =>
        query
          .selectFrom("tasks")
          .select(["status", "created_at", "updated_at"])
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
      sql<string>`(extract(epoch FROM sessions.active_at) * 1000000)::bigint`.as("active_at"),
      "latest.status",
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
    .where("sessions.business_id", "=", businessId)
    .$if(page.endUserId !== undefined, (query) => query.where("sessions.end_user_id", "=", page.endUserId ?? ""))
    .$if(page.after !== undefined, (query) =>
      query.where(
        sql<boolean>`(sessions.active_at, sessions.session_id) < (to_timestamp(0) + ${page.after?.activeAt}::bigint * interval '1 microsecond', ${page.after?.sessionId}::uuid)`,
      ),
    )
    .orderBy("sessions.active_at", "desc")
    .orderBy("sessions.session_id", "desc")
    .limit(page.limit)
    .execute();
  return rows.map((row) => ({
    sessionId: row.session_id,
    endUserId: row.end_user_id,
    firstTask: row.first_task ?? "",
    turnCount: Number(row.turns),
    latestStatus: row.status,
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
