import { z } from "zod";
import { endUserId } from "./end-user-id.ts";
import { pageLimit } from "./page-limit.ts";
import { platforms } from "./platforms.ts";
import { defineRoute } from "./route.ts";
import { taskErrorCodes } from "./tasks.ts";
import { isPublicHost } from "./web-address.ts";

/** The most webhook endpoints a business may have. */
export const webhookEndpointsMax = 10;

/** How many attempts to deliver are remembered of an endpoint: the latest. */
export const deliveriesKept = 500;

/** How many of them a page holds: by default, and at most. */
export const deliveriesPage = { default: 50, max: 100 } as const;

/** What a webhook's secret starts with; base64 of its 32 bytes follows. Source: Standard Webhooks. */
export const webhookSecretPrefix = "whsec_";

const urlCharactersMax = 2_048;
const timestamp = z.iso.datetime({ precision: 3 });

const taskEnded = z
  .object({
    type: z.enum(["task.completed", "task.failed", "task.cancelled"]),
    timestamp: timestamp.meta({ description: "When the task ended." }),
    data: z.object({
      taskId: z.uuid(),
      sessionId: z.uuid(),
      endUserId,
      status: z.enum(["completed", "failed", "cancelled"]),
      errorCode: z.enum(taskErrorCodes).optional(),
    }),
  })
  .meta({ id: "TaskEndedEvent" });

const credentialsDoubted = z
  .object({
    type: z.enum(["credentials.expired", "credentials.challenged"]),
    timestamp: timestamp.meta({ description: "When the platform was looked at." }),
    data: z.object({ endUserId, platform: z.enum(platforms) }),
  })
  .meta({ id: "CredentialsDoubtedEvent" });

const endpointTested = z
  .object({ type: z.literal("endpoint.test"), timestamp, data: z.object({ endpointId: z.uuid() }) })
  .meta({ id: "EndpointTestedEvent" });

/**
 * What a receiver is sent. That a task has ended, and how: what it found is read with `GET /v1/tasks/{taskId}`. Or that a
 * platform does not take an end-user's stored cookies any more: once each time that it stops. Or that its owner tries it.
 */
export const webhookEvent = z
  .discriminatedUnion("type", [taskEnded, credentialsDoubted, endpointTested])
  .meta({ id: "WebhookEvent" });

/** An event as it is sent. */
export type WebhookEvent = z.output<typeof webhookEvent>;

/**
 * Why events may not be sent to this URL, as the end of a sentence; null when they may.
 *
 * Only https, to a host that is not a private address; `allowPrivate` permits http and private hosts too. A name is not
 * resolved here: where it leads is looked at when an event is sent.
 */
export function refusalOfWebhookUrl(text: string, allowPrivate: boolean): string | null {
  if (!URL.canParse(text)) return "is no URL: it must look like https://example.com/webhooks";
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== "https:" && !(allowPrivate && protocol === "http:")) return "must start with https://";
  if (username || password) return "must not carry a user name or password";
  if (!allowPrivate && !isPublicHost(hostname)) return "leads to a private address, to which no event is sent";
  return null;
}

const endpointShape = {
  endpointId: z.uuid(),
  url: z.string(),
  description: z.string().optional(),
  createdAt: timestamp,
};

const endpointState = z
  .object({
    ...endpointShape,
    lastDeliveryAt: timestamp.optional().meta({ description: "When it last took an event." }),
    lastAttemptAt: timestamp.optional(),
    lastOutcome: z.string().optional().meta({ description: "Of the last attempt, in words: `answered 200`." }),
    failingSince: timestamp.optional().meta({ description: "Absent while the last attempt was a success." }),
    disabledAt: timestamp.optional().meta({ description: "It answered 410 and gets nothing more." }),
    eventsLost: z.int().min(0).meta({ description: "Events given up after 24 hours of attempts." }),
  })
  .meta({ id: "WebhookEndpointState" });

/** A webhook endpoint and how deliveries to it went. */
export type WebhookEndpointState = z.output<typeof endpointState>;

/** Adds an endpoint, to which every end of a task of this business is then sent. Its secret is shown this once. */
export const createWebhookEndpoint = defineRoute({
  id: "create-webhook-endpoint",
  method: "POST",
  path: "/v1/webhook-endpoints",
  auth: "business",
  scope: "whole",
  endUser: "all",
  summary: "Create a webhook endpoint",
  body: z
    .strictObject(
      {
        url: z
          .string("url is missing: say where events are to be sent, https://…")
          .max(urlCharactersMax, `url is longer than ${urlCharactersMax} characters`)
          .meta({ format: "uri" }),
        description: z
          .string("description must be a string")
          .regex(
            /^[^\p{Cc}\p{Cs}]{1,256}$/u,
            "description must have 1 to 256 characters, none of them a control character",
          )
          .meta({ pattern: "^[^\\x00-\\x1f\\x7f-\\x9f]{1,256}$" }) // the same without \p, which few tools know
          .optional(),
      },
      {
        error: (issue) =>
          issue.code === "unrecognized_keys"
            ? 'the body may hold only "url" and "description"'
            : 'the body must be a JSON object such as {"url":"https://example.com/webhooks"}',
      },
    )
    .meta({ id: "CreateWebhookEndpoint", example: { url: "https://example.com/webhooks" } }),
  reply: {
    status: 201,
    body: z
      .object({
        ...endpointShape,
        secret: z.string().meta({ description: "Verifies signatures. Keep it: it is never shown again." }),
      })
      .meta({ id: "WebhookEndpoint" }),
  },
  errors: ["webhook_endpoint_limit_reached"],
  audit: null,
});

/** Lists a business's webhook endpoints, the oldest first, with how deliveries to them went. */
export const listWebhookEndpoints = defineRoute({
  id: "list-webhook-endpoints",
  method: "GET",
  path: "/v1/webhook-endpoints",
  auth: "business",
  scope: "whole",
  endUser: "all",
  summary: "List webhook endpoints",
  reply: { status: 200, body: z.object({ endpoints: z.array(endpointState) }).meta({ id: "WebhookEndpointList" }) },
  errors: [],
  audit: null,
});

const params = z.object({ endpointId: z.string().max(256).meta({ example: "5f3f1c8e-2f51-4f4e-9d5b-3b8f5f0c9a77" }) });

/**
 * Sends an endpoint an event of the type `endpoint.test`, once, as soon as a worker is free: the list of deliveries tells how it went.
 *
 * While a test still waits, another gives the same `eventId`. An endpoint that asked to be left alone is, until then.
 */
export const testWebhookEndpoint = defineRoute({
  id: "test-webhook-endpoint",
  method: "POST",
  path: "/v1/webhook-endpoints/{endpointId}/test",
  auth: "business",
  scope: "whole",
  endUser: "all",
  summary: "Send a test event to a webhook endpoint",
  params,
  reply: { status: 202, body: z.object({ eventId: z.string() }).meta({ id: "WebhookTest" }) },
  errors: ["webhook_endpoint_not_found", "webhook_endpoint_disabled"],
  audit: null,
});

/** Lists the latest attempts to deliver to an endpoint, the newest first. */
export const listWebhookDeliveries = defineRoute({
  id: "list-webhook-deliveries",
  method: "GET",
  path: "/v1/webhook-endpoints/{endpointId}/deliveries",
  auth: "business",
  scope: "whole",
  endUser: "all",
  summary: "List a webhook endpoint's deliveries",
  params,
  query: z.object({
    limit: pageLimit(deliveriesPage),
    cursor: z
      .string("cursor must stand once in the query")
      .regex(/^[1-9]\d{0,15}$/, "cursor is not one that this server gave")
      .transform(Number)
      .optional()
      .meta({ description: "The page after that which gave this `nextCursor`." }),
  }),
  reply: {
    status: 200,
    body: z
      .object({
        deliveries: z
          .array(
            z
              .object({
                sequence: z.int().min(1).meta({ description: "From 1 for each endpoint, without a gap." }),
                at: timestamp.meta({ description: "When the attempt ended." }),
                eventId: z.string().meta({ description: "As the header `webhook-id` has it." }),
                eventType: z.string().meta({ example: "task.completed" }),
                attempt: z.int().min(1).meta({ description: "From 1 for each event." }),
                delivered: z.boolean(),
                outcome: z.string().meta({ description: "In words: `answered 200`." }),
              })
              .meta({ id: "WebhookDelivery" }),
          )
          .max(deliveriesPage.max)
          .meta({ description: `The latest ${deliveriesKept} are kept.` }),
        nextCursor: z.string().optional().meta({ description: "Absent on the last page." }),
      })
      .meta({ id: "WebhookDeliveryList" }),
  },
  errors: ["webhook_endpoint_not_found"],
  audit: null,
});

/** Deletes a webhook endpoint and what still waited to be sent to it. */
export const deleteWebhookEndpoint = defineRoute({
  id: "delete-webhook-endpoint",
  method: "DELETE",
  path: "/v1/webhook-endpoints/{endpointId}",
  auth: "business",
  scope: "whole",
  endUser: "all",
  summary: "Delete a webhook endpoint",
  params,
  reply: { status: 200, body: z.object({ ok: z.literal(true) }).meta({ id: "Ok" }) },
  errors: ["webhook_endpoint_not_found"],
  audit: null,
});
