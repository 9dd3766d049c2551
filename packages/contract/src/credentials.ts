import { z } from "zod";
import { countCharacters, endUserId } from "./end-user-id.ts";
import { healths } from "./health.ts";
import {
  type CredentialField,
  credentialFieldNames,
  credentialFields,
  isCredentialField,
  type Platform,
  platforms,
} from "./platforms.ts";
import { defineRoute } from "./route.ts";
import { sealedValue } from "./sealing.ts";
import { taskAccepted } from "./tasks.ts";

/** The longest credential value, in characters. */
export const credentialValueMax = 4_096;

/** A header naming the body's fields that were ignored, so that a typing mistake is noticed. */
export const ignoredFieldsHeader = "x-ignored-fields";

const neverInACookie = /[\p{Cc}\s",;\\]/u;

function credentialValue(field: CredentialField) {
  const { cookie } = credentialFields[field];
  return z
    .string(`${field} must be a string`)
    .transform((value) => value.trim())
    .superRefine((value, context) => {
      const problem = (message: string) => context.addIssue({ code: "custom", message: `${field} ${message}` });
      if (value === "") problem("is empty: leave it out to keep what is stored, or DELETE it");
      else if (value.length > credentialValueMax && countCharacters(value) > credentialValueMax)
        problem(`is longer than ${credentialValueMax} characters`);
      else if (value.startsWith(`${cookie}=`))
        problem(`starts with "${cookie}=": send only what comes after the equals sign`);
      else if (neverInACookie.test(value) || !value.isWellFormed())
        problem('has a character that no cookie value can have (white space, control, or one of " , ; \\)');
    })
    .meta({
      description: `The cookie \`${cookie}\`.`,
      minLength: 1,
      maxLength: credentialValueMax,
      pattern: '^\\s*[^\\s\\x00-\\x1f\\x7f-\\x9f",;\\\\]+\\s*$',
    });
}

const valueShape = Object.fromEntries(
  credentialFieldNames.map((field) => [field, credentialValue(field).optional()]),
) as Record<CredentialField, z.ZodOptional<ReturnType<typeof credentialValue>>>; // one entry for each field name

/** True when `value` could be stored for `field` just as it is. */
export function isCredentialValue(field: CredentialField, value: string): boolean {
  const checked = valueShape[field].safeParse(value);
  return checked.success && checked.data === value;
}

const sealedShape = Object.fromEntries(
  credentialFieldNames.map((field) => [field, sealedValue(field).optional()]),
) as Record<CredentialField, z.ZodOptional<ReturnType<typeof sealedValue>>>; // one entry for each field name

const namesField = (values: object) => credentialFieldNames.some((field) => Object.hasOwn(values, field));
const noField = `no recognised credential field: send at least one of ${credentialFieldNames.join(", ")}`;

const setBody = z
  .object(
    {
      ...valueShape,
      sealed: z
        .object(sealedShape, 'sealed must be an object such as {"twitterCt0":"AQE…"}')
        .refine(namesField, `sealed: ${noField}`)
        .optional()
        .meta({
          description:
            "Instead of values: the same, sealed by the caller. What only an opened value shows is then not checked: that it is trimmed, and can be a cookie.",
        }),
    },
    "the body must be a JSON object of credential fields",
  )
  .refine((body) => body.sealed || namesField(body), noField)
  .refine((body) => !(body.sealed && namesField(body)), "send values sealed, or send values, not both in one request")
  .meta({ id: "Credentials", minProperties: 1, example: { twitterAuthToken: "…", twitterCt0: "…" } });

/** The names in a body that are no credential field, for the header `x-ignored-fields`. */
export function ignoredFieldsOf(body: unknown): string[] {
  if (typeof body !== "object" || body === null) return [];
  const { sealed, ...values } = body as { sealed?: unknown }; // an object, as just checked
  return [values, sealed ?? {}].flatMap(Object.keys).filter((name) => !isCredentialField(name));
}

const params = z.object({ endUserId });
const ok = z.object({ ok: z.literal(true) }).meta({ id: "Ok" });
const timestamp = z.iso.datetime({ precision: 3 });
const path = "/v1/end-users/{endUserId}/credentials";

const platformDetails = z
  .object({
    fields: z.partialRecord(
      z.enum(credentialFieldNames as [CredentialField, ...CredentialField[]]), // never empty
      z.object({ updatedAt: timestamp, lastUsedAt: timestamp.nullable() }),
    ),
    missing: z.array(z.enum(credentialFieldNames as [CredentialField, ...CredentialField[]])),
    health: z.enum(healths),
    checkedAt: timestamp.nullable(),
  })
  .meta({ id: "PlatformDetails" });

const platformName = z.enum(platforms);

function eachPlatform<Schema extends z.ZodType>(schema: Schema) {
  return z.object(Object.fromEntries(platforms.map((name) => [name, schema])) as Record<Platform, Schema>); // all five
}

/** How an end-user's credentials stand: never a value. */
export const credentialStatus = z
  .object({
    endUserId,
    platforms: eachPlatform(z.boolean()),
    details: eachPlatform(platformDetails),
  })
  .meta({ id: "CredentialStatus" });

/** The same, as it is sent. */
export type CredentialStatus = z.output<typeof credentialStatus>;

/** Stores or replaces the named fields; the others keep their value. */
export const setCredentials = defineRoute({
  id: "set-credentials",
  method: "PUT",
  path,
  auth: "business",
  scope: "credentials:write",
  endUser: "path",
  summary: "Set credentials",
  params,
  body: setBody,
  reply: {
    status: 200,
    body: ok,
    headers: { [ignoredFieldsHeader]: "The body's fields that are no credential and were ignored." },
  },
  errors: ["sealing_key_changed"],
  audit: "set",
});

/** Says which platforms are configured, and how fresh; never a value. */
export const getCredentials = defineRoute({
  id: "get-credentials",
  method: "GET",
  path,
  auth: "business",
  scope: "credentials:read",
  endUser: "path",
  summary: "Get credential status",
  params,
  reply: {
    status: 200,
    body: credentialStatus,
  },
  errors: [],
  audit: null,
});

/** Removes the named fields, or all of them. Irreversible. */
export const deleteCredentials = defineRoute({
  id: "delete-credentials",
  method: "DELETE",
  path,
  auth: "business",
  scope: "credentials:write",
  endUser: "path",
  summary: "Delete credentials",
  params,
  body: z
    .strictObject(
      {
        fields: z
          .array(
            z
              .string("fields must be an array of field names")
              .refine(isCredentialField, {
                error: `fields names something else than ${credentialFieldNames.join(", ")}`,
              })
              .meta({ enum: credentialFieldNames }),
            "fields must be an array of field names",
          )
          .optional(),
      },
      {
        error: (issue) =>
          issue.code === "unrecognized_keys"
            ? 'the body may hold only "fields"; nothing was deleted'
            : 'the body must be a JSON object such as {"fields":["twitterCt0"]}, or absent to delete everything',
      },
    )
    .meta({ id: "DeleteCredentials", example: { fields: ["twitterCt0"] } }),
  bodyOptional: true,
  reply: { status: 200, body: ok },
  errors: [],
  audit: "delete",
});

/** Starts a sign-in check in a real browser; its task tells the outcome. */
export const checkCredentials = defineRoute({
  id: "check-credentials",
  method: "POST",
  path: `${path}/check`,
  auth: "business",
  scope: "tasks:run",
  endUser: "path",
  summary: "Check that the stored cookies still sign in",
  params,
  body: z
    .strictObject(
      { platforms: z.array(platformName, `platforms must be an array of ${platforms.join(", ")}`).optional() },
      {
        error: (issue) =>
          issue.code === "unrecognized_keys"
            ? 'the body may hold only "platforms"'
            : 'the body must be a JSON object such as {"platforms":["twitter"]}, or absent to check all',
      },
    )
    .meta({ id: "CheckCredentials", example: { platforms: ["twitter"] } }),
  bodyOptional: true,
  reply: {
    status: 202,
    body: taskAccepted,
  },
  errors: ["no_credentials"],
  audit: null,
});
