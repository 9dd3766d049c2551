const noUdpPastTheProxy = "disable_non_proxied_udp";

/**
 * The switches every Chromium of ours starts with, each with its reason; Playwright adds its own before them.
 *
 * `--disable-features` and `--enable-features` must not appear: the last one wins and would undo Playwright's list.
 */
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
] as const satisfies readonly (readonly [flag: string, reason: string])[];
