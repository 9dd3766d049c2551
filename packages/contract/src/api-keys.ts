import { z } from "zod";
import { countCharacters } from "./end-user-id.ts";
import { defineRoute } from "./route.ts";
import { scopes } from "./scopes.ts";

/** The longest label of an API key, in characters. */
export const apiKeyLabelMax = 60;

const timestamp = z.iso.datetime({ precision: 3 });
const keyId = z.string().meta({ description: "The first 16 characters of the secret; `prefix` is the same." });
const label = z.string().nullable();

const apiKey = z
  .object({
    keyId,
    prefix: z.string(),
    label,
    createdAt: timestamp,
    lastUsedAt: timestamp.nullable().meta({ description: "Best effort." }),
    revokedAt: timestamp.nullable(),
    scopes: z
      .array(z.enum(scopes))
      .optional()
      .meta({ description: "Only of a key that is narrowed to them; as are the next two." }),
    endUserPrefix: z.string().optional(),
    expiresAt: timestamp.optional(),
    replacedBy: z.string().optional().meta({ description: "The key that was made to take its place." }),
  })
  .meta({ id: "ApiKey" });

/** An API key on the wire; its secret is in no list. */
export type ApiKeyRecord = z.output<typeof apiKey>;

/** Makes an API key of the account's business. */
export const createApiKey = defineRoute({
  id: "create-api-key",
  method: "POST",
  path: "/v1/api-keys",
  auth: "account",
  summary: "Create an API key",
  body: z
    .object(
      {
        label: z
          .string("label must be a string")
          .refine(
            (text) => countCharacters(text) <= apiKeyLabelMax,
            `label is longer than ${apiKeyLabelMax} characters`,
          )
          .refine(
            (text) => !text.includes("\0") && text.isWellFormed(),
            "label contains a NUL character or half of a surrogate pair",
          )
          .optional()
          .meta({ maxLength: apiKeyLabelMax, pattern: "^[^\\u0000]*$", description: "What it is for." }),
      },
      'the body must be a JSON object such as {"label":"back end"}',
    )
    .meta({ id: "CreateApiKey", example: { label: "back end" } }),
  bodyOptional: true,
  reply: {
    status: 201,
    body: z
      .object({
        keyId,
        prefix: z.string(),
        secret: z.string().meta({ description: "Shown here and never again; only a hash of it is kept." }),
        label,
        createdAt: timestamp,
      })
      .meta({ id: "CreatedApiKey" }),
  },
  errors: [],
  audit: null,
});

/** Lists the business's API keys, newest first, revoked ones included. */
export const listApiKeys = defineRoute({
  id: "list-api-keys",
  method: "GET",
  path: "/v1/api-keys",
  auth: "account",
  summary: "List the API keys",
  reply: { status: 200, body: z.object({ keys: z.array(apiKey) }).meta({ id: "ApiKeyList" }) },
  errors: [],
  audit: null,
});

/** Revokes one of the business's API keys, for good; again gives the same answer. */
export const revokeApiKey = defineRoute({
  id: "revoke-api-key",
  method: "DELETE",
  path: "/v1/api-keys/{prefix}",
  auth: "account",
  summary: "Revoke an API key",
  params: z.object({ prefix: z.string().max(256).meta({ example: "sb_live_4f2a91c0" }) }),
  reply: { status: 200, body: apiKey },
  errors: ["api_key_not_found"],
  audit: null,
});
