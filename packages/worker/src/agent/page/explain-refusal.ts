import type { EgressLog, RefusalReason } from "../../cage/egress-log.ts";

type Network = Pick<EgressLog, "lastRefusal"> | undefined;

const words: Readonly<Record<RefusalReason, string>> = {
  host_not_allowed: "while an account is open, only its own site is, and what the user's company allows",
  port_not_allowed: "only ports 80 and 443 are",
  private_address: "it leads to a private address",
  read_only: "it would have changed something, and this task is read-only",
  scheme_not_allowed: "only http and https are",
  not_resolved: "there is no such name, or it could not be looked up",
  not_reached: "nothing answered there",
  too_many_connections: "too much was asked for at once: try again",
};

/** Why the last request for this address failed, as a sentence; null when the way out did not refuse it. */
export function explainRefusal(url: string | null, network: Network): string | null {
  if (url === null || !URL.canParse(url)) return null;
  const { hostname, port } = placeOf(url);
  const reason = network?.lastRefusal(hostname, port);
  return reason ? `${hostname} is not reachable for this task: ${reason} (${words[reason]}).` : null;
}

/**
 * The same for an address that a tab shows: null unless what it shows is the refusal itself.
 *
 * Only over plain HTTP is a refusal a page, and only where the way there is forbidden: what failed has none.
 */
export function refusalOfPage(url: string, network: Network): string | null {
  if (!url.startsWith("http:")) return null;
  const { hostname, port } = placeOf(url);
  const reason = network?.lastRefusal(hostname, port);
  return reason === "not_resolved" || reason === "not_reached" ? null : explainRefusal(url, network);
}

function placeOf(url: string): { hostname: string; port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { hostname, port: Number(port) || (protocol === "http:" ? 80 : 443) };
}
