import { z } from "zod";
import { credentialStatus } from "./credentials.ts";
import { countCharacters, endUserIdMax } from "./end-user-id.ts";
import { pageLimit } from "./page-limit.ts";
import { defineRoute } from "./route.ts";

/** How many end-users a page holds: by default, and at most. */
export const endUsersPage = { default: 50, max: 100 } as const;

/** How many end-users a page is searched from; it may hold fewer than asked for, and still have a next one. */
export const endUsersLookedThrough = 10_000;

/**
 * Lists the end-users for whom there is a key, in the order of their ids, with how their credentials stand.
 *
 * Those whose id begins with the API key's end-user prefix, where it has one. An end-user whose credentials were all
 * deleted is not among them, nor one of whom nothing was ever stored.
 */
export const listEndUsers = defineRoute({
  id: "list-end-users",
  method: "GET",
  path: "/v1/end-users",
  auth: "business",
  scope: "credentials:read",
  endUser: "listed",
  summary: "List end-users",
  query: z.object({
    limit: pageLimit(endUsersPage),
    prefix: z
      .string("prefix must stand once in the query")
      .refine((text) => countCharacters(text) <= endUserIdMax, `prefix is longer than ${endUserIdMax} characters`)
      .refine((text) => !text.includes("\0"), "prefix contains a NUL character")
      .optional()
      .meta({ description: "Only those whose id begins so, character by character." }),
    search: z
      .string("search must stand once in the query")
      .refine((text) => countCharacters(text) <= endUserIdMax, `search is longer than ${endUserIdMax} characters`)
      .refine((text) => !text.includes("\0"), "search contains a NUL character")
      .optional()
      .meta({
        description: `Only those whose id contains this, whatever the case of ASCII letters. A page looks through ${endUsersLookedThrough} end-users at most: it may hold fewer than \`limit\`, or none, and have a \`nextCursor\`.`,
      }),
    cursor: z
      .string("cursor must stand once in the query")
      .max(2_048, "cursor is not one that this server gave")
      .optional()
      .meta({ description: "The page after that which gave this `nextCursor`." }),
  }),
  reply: {
    status: 200,
    body: z
      .object({
        endUsers: z.array(credentialStatus).max(endUsersPage.max),
        nextCursor: z.string().optional().meta({ description: "Absent on the last page." }),
      })
      .meta({ id: "EndUserList" }),
  },
  errors: [],
  audit: null,
});
