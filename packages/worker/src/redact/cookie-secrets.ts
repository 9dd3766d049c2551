import { type CredentialField, credentialFieldNames, credentialFields } from "@stablehand/contract";
import type { Cookie } from "playwright-core";
import type { Secret } from "./redactor.ts";

const tokenLengthMin = 16;

/**
 * What of a jar must not leave: the cookies that sign in, each under its field, those that pages cannot read, and those as
 * long as a token.
 */
export function cookieSecrets(jar: readonly Cookie[]): Secret[] {
  return jar.flatMap((cookie) => {
    const field = fieldOf(cookie);
    const isSecret = field !== undefined || cookie.httpOnly || cookie.value.length >= tokenLengthMin;
    return isSecret ? [{ value: cookie.value, field }] : [];
  });
}

/** Also of a cookie that the site has set for one of its hosts alone. */
function fieldOf({ name, domain }: Cookie): CredentialField | undefined {
  const host = `.${domain.replace(/^\./, "")}`;
  return credentialFieldNames.find((field) => {
    const { cookie, domains } = credentialFields[field];
    return cookie === name && domains.some((one) => host.endsWith(one));
  });
}
