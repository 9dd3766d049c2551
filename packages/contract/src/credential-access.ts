import { z } from "zod";
import { endUserId } from "./end-user-id.ts";
import { pageLimit } from "./page-limit.ts";
import { credentialFieldNames } from "./platforms.ts";
import { defineRoute } from "./route.ts";

/**
 * What the access log writes down. `open`: a worker took the values for a task; `check`: for a sign-in check; `rotate`: it
 * stored what a site had renewed; `rekey`: it took them to seal them to a new key; `restore`: they came back from a backup.
 */
export const accessActions = ["set", "delete", "open", "check", "rotate", "rekey", "restore"] as const;

/** One of them. */
export type AccessAction = (typeof accessActions)[number];

/** How many rows of the access log a page holds: by default, and at most. */
export const accessPage = { default: 50, max: 100 } as const;

const timestamp = z.iso.datetime({ precision: 3 });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const access = z
  .object({
    sequence: z.int().min(1).meta({ description: "From 1 within the business, without a gap." }),
    at: timestamp,
    action: z.enum(accessActions),
    endUserId,
    fields: z.array(z.enum(credentialFieldNames)),
    apiKeyId: z.string().optional().meta({ description: "The API key that did it." }),
    ticketId: z.uuid().optional().meta({ description: "The upload ticket by which its end-user did it." }),
    accountId: z.string().optional().meta({ description: "The signed-in account that did it." }),
    workerId: z.string().optional().meta({ description: "The worker that did it." }),
    taskId: z.uuid().optional().meta({ description: "The task that a worker did it for." }),
    keyId: z
      .string()
      .regex(/^[0-9a-f]{16}$/)
      .optional()
      .meta({ description: "The end-user's key that the values were sealed to." }),
    entry: z.string().meta({ description: "The row as canonical JSON: `hash` is the SHA-256 of exactly this text." }),
    previous: sha256.meta({ description: "The `hash` of the business's row before; 64 zeros in the first." }),
    hash: sha256,
  })
  .meta({ id: "CredentialAccess" });

/** A row of the access log on the wire. */
export type CredentialAccess = z.output<typeof access>;

/** Lists who touched the business's credentials, and when; the newest first. */
export const listCredentialAccess = defineRoute({
  id: "list-credential-access",
  method: "GET",
  path: "/v1/credential-access",
  auth: "business",
  scope: "credentials:read",
  endUser: "query",
  summary: "List accesses to credentials",
  query: z.object({
    limit: pageLimit(accessPage),
    endUserId: endUserId.optional().meta({ description: "Only this end-user's." }),
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
        accesses: z.array(access).max(accessPage.max),
        nextCursor: z.string().optional().meta({ description: "Absent on the last page." }),
      })
      .meta({ id: "CredentialAccessList" }),
  },
  errors: [],
  audit: null,
});
