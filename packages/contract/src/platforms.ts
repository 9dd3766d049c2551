/** The platforms whose sign-in cookies an end-user can have stored, in the order the wire lists them. */
export const platforms = ["twitter", "reddit", "tiktok", "youtube", "instagram"] as const;

/** One of the supported platforms. */
export type Platform = (typeof platforms)[number];

/** What a credential field is in a browser: one cookie, set for each of `domains`, always `Secure` with path `/`. */
export interface CookieSpec {
  readonly platform: Platform;
  readonly cookie: string;
  readonly domains: readonly string[];
  readonly httpOnly: boolean;
}

const x = [".x.com", ".twitter.com"];
const google = [".youtube.com", ".google.com"];

/**
 * The twelve wire fields and the cookies behind them.
 *
 * A platform is configured when every one of its fields is stored. Source: contract.md §2.
 */
export const credentialFields = {
  twitterAuthToken: { platform: "twitter", cookie: "auth_token", domains: x, httpOnly: true },
  twitterCt0: { platform: "twitter", cookie: "ct0", domains: x, httpOnly: false },
  redditSession: { platform: "reddit", cookie: "reddit_session", domains: [".reddit.com"], httpOnly: true },
  tiktokSessionId: { platform: "tiktok", cookie: "sessionid", domains: [".tiktok.com"], httpOnly: true },
  tiktokCsrfToken: { platform: "tiktok", cookie: "tt_csrf_token", domains: [".tiktok.com"], httpOnly: true },
  youtubeSid: { platform: "youtube", cookie: "SID", domains: google, httpOnly: false },
  youtubeHsid: { platform: "youtube", cookie: "HSID", domains: google, httpOnly: true },
  youtubeSsid: { platform: "youtube", cookie: "SSID", domains: google, httpOnly: true },
  youtubeSapisid: { platform: "youtube", cookie: "SAPISID", domains: google, httpOnly: false },
  instagramSessionId: { platform: "instagram", cookie: "sessionid", domains: [".instagram.com"], httpOnly: true },
  instagramCsrfToken: { platform: "instagram", cookie: "csrftoken", domains: [".instagram.com"], httpOnly: false },
  instagramDsUserId: { platform: "instagram", cookie: "ds_user_id", domains: [".instagram.com"], httpOnly: false },
} as const satisfies Record<string, CookieSpec>;

/** The wire name of one credential. */
export type CredentialField = keyof typeof credentialFields;

/** All twelve field names, in table order. */
export const credentialFieldNames = Object.keys(credentialFields) as readonly CredentialField[]; // the keys of a literal

/** True when `name` is one of the twelve; inherited names such as `__proto__` are not. */
export function isCredentialField(name: string): name is CredentialField {
  return Object.hasOwn(credentialFields, name);
}

/** The fields that together sign in to `platform`, in table order. */
export function fieldsOf(platform: Platform): readonly CredentialField[] {
  return credentialFieldNames.filter((field) => credentialFields[field].platform === platform);
}

/**
 * The platform whose cookies a browser sends to `host`, a URL's hostname; null for any other host.
 *
 * A host belongs to a platform when it is, or lies below, one of its cookies' domains: also accounts.google.com.
 */
export function platformOfHost(host: string): Platform | null {
  const dotted = `.${host.toLowerCase().replace(/\.$/, "")}`;
  const specs: readonly CookieSpec[] = Object.values(credentialFields);
  return specs.find(({ domains }) => domains.some((domain) => dotted.endsWith(domain)))?.platform ?? null;
}
