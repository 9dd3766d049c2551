import { type HostRule, hostRulesOf, matchesHost, type Platform } from "@stablehand/contract";
import type { RefusalReason } from "./egress-log.ts";

/** Says why a browser may not reach a host, in the URL parser's form, at a port; null when it may. */
export type EgressPolicy = (host: string, port: number) => RefusalReason | null;

/** What a policy follows from. */
export interface EgressScope {
  /** Those whose cookies are in the jar. */
  readonly platforms: readonly Platform[];
  /** What the business allows beside their hosts. */
  readonly allowedHosts: readonly HostRule[];
}

/**
 * The policy for a jar: with cookies of platforms in it, only the hosts of those platforms and the allowed ones; without
 * any, every host.
 *
 * What is private stays closed in either case, and so do other ports than 80 and 443: that is the proxy's own rule.
 */
export function policyOf({ platforms, allowedHosts }: EgressScope): EgressPolicy {
  if (platforms.length === 0) return () => null;
  const rules = [...platforms.flatMap(hostRulesOf), ...allowedHosts];
  return (host) => (rules.some((rule) => matchesHost(rule, host)) ? null : "host_not_allowed");
}
