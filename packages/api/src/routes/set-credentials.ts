import { credentialFieldNames, ignoredFieldsHeader, ignoredFieldsOf, setCredentials } from "@stablehand/contract";
import { handlerFor } from "../handler.ts";
import { readSealedUpload } from "../sealed-upload.ts";

const plainName = /^[A-Za-z_]{1,32}$/; // no digits: a token pasted as a name is not repeated
const namesMax = 20;

/** Seals and stores the fields of the body, or stores those that came sealed. The storing statement also confirms the API key, see `confirmsCaller`. */
export const handleSetCredentials = handlerFor(setCredentials, async (input, context) => {
  const { body, caller, params } = input;
  const values = credentialFieldNames.flatMap((field) => {
    const value = body[field];
    return value === undefined ? [] : [[field, value] as const];
  });
  const { businessId, keyId: apiKeyId, actor } = caller;
  const owner = { businessId, endUserId: params.endUserId, apiKeyId, actor };
  if (body.sealed) await context.credentials.setSealed(owner, readSealedUpload(body.sealed));
  else await context.credentials.set(owner, values);
  const ignored = ignoredFieldsOf(input.rawBody);
  if (ignored.length > 0) input.setHeader(ignoredFieldsHeader, describeNames(ignored));
  return { ok: true as const };
});

/** A header value: names that are plain, up to 20, and how many others. A value pasted as a name is not echoed. */
function describeNames(names: readonly string[]): string {
  const shown = names.filter((name) => plainName.test(name)).slice(0, namesMax);
  const others = names.length - shown.length;
  return [...shown, ...(others > 0 ? [`${others} more`] : [])].join(", ");
}
