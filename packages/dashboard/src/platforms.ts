import type { CredentialField, Platform } from "@stablehand/sdk";

/** The platforms as people call them, in the order of the wire. */
export const platformNames: Readonly<Record<Platform, string>> = {
  twitter: "X",
  reddit: "Reddit",
  tiktok: "TikTok",
  youtube: "YouTube",
  instagram: "Instagram",
};

/** In the order of the wire. */
export const platforms = Object.keys(platformNames) as readonly Platform[]; // the keys of the literal above

/** True when `text` is one of them. */
export function isPlatform(text: string): text is Platform {
  return Object.hasOwn(platformNames, text);
}

/** Where each platform's cookies are found, and which: the field, and the cookie's name. */
export const platformCookies: Readonly<
  Record<Platform, { readonly site: string; readonly fields: readonly (readonly [CredentialField, string])[] }>
> = {
  twitter: {
    site: "https://x.com",
    fields: [
      ["twitterAuthToken", "auth_token"],
      ["twitterCt0", "ct0"],
    ],
  },
  reddit: { site: "https://www.reddit.com", fields: [["redditSession", "reddit_session"]] },
  tiktok: {
    site: "https://www.tiktok.com",
    fields: [
      ["tiktokSessionId", "sessionid"],
      ["tiktokCsrfToken", "tt_csrf_token"],
    ],
  },
  youtube: {
    site: "https://www.youtube.com",
    fields: [
      ["youtubeSid", "SID"],
      ["youtubeHsid", "HSID"],
      ["youtubeSsid", "SSID"],
      ["youtubeSapisid", "SAPISID"],
    ],
  },
  instagram: {
    site: "https://www.instagram.com",
    fields: [
      ["instagramSessionId", "sessionid"],
      ["instagramCsrfToken", "csrftoken"],
      ["instagramDsUserId", "ds_user_id"],
    ],
  },
};
