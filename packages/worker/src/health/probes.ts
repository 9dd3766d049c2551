import type { Health, Platform } from "@stablehand/contract";

/** A set of pages: exactly these hosts (with the port, if not 443), and a path that matches. */
interface Place {
  readonly hosts: readonly string[];
  readonly path: RegExp;
}

/** How a platform shows what it thinks of its cookies. */
export interface Probe {
  /** The page to open: one that only a signed-in visitor can see. */
  readonly page: string;
  readonly valid: Place;
  readonly expired: readonly Place[];
  readonly challenged: readonly Place[];
  /** A challenge that lies over the page instead of having an address of its own: shown when any of these is visible. */
  readonly challengeOverlay?: string;
}

const x = ["x.com", "www.x.com", "mobile.x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com"];
const reddit = ["www.reddit.com", "reddit.com", "old.reddit.com"];
const tiktok = ["www.tiktok.com", "tiktok.com", "m.tiktok.com"];
const youtube = ["www.youtube.com", "youtube.com", "m.youtube.com"];
const google = ["accounts.google.com"];
const instagram = ["www.instagram.com", "instagram.com"];

/**
 * One probe a platform. The order of judgement: challenged, expired, valid; whatever fits none of them is unknown.
 *
 * A path also covers what lies below it (`/settings/account`, `/login/identifier`), but never a longer word (`/loginx`).
 */
export const probes: Readonly<Record<Platform, Probe>> = {
  twitter: {
    page: "https://x.com/home",
    valid: { hosts: x, path: /^\/home(\/|$)/ },
    expired: [{ hosts: x, path: /^\/(i\/flow\/login(\/|$)|login(\/|$)|$)/ }],
    challenged: [{ hosts: x, path: /^\/account\/access(\/|$)/ }],
  },
  reddit: {
    page: "https://www.reddit.com/settings",
    valid: { hosts: reddit, path: /^\/settings(\/|$)/ },
    expired: [{ hosts: reddit, path: /^\/login(\/|$)/ }],
    challenged: [{ hosts: reddit, path: /^\/verification(\/|$)/ }],
  },
  tiktok: {
    page: "https://www.tiktok.com/setting",
    valid: { hosts: tiktok, path: /^\/setting(\/|$)/ },
    expired: [{ hosts: tiktok, path: /^\/login(\/|$)/ }],
    challenged: [{ hosts: tiktok, path: /captcha/i }],
    challengeOverlay: ".captcha-verify-container, .captcha_verify_container, #captcha-verify-container-main-page",
  },
  youtube: {
    page: "https://www.youtube.com/account",
    valid: { hosts: youtube, path: /^\/account(\/|$)/ },
    expired: [{ hosts: google, path: /^/ }],
    challenged: [{ hosts: google, path: /\/challenge(\/|$)/ }],
  },
  instagram: {
    page: "https://www.instagram.com/accounts/edit/",
    valid: { hosts: instagram, path: /^\/accounts\/edit(\/|$)/ },
    expired: [{ hosts: instagram, path: /^\/accounts\/login(\/|$)/ }],
    challenged: [{ hosts: instagram, path: /^\/challenge(\/|$)/ }],
  },
};

/** Where a browser ended up after it had opened a probe's page. */
export interface Sighting {
  /** Of the last document; null when there was no answer. */
  readonly status: number | null;
  readonly url: string;
  /** Whether the probe's `challengeOverlay` is visible. */
  readonly overlayShown?: boolean;
}

/** What a sighting says of the cookies. Only a page that answered 200 over HTTPS at a known place says anything. */
export function judge(platform: Platform, { status, url, overlayShown = false }: Sighting): Health {
  const probe = probes[platform];
  if (status !== 200 || !URL.canParse(url)) return "unknown";
  const { protocol, host, pathname } = new URL(url);
  if (protocol !== "https:") return "unknown";

  const isAt = ({ hosts, path }: Place) => hosts.includes(host) && path.test(pathname);
  if (probe.challenged.some(isAt) || (overlayShown && isAt(probe.valid))) return "challenged";
  if (probe.expired.some(isAt)) return "expired";
  return isAt(probe.valid) ? "valid" : "unknown";
}
