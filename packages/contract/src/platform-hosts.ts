import type { Platform } from "./platforms.ts";

/**
 * A rule for hosts: `example.com` is that name alone, `.example.com` that name and every name below it.
 *
 * Lower case, without port and trailing dot; an international name in its `xn--` form.
 */
export type HostRule = string;

/** What a platform's own pages load, by what it is for. */
export interface PlatformHosts {
  /** Where its pages are, and where it sends people to sign in. */
  readonly site: readonly HostRule[];
  /** What its scripts call outside those. */
  readonly api: readonly HostRule[];
  /** Pictures, videos, scripts and style sheets. */
  readonly media: readonly HostRule[];
}

/**
 * The hosts that each platform's pages need, and no more: this is all that a signed-in browser reaches.
 *
 * A suffix stands here only when nobody but the platform publishes, or receives data, below it. That is why Google's
 * names are listed one by one (forms on docs.google.com, buckets on storage.googleapis.com and scripts on
 * googleusercontent.com belong to strangers), and why facebook.com is missing (its pixel reports to whoever asks).
 */
export const platformHosts: Readonly<Record<Platform, PlatformHosts>> = {
  twitter: {
    site: [".x.com", ".twitter.com", "t.co"],
    api: [],
    media: [".twimg.com", ".pscp.tv"],
  },
  reddit: {
    site: [".reddit.com"],
    api: [],
    media: [".redd.it", ".redditstatic.com", ".redditmedia.com"],
  },
  tiktok: {
    site: [".tiktok.com"],
    api: [".tiktokv.com", ".tiktokv.us", ".tiktokv.eu", ".tiktokw.us", ".tiktokw.eu", ".byteoversea.com"],
    media: [
      ".tiktokcdn.com",
      ".tiktokcdn-us.com",
      ".tiktokcdn-eu.com",
      ".ttwstatic.com",
      ".ibyteimg.com",
      ".ibytedtos.com",
      ".muscdn.com",
    ],
  },
  youtube: {
    site: [".youtube.com", "youtu.be", "accounts.google.com", "myaccount.google.com", "consent.google.com"],
    api: [
      "www.google.com", // the script that tells YouTube a browser from a bot
      "apis.google.com",
      "play.google.com",
      "youtubei.googleapis.com",
      "jnn-pa.googleapis.com",
    ],
    media: [
      ".ytimg.com",
      ".googlevideo.com",
      ".ggpht.com",
      ".gstatic.com",
      "fonts.googleapis.com",
      "lh3.googleusercontent.com",
      "yt3.googleusercontent.com",
    ],
  },
  instagram: {
    site: [".instagram.com"],
    api: [],
    media: [".cdninstagram.com", ".fbcdn.net"],
  },
};

/** The rules of one platform, whatever they are for. */
export function hostRulesOf(platform: Platform): readonly HostRule[] {
  const { site, api, media } = platformHosts[platform];
  return [...site, ...api, ...media];
}

const hostRulePattern =
  /^\.?(?=.{4,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** True when `text` has a rule's form. Numeric addresses have none, and a whole top-level domain cannot be a rule. */
export function isHostRule(text: string): text is HostRule {
  return hostRulePattern.test(text) && !/(?:^|\.)\d+$/.test(text);
}

/** True when a URL's `hostname`, as the URL parser gives it, is what `rule` stands for. */
export function matchesHost(rule: HostRule, hostname: string): boolean {
  return rule.startsWith(".") ? hostname === rule.slice(1) || hostname.endsWith(rule) : hostname === rule;
}

/** The platform on whose site `hostname` is, for finding out which sign-in an address is about; null when on none. */
export function platformOfHost(hostname: string): Platform | null {
  for (const platform of Object.keys(platformHosts) as Platform[]) // the keys of a literal
    if (platformHosts[platform].site.some((rule) => matchesHost(rule, hostname))) return platform;
  return null;
}
