import { z } from "zod";
import { endUserId } from "./end-user-id.ts";
import { platforms } from "./platforms.ts";
import { defineRoute } from "./route.ts";

/** The longest that an upload ticket lasts, in seconds; so long it lasts by default. */
export const ticketSecondsMax = 900;

const returnUrlMax = 2_048;
const platformsHint = `platforms must be an array of one or more of ${platforms.join(", ")}`;
const secondsHint = `ttlSeconds must be a whole number from 1 to ${ticketSecondsMax}`;

/**
 * Makes a ticket for a page on which the end-user stores its own cookies, once, for these platforms alone.
 *
 * The page is at `url`, whose fragment is the token: no server is sent it when the page is opened, and no log has it. It shows
 * nothing of what is stored. The ticket ends when it was used, when its time is over, and with the API key that made it.
 */
export const createUploadTicket = defineRoute({
  id: "create-upload-ticket",
  method: "POST",
  path: "/v1/end-users/{endUserId}/upload-tickets",
  auth: "business",
  scope: "credentials:write",
  endUser: "path",
  summary: "Make an upload ticket",
  params: z.object({ endUserId }),
  body: z
    .strictObject(
      {
        platforms: z
          .array(z.enum(platforms, platformsHint), platformsHint)
          .min(1, platformsHint)
          .transform((names) => [...new Set(names)])
          .meta({ description: "Those whose cookies the page asks for." }),
        ttlSeconds: z
          .int(secondsHint)
          .min(1, secondsHint)
          .max(ticketSecondsMax, secondsHint)
          .optional()
          .meta({ description: `How long it lasts; ${ticketSecondsMax} by default.` }),
        returnUrl: z
          .string("returnUrl must be a string")
          .max(returnUrlMax, `returnUrl is longer than ${returnUrlMax} characters`)
          .optional()
          .meta({
            description: "Where the page goes when it is done, at one of the settings' `embedOrigins`.",
            format: "uri",
          }),
      },
      {
        error: (issue) =>
          issue.code === "unrecognized_keys"
            ? 'the body may hold only "platforms", "ttlSeconds" and "returnUrl"'
            : 'the body must be a JSON object such as {"platforms":["twitter"]}',
      },
    )
    .meta({ id: "CreateUploadTicket", example: { platforms: ["twitter"], ttlSeconds: 600 } }),
  reply: {
    status: 201,
    body: z
      .object({
        url: z.string().meta({ description: "The page to open for the end-user, once." }),
        token: z.string().meta({ description: "What is in the fragment of `url`. It is never shown again." }),
        expiresAt: z.iso.datetime({ precision: 3 }),
        ticketId: z.uuid().meta({ description: "Names the ticket in the access log. No secret." }),
      })
      .meta({ id: "UploadTicket" }),
  },
  errors: [],
  audit: null,
});
