const noUdpPastTheProxy = "disable_non_proxied_udp";

/**
 * Playwright 1.65's own lists. Of two such switches Chromium obeys the last, so ours has to repeat them; a test compares
 * them with what a browser was started with.
 */
const playwrightDisables = [
  ...["AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"],
  ...[
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
  ],
  ...["AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints"],
  ...["NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch", "msForceBrowserSignIn"],
  "msEdgeUpdateLaunchServicesPreferredVersion",
];
const playwrightEnables = ["CDPScreenshotNewSurface", "SkipListAccountsWithoutGaiaCookies"];

const nothingIsPrefetched = ["Base", "Burst"].map((kind) => `kPrefetchSchedulerTestingActiveSetSizeLimitFor${kind}/0`);

/** The switches every Chromium of ours starts with, each with its reason; Playwright adds its own before them. */
export const launchFlags = [
  ["--disable-background-networking", "a browser without a task has nothing to tell anyone"],
  ["--disable-component-update", "no downloads of its own; a single-use profile could not keep them"],
  ["--disable-sync", "no account but the end-user's, and no traffic that is not theirs"],
  ["--gaia-url=https://gaia.invalid", "an idle Chromium 156 asks accounts.google.com for accounts, without cookies"],
  ["--no-first-run", "no welcome pages and no import of another profile"],
  ["--no-default-browser-check", "it never is, and the check costs time"],
  ["--no-pings", "link auditing reports clicks to third parties"],
  ["--disable-domain-reliability", "failed requests would be reported to their vendor"],
  [
    "--proxy-server=http://nowhere.invalid:9",
    "whatever is outside a context with a proxy of its own would go out directly; this proxy does not exist",
  ],
  ["--proxy-bypass-list=<-loopback>", "a page would reach servers on this machine past the proxy"],
  [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "a name looked up carries data to whoever answers for it, and sockets that know no proxy need an address",
  ],
  ["--dns-prefetch-disable", "a page's links would reach a resolver before anyone opened them"],
  ["--disable-quic", "UDP would pass by a proxy that only speaks TCP"],
  [
    `--webrtc-ip-handling-policy=${noUdpPastTheProxy}`,
    "STUN over UDP reaches private addresses; full Chromium obeys this",
  ],
  [
    `--force-webrtc-ip-handling-policy=${noUdpPastTheProxy}`,
    "the same for chromium-headless-shell, which obeys only this",
  ],
  [
    `--disable-features=${[...playwrightDisables, "FedCm", "Reporting"].join()}`,
    "federated sign-in and the network stack's reports are sent past every interception, with cookies",
  ],
  [
    `--enable-features=${[...playwrightEnables, `PrefetchSchedulerTesting:${nothingIsPrefetched.join("/")}`].join()}`,
    "so are the prefetches and prerenders that a page asks for: this lets none start",
  ],
] as const satisfies readonly (readonly [flag: string, reason: string])[];
