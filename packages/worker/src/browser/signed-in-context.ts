import { type CredentialField, credentialFields, isCredentialField } from "@stablehand/contract";
import type { Browser, BrowserContext, Cookie } from "playwright-core";

/** Opened credentials, as a task needs them: some of the twelve. */
export type CredentialValues = Readonly<Partial<Record<CredentialField, string>>>;

/** Some cookies are not in the browser as they should be. Names fields, never values; has no `cause` for that reason. */
export class CookieRefusedError extends Error {
  override readonly name = "CookieRefusedError";
  readonly fields: readonly CredentialField[];

  constructor(fields: readonly CredentialField[]) {
    super(`the browser did not take the cookies of ${fields.join(", ")}`);
    this.fields = fields;
  }
}

type JarCookie = Pick<Cookie, "name" | "value" | "domain" | "path" | "secure" | "httpOnly" | "sameSite" | "expires">;

/**
 * Opens a fresh context that is signed in with `values`, each a cookie with the attributes of the contract's table.
 *
 * What the table leaves open: `SameSite=None`, because the platforms' pages call one another across sites (twitter.com
 * posts to x.com, youtube.com frames accounts.google.com) and a `Lax` cookie stays away from both; against forged
 * requests they have tokens of their own. No expiry: a session cookie lives exactly as long as its context, in memory.
 * Service workers are blocked, since they pass by request interception; downloads are refused.
 * Errors: CookieRefusedError when the jar, read back, differs from what was asked; the context is closed then.
 */
export async function openSignedInContext(browser: Browser, values: CredentialValues): Promise<BrowserContext> {
  const context = await browser.newContext({ serviceWorkers: "block", acceptDownloads: false });
  try {
    await signIn(context, values);
    return context;
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** Signs an open context in with `values` too. Errors: CookieRefusedError, as for a new context; it stays open. */
export async function signIn(context: BrowserContext, values: CredentialValues): Promise<void> {
  const wanted = Object.entries(values).flatMap(([field, value]) =>
    isCredentialField(field) ? cookiesOf(field, value).map((cookie) => ({ field, cookie })) : [],
  );
  // Chromium's refusal says not which cookie and may quote it: the jar alone decides.
  await context.addCookies(wanted.map(({ cookie }) => cookie)).catch(() => undefined);
  const jar = await context.cookies();
  const refused = wanted.filter(({ cookie }) => !jar.some((kept) => isSame(kept, cookie)));
  if (refused.length > 0) throw new CookieRefusedError([...new Set(refused.map(({ field }) => field))]);
}

function cookiesOf(field: CredentialField, value: string): JarCookie[] {
  const { cookie: name, domains, httpOnly } = credentialFields[field];
  return domains.map((domain) => ({
    name,
    value,
    domain,
    path: "/",
    secure: true,
    httpOnly,
    sameSite: "None",
    expires: -1,
  }));
}

function isSame(kept: Cookie, wanted: JarCookie): boolean {
  return (
    kept.name === wanted.name &&
    kept.value === wanted.value &&
    kept.domain === wanted.domain &&
    kept.path === wanted.path &&
    kept.secure === wanted.secure &&
    kept.httpOnly === wanted.httpOnly &&
    kept.sameSite === wanted.sameSite &&
    kept.expires === wanted.expires
  );
}
