import { z } from "zod";
import { allowedHosts } from "./allowed-hosts.ts";
import { designRecord } from "./design.ts";
import { countCharacters, endUserId, endUserIdMax, ownEndUser } from "./end-user-id.ts";
import { healths } from "./health.ts";
import { platforms } from "./platforms.ts";
import { defineRoute } from "./route.ts";
import { refusalOfAddress } from "./web-address.ts";

/** Where a task can be; the last three are final. */
export const taskStatuses = ["pending", "running", "completed", "failed", "cancelled"] as const;

/** Where a task is. */
export type TaskStatus = (typeof taskStatuses)[number];

/** What a task is: an agent that browses, a check of the sign-in, or the extraction of a page's design. */
export const taskKinds = ["browse", "check", "design"] as const;

/** One of them. */
export type TaskKind = (typeof taskKinds)[number];

/** True when a task in this state will never change again. */
export function isTerminal(status: TaskStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** Why a task failed, for programs. */
export const taskErrorCodes = [
  "worker_lost",
  "time_limit",
  "credentials_gone",
  "credentials_unreadable",
  "vault_unavailable",
  "cookie_refused",
  "auth_expired",
  "auth_challenged",
  "browser_unavailable",
  "model_not_configured",
  "model_unavailable",
  "model_refused",
  "model_misbehaved",
  "schema_mismatch",
  "page_unreachable",
  "internal",
] as const;

/** One reason of a failed task. */
export type TaskErrorCode = (typeof taskErrorCodes)[number];

/** The most steps a task may take; a larger `maxSteps` is taken as this. */
export const stepsMax = 25;

/** The longest task, in characters. */
export const taskCharactersMax = 32_768;

/** Whether a task may change anything at the sites it visits; by default it may. */
export const taskModes = ["read", "act"] as const;

/** One of the two. */
export type TaskMode = (typeof taskModes)[number];

/** What a step of an agent was for. */
export const stepTypes = ["discovery", "planning", "execution", "extraction"] as const;

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

const stepSummary = z
  .object({
    n: z.int().min(1).meta({ description: "From 1." }),
    type: z.enum(stepTypes),
    msg: z.string(),
    success: z.boolean(),
  })
  .meta({ id: "StepSummary" });

/** One step of an agent, in words. */
export type StepSummary = z.output<typeof stepSummary>;

const usage = z
  .object({ inputTokens: z.int().min(0), outputTokens: z.int().min(0), modelCalls: z.int().min(0) })
  .meta({ id: "ModelUsage" });

/** What a task cost at the model. */
export type ModelUsage = z.output<typeof usage>;

/** Why a request of a task's browser did not leave the machine. */
export const networkRefusals = [
  "host_not_allowed",
  "port_not_allowed",
  "private_address",
  "scheme_not_allowed",
  "read_only",
  "not_resolved",
  "not_reached",
  "too_many_connections",
] as const;

/** How many hosts a task's `network` names of each kind. */
export const networkHostsMax = 100;

const network = z
  .object({
    reached: z.array(z.string()).max(networkHostsMax).meta({ description: "Hosts, in the order of the first time." }),
    refused: z
      .array(z.object({ host: z.string(), reason: z.enum(networkRefusals), count: z.int().min(1) }))
      .max(networkHostsMax)
      .meta({ description: "Hosts in the order of the first time. For `scheme_not_allowed`, a scheme." }),
    refusals: z.int().min(0).meta({ description: "All refused requests, also to hosts that found no place above." }),
  })
  .meta({ id: "TaskNetwork" });

/** What a task's browser reached and was refused. */
export type TaskNetwork = z.output<typeof network>;

/** A task as the wire shows it. Fields that have no value yet are absent. */
export const taskRecord = z
  .object({
    taskId: z.uuid(),
    sessionId: z.uuid(),
    businessId: z.string(),
    endUserId,
    task: z.string(),
    mode: z.enum(taskModes).optional().meta({ description: "Not of a check." }),
    status: z.enum(taskStatuses),
    createdAt: timestamp,
    updatedAt: timestamp,
    startedAt: timestamp.optional(),
    completedAt: timestamp.optional(),
    durationMs: z.int().min(0).optional(),
    result: z.string().optional().meta({ description: "The answer in words." }),
    structured_content: z.unknown().optional().meta({ description: "Only with `schema`; conforms to it." }),
    html_dump: z.string().optional().meta({ description: "The last page, if it was asked for; secrets removed." }),
    totalSteps: z.int().min(0).optional(),
    visitedUrls: z.array(z.string()).optional().meta({ description: "Domains, in the order of the first visit." }),
    network: network.optional().meta({ description: "What its browser reached and was refused; secrets removed." }),
    stepSummaries: z.array(stepSummary).optional(),
    usage: usage.optional(),
    leakBlocked: z.int().min(1).optional().meta({
      description: "How many times a cookie's value was removed from what the task said to its model or its record.",
    }),
    error: z.string().optional().meta({ description: "Only when failed." }),
    errorCode: z.enum(taskErrorCodes).optional(),
    mayHaveActed: z
      .literal(true)
      .optional()
      .meta({ description: "It did not complete, but had begun to click or type: look before you submit it again." }),
    check: z.partialRecord(z.enum(platforms), platformCheck).optional().meta({ description: "Only of a check." }),
    design: designRecord.optional().meta({ description: "Only of a design extraction." }),
  })
  .meta({ id: "Task" });

/** A task on the wire. */
export type Task = z.output<typeof taskRecord>;

/** The answer to whoever made a task. */
export const taskAccepted = z
  .object({ taskId: z.uuid(), sessionId: z.uuid(), status: z.literal("pending"), createdAt: timestamp })
  .meta({ id: "TaskAccepted" });

/** Text that PostgreSQL can keep: no NUL, and no half of a surrogate pair. */
function storable(name: string) {
  return (text: string, context: z.RefinementCtx<string>) => {
    if (text.includes("\0") || !text.isWellFormed())
      context.addIssue({ code: "custom", message: `${name} contains a NUL character or half of a surrogate pair` });
  };
}

/** The end-user on whose behalf a submission is made; undefined is that of the account's own tasks. */
export const submittingEndUser = z
  .string("endUserId must be a string: name your user on whose behalf the task is done")
  .pipe(endUserId)
  .superRefine(storable("endUserId"))
  .optional()
  .meta({
    minLength: 1,
    maxLength: endUserIdMax,
    pattern: "^[^\\u0000]+$",
    description: `Required with an API key; a signed-in account may leave it out: then \`${ownEndUser}\`.`,
  });

/** The address of a page that a task may open, as text; `name` is the field's. */
export function pageAddress(name: string) {
  return z
    .string(`${name} must be a string`)
    .max(8_192, `${name} is longer than 8192 characters`)
    .superRefine(storable(name))
    .superRefine((text, context) => {
      const refusal = refusalOfAddress(text);
      if (refusal) context.addIssue({ code: "custom", message: `${name} ${refusal}` });
    });
}

const submitBody = z
  .object(
    {
      endUserId: submittingEndUser,
      task: z
        .string("task is missing: say in words what is to be done")
        .refine((text) => text.trim() !== "", "task is blank: say in words what is to be done")
        .refine(
          (text) => text.length <= taskCharactersMax || countCharacters(text) <= taskCharactersMax,
          `task is longer than ${taskCharactersMax} characters`,
        )
        .superRefine(storable("task"))
        .meta({ minLength: 1, maxLength: taskCharactersMax, pattern: "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" }),
      sessionId: z
        .string("sessionId must be a string")
        .max(256, "sessionId is longer than 256 characters")
        .optional()
        .meta({ description: "Continues a session of this end-user; omitted, a new one begins." }),
      startUrl: pageAddress("startUrl")
        .optional()
        .meta({ format: "uri", description: "Where to begin; omitted, the model proposes an address." }),
      platforms: z
        .array(
          z.enum(platforms, `platforms may name ${platforms.join(", ")}`),
          `platforms must be an array of ${platforms.join(", ")}`,
        )
        .max(platforms.length, "platforms names one twice")
        .refine((named) => new Set(named).size === named.length, "platforms names one twice")
        .optional()
        .meta({
          description:
            "Whose stored cookies the browser has from the start, beside those of `startUrl`'s site. The agent may ask for one more while it works.",
        }),
      allowedHosts: allowedHosts.optional().meta({
        description:
          "Hosts that this task's browser reaches beside those of the platforms whose cookies it holds and of the settings. Without cookies it reaches every public host.",
      }),
      schema: z
        .record(z.string(), z.unknown(), "schema must be a JSON Schema object")
        .optional()
        .meta({ description: "A JSON Schema (2020-12) that `structured_content` will conform to." }),
      maxSteps: z
        .int("maxSteps must be a whole number, 1 or more")
        .min(1, "maxSteps must be a whole number, 1 or more")
        .transform((steps) => Math.min(steps, stepsMax))
        .optional()
        .meta({ description: `At most ${stepsMax}, which is also the default.` }),
      mode: z
        .enum(taskModes, "mode must be read or act")
        .optional() // no default here: it would change the hash under which earlier submissions are remembered
        .meta({
          description:
            "`read`: whatever would change something at a site is refused on the network, whoever sends it. `act`, the default: nothing of that is.",
        }),
      include_html_dump: z.boolean("include_html_dump must be true or false").default(false),
    },
    "the body must be a JSON object with at least task, and endUserId with an API key",
  )
  .meta({ id: "SubmitTask", example: { endUserId: "alice", task: "Read the three newest posts of my feed" } });

/** A task as submitted, checked. */
export type SubmittedTask = z.output<typeof submitBody>;

/** Makes repeating a submission safe; kept for 24 hours. */
export const idempotencyKeyHeader = "idempotency-key";

/** The headers of every submission. */
export const submissionHeaders = z.object({
  [idempotencyKeyHeader]: z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, "Idempotency-Key must have 1 to 255 visible ASCII characters")
    .optional()
    .meta({ description: "The same key and body within 24 hours give the same answer, and one task." }),
});

/** Submits a task on behalf of an end-user. */
export const submitTask = defineRoute({
  id: "submit-task",
  method: "POST",
  path: "/v1/tasks",
  auth: "business",
  scope: "tasks:run",
  endUser: "body",
  summary: "Submit a task",
  headers: submissionHeaders,
  body: submitBody,
  reply: { status: 201, body: taskAccepted },
  errors: ["forbidden", "session_of_other_end_user", "session_not_found", "idempotency_conflict", "task_limit_reached"],
  audit: null,
});

const params = z.object({ taskId: z.string().max(256).meta({ example: "0b8f4a1e-6d0c-4c0e-9a53-0d4f4a8f2b11" }) });

/** Reads one task. */
export const getTask = defineRoute({
  id: "get-task",
  method: "GET",
  path: "/v1/tasks/{taskId}",
  auth: "business",
  scope: "tasks:read",
  endUser: "stored",
  summary: "Get a task",
  params,
  reply: { status: 200, body: taskRecord },
  errors: ["forbidden", "task_not_found"],
  audit: null,
});

/** Ends a task that is not finished; one that is finished is returned unchanged. */
export const cancelTask = defineRoute({
  id: "cancel-task",
  method: "POST",
  path: "/v1/tasks/{taskId}/cancel",
  auth: "business",
  scope: "tasks:run",
  endUser: "stored",
  summary: "Cancel a task",
  params,
  reply: { status: 200, body: taskRecord },
  errors: ["forbidden", "task_not_found"],
  audit: null,
});

/** The content type of server-sent events. */
export const eventStreamType = "text/event-stream";

/** Follows a task: every change of its state and every step, until it has ended. */
export const streamTaskEvents = defineRoute({
  id: "stream-task-events",
  method: "GET",
  path: "/v1/tasks/{taskId}/events",
  auth: "business",
  scope: "tasks:read",
  endUser: "stored",
  summary: "Follow a task as server-sent events",
  params,
  headers: z.object({
    "last-event-id": z
      .string()
      .regex(/^\d{1,9}$/, "Last-Event-ID must be the id of an event of this task, a whole number")
      .transform(Number)
      .optional()
      .meta({ description: "Goes on after this event; a task that has nothing more to tell answers 204." }),
  }),
  reply: {
    status: 200,
    contentType: eventStreamType,
    body: z.string().meta({
      description:
        "Events `status` (`{ status, at, error?, errorCode? }`) and `step` (a StepSummary), each with an id to resume from. Ends after the last one.",
    }),
  },
  errors: ["forbidden", "task_not_found", "unavailable"],
  audit: null,
});
