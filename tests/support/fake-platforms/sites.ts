import { type Platform, platforms } from "@stablehand/contract";

/** What a fake of a platform knows of the real one. */
export interface Site {
  readonly title: string;
  /** For the page's look. */
  readonly colour: string;
  /** Names the fake answers to, each with its own cookies. */
  readonly hosts: readonly string[];
  /** Where it sends a visitor who is not signed in; its path may be asked for without signing in. */
  readonly login: string;
  /** Where it sends a visitor it doubts. */
  readonly challenge: string;
}

/** The five platforms. */
export const sites: Readonly<Record<Platform, Site>> = {
  twitter: {
    title: "X",
    colour: "#0f1419",
    hosts: ["x.com", "www.x.com", "api.x.com", "twitter.com", "www.twitter.com"],
    login: "https://x.com/i/flow/login",
    challenge: "https://x.com/account/access",
  },
  reddit: {
    title: "Reddit",
    colour: "#c93a00",
    hosts: ["www.reddit.com", "reddit.com"],
    login: "https://www.reddit.com/login",
    challenge: "https://www.reddit.com/verification",
  },
  tiktok: {
    title: "TikTok",
    colour: "#c2185b",
    hosts: ["www.tiktok.com", "tiktok.com"],
    login: "https://www.tiktok.com/login",
    challenge: "https://www.tiktok.com/captcha/verify",
  },
  youtube: {
    title: "YouTube",
    colour: "#b3001b",
    hosts: ["www.youtube.com", "youtube.com", "accounts.google.com"],
    login: "https://accounts.google.com/v3/signin/identifier",
    challenge: "https://accounts.google.com/v3/signin/challenge/pwd",
  },
  instagram: {
    title: "Instagram",
    colour: "#8a3ab9",
    hosts: ["www.instagram.com", "instagram.com"],
    login: "https://www.instagram.com/accounts/login/",
    challenge: "https://www.instagram.com/challenge/",
  },
};

/** A host that belongs to no platform and sees no cookie. */
export const elsewhere = "elsewhere.example";

/** Every name the fake platforms answer to. */
export const allHosts = [...Object.values(sites).flatMap(({ hosts }) => hosts), elsewhere];

/** The platform that answers to exactly this host. */
export function platformOf(host: string): Platform | undefined {
  return platforms.find((platform) => sites[platform].hosts.includes(host));
}
