import type { Platform } from "@stablehand/contract";
import {
  captchaOverlayPage,
  challengePage,
  echoPage,
  feedPage,
  loginPage,
  plainPage,
  scriptPage,
  signedInPage,
} from "./pages.ts";
import { elsewhere, platformOf, type Site, sites } from "./sites.ts";

/** What a fake platform does with a request: a page, a redirect, silence, or a cut connection. */
export type Reply =
  | { readonly status: number; readonly html: string }
  | { readonly location: string }
  | "silence"
  | "reset";

/** A request for a page that is not a login or challenge page. `name` is who is signed in, null for nobody. */
interface Visit {
  readonly site: Site;
  readonly name: string | null;
}

const ok = (html: string): Reply => ({ status: 200, html });
const byScript = (script: string) => (visit: Visit) => ok(scriptPage(visit.site, script));
const whenSignedIn =
  (script = "") =>
  ({ site, name }: Visit): Reply =>
    name ? ok(signedInPage(site, name, script)) : { location: site.login };

const renewCt0 = `document.cookie = "ct0=CANARY-renewed; domain=.x.com; path=/; secure; samesite=none"`;

/** How a fake platform behaves, by mode; only where `whenSignedIn` stands do the cookies matter. */
const behaviours = {
  "signed-in": whenSignedIn(),
  /** A feed with a form; what is posted is recorded as a request. */
  feed: ({ site, name }) => (name ? ok(feedPage(site, name)) : { location: site.login }),
  /** Shows the cookies that scripts can read. */
  echo: ({ site, name }) => ok(echoPage(site, name ?? "stranger")),
  /** Renews one of X's cookies, as the site itself does now and then. */
  renew: whenSignedIn(renewCt0),
  "renew-and-echo": whenSignedIn(`${renewCt0}; document.querySelector("main").append(document.cookie)`),
  "logged-out": ({ site }) => ({ location: site.login }),
  /** The page's script replaces the address with the login page's. */
  "script-logout": ({ site }) => ok(scriptPage(site, `location.replace("${site.login}")`)),
  /** Once loaded, changes its address twice, in the end to the login page's, without a request. On one host only. */
  "history-logout": ({ site }) =>
    ok(
      scriptPage(
        site,
        `onload = () => setTimeout(() => {
          history.pushState(null, "", "/checking");
          setTimeout(() => history.pushState(null, "", "${site.login}"), 300);
        }, 300)`,
      ),
    ),
  challenge: ({ site }) => ({ location: site.challenge }),
  "challenge-overlay": ({ site }) => ok(captchaOverlayPage(site)),
  "server-error": () => ({ status: 500, html: plainPage("Something broke") }),
  "too-many": () => ({ status: 429, html: plainPage("Too many requests") }),
  slow: () => "silence",
  /** A page that looks fine when it has loaded, but then leaves for one that never answers. */
  "slow-script": whenSignedIn(`onload = () => setTimeout(() => location.replace("/never"))`),
  /** An endless loop, but only once the page has loaded and looks fine. */
  "hang-script": whenSignedIn(`onload = () => setTimeout(() => { for (;;); })`),
  "redirect-loop": byScript(`setTimeout(() => location.replace("?" + performance.now()), 20)`),
  broken: () => "reset",
  "unknown-page": () => ({ location: `https://${elsewhere}/` }),
  /** A pop-up, a download and a dialog, on a page that is signed in. */
  popup: whenSignedIn(`
    open("https://${elsewhere}/");
    Object.assign(document.createElement("a"), { href: "data:application/zip,x", download: "x.zip" }).click();
    alert("Welcome back");`),
} as const satisfies Record<string, (visit: Visit) => Reply>;

/** The name of a behaviour. */
export type Mode = keyof typeof behaviours;

/** Decides the answer to a GET of `url`, which has the host that was asked for. */
export function replyTo(
  url: URL,
  mode: (platform: Platform) => Mode,
  nameOf: (platform: Platform) => string | null,
): Reply {
  if (url.host === elsewhere) return ok(plainPage("Somewhere else"));
  const platform = platformOf(url.host);
  if (!platform) return { status: 421, html: plainPage("No such host") };

  const site = sites[platform];
  const page = url.origin + url.pathname;
  if (page === site.login) return ok(loginPage(site));
  if (page === site.challenge) return ok(challengePage(site));
  if (url.pathname === "/never") return "silence";
  return behaviours[mode(platform)]({ site, name: nameOf(platform) });
}
