import { z } from "zod";
import { endUserId } from "./end-user-id.ts";
import { pageLimit } from "./page-limit.ts";
import { defineRoute } from "./route.ts";
import { taskKinds, taskRecord, taskStatuses } from "./tasks.ts";

const timestamp = z.iso.datetime({ precision: 3 });

/** How many sessions a page holds: by default, and at most. */
export const sessionsPage = { default: 50, max: 100 } as const;

/** How many sessions a page is filtered from; it may hold fewer than asked for, and still have a next one. */
export const sessionsLookedThrough = 2_000;

const filtered = `A page is filtered from ${sessionsLookedThrough} sessions at most: it may hold fewer than \`limit\`, or none, and have a \`nextCursor\`.`;

/** Lists a business's sessions, the most recently active first. */
export const listSessions = defineRoute({
  id: "list-sessions",
  method: "GET",
  path: "/v1/tasks",
  auth: "business",
  scope: "tasks:read",
  endUser: "query",
  summary: "List sessions",
  query: z.object({
    limit: pageLimit(sessionsPage),
    endUserId: endUserId.optional().meta({ description: "Only this end-user's." }),
    status: z
      .enum(taskStatuses, `status must be one of ${taskStatuses.join(", ")}`)
      .optional()
      .meta({ description: `Only those whose latest task is so. ${filtered}` }),
    kind: z
      .enum(taskKinds, `kind must be one of ${taskKinds.join(", ")}`)
      .optional()
      .meta({ description: `Only those whose latest task is of this kind. ${filtered}` }),
    cursor: z
      .string("cursor must stand once in the query")
      .max(256, "cursor is not one that this server gave")
      .optional()
      .meta({ description: "The page after that which gave this `nextCursor`." }),
  }),
  reply: {
    status: 200,
    body: z
      .object({
        sessions: z.array(
          z
            .object({
              sessionId: z.uuid(),
              firstTask: z.string(),
              turnCount: z.int().min(1),
              latestStatus: z.enum(taskStatuses),
              latestKind: z.enum(taskKinds),
              latestCreatedAt: timestamp,
              latestUpdatedAt: timestamp,
              endUserId,
            })
            .meta({ id: "SessionSummary" }),
        ),
        nextCursor: z.string().optional().meta({ description: "Absent on the last page." }),
      })
      .meta({ id: "SessionList" }),
  },
  errors: [],
  audit: null,
});

/** Reads a session: its tasks, oldest first. */
export const getSession = defineRoute({
  id: "get-session",
  method: "GET",
  path: "/v1/sessions/{sessionId}",
  auth: "business",
  scope: "tasks:read",
  endUser: "stored",
  summary: "Get a session",
  params: z.object({ sessionId: z.string().max(256) }),
  reply: { status: 200, body: z.object({ sessionId: z.uuid(), tasks: z.array(taskRecord) }).meta({ id: "Session" }) },
  errors: ["forbidden", "session_not_found"],
  audit: null,
});
