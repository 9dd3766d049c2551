import { z } from "zod";
import { endUserId } from "./end-user-id.ts";
import { healths } from "./health.ts";
import { platforms } from "./platforms.ts";
import { defineRoute } from "./route.ts";

/** Where a task can be; the last three are final. */
export const taskStatuses = ["pending", "running", "completed", "failed", "cancelled"] as const;

/** Where a task is. */
export type TaskStatus = (typeof taskStatuses)[number];

/** Why a task failed, for programs. */
export const taskErrorCodes = [
  "worker_lost",
  "credentials_gone",
  "credentials_unreadable",
  "cookie_refused",
  "browser_unavailable",
  "internal",
] as const;

/** One reason of a failed task. */
export type TaskErrorCode = (typeof taskErrorCodes)[number];

const timestamp = z.iso.datetime({ precision: 3 });

const platformCheck = z
  .object({
    health: z.enum(healths),
    checkedAt: timestamp,
    reason: z.string().optional().meta({ description: "In words, when there is something to say." }),
  })
  .meta({ id: "PlatformCheck" });

/** What a sign-in check found, platform by platform. */
export type PlatformChecks = Partial<Record<(typeof platforms)[number], z.output<typeof platformCheck>>>;

const task = z
  .object({
    taskId: z.uuid(),
    sessionId: z.uuid(),
    endUserId,
    task: z.string(),
    status: z.enum(taskStatuses),
    createdAt: timestamp,
    updatedAt: timestamp,
    startedAt: timestamp.optional(),
    completedAt: timestamp.optional(),
    durationMs: z.int().min(0).optional(),
    result: z.string().optional(),
    error: z.string().optional().meta({ description: "Only when failed." }),
    errorCode: z.enum(taskErrorCodes).optional(),
    check: z.partialRecord(z.enum(platforms), platformCheck).optional().meta({ description: "Only of a check." }),
  })
  .meta({ id: "Task" });

/** A task as the wire shows it. Fields that have no value yet are absent. */
export type Task = z.output<typeof task>;

/** Reads one task. */
export const getTask = defineRoute({
  id: "get-task",
  method: "GET",
  path: "/v1/tasks/{taskId}",
  auth: "business",
  summary: "Get a task",
  params: z.object({ taskId: z.string().max(256).meta({ example: "0b8f4a1e-6d0c-4c0e-9a53-0d4f4a8f2b11" }) }),
  reply: { status: 200, body: task },
  errors: ["forbidden", "task_not_found"],
  audit: null,
});
