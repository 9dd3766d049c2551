import { z } from "zod";
import { endUserId } from "./end-user-id.ts";
import { platforms } from "./platforms.ts";
import { defineRoute } from "./route.ts";
import { taskErrorCodes } from "./tasks.ts";
import { isPublicHost } from "./web-address.ts";

/** The most webhook endpoints a business may have. */
export const webhookEndpointsMax = 10;

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

/**
 * What a receiver is sent. That a task has ended, and how: what it found is read with `GET /v1/tasks/{taskId}`. Or that a
 * platform does not take an end-user's stored cookies any more: once each time that it stops.
 */
export const webhookEvent = z.discriminatedUnion("type", [taskEnded, credentialsDoubted]).meta({ id: "WebhookEvent" });

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

/** Deletes a webhook endpoint and what still waited to be sent to it. */
export const deleteWebhookEndpoint = defineRoute({
  id: "delete-webhook-endpoint",
  method: "DELETE",
  path: "/v1/webhook-endpoints/{endpointId}",
  auth: "business",
  scope: "whole",
  endUser: "all",
  summary: "Delete a webhook endpoint",
  params: z.object({ endpointId: z.string().max(256).meta({ example: "5f3f1c8e-2f51-4f4e-9d5b-3b8f5f0c9a77" }) }),
  reply: { status: 200, body: z.object({ ok: z.literal(true) }).meta({ id: "Ok" }) },
  errors: ["webhook_endpoint_not_found"],
  audit: null,
});
