/** Why a request did not leave the machine. */
export type RefusalReason =
  | "host_not_allowed"
  | "port_not_allowed"
  | "private_address"
  | "scheme_not_allowed"
  | "read_only"
  | "not_resolved"
  | "not_reached"
  | "too_many_connections";

/** What became of the requests for one host and port. */
export interface Visit {
  readonly host: string;
  readonly port: number;
  /** Null when it was reached. */
  readonly refused: RefusalReason | null;
  readonly count: number;
}

/** What a task's browser reached and tried to reach. Names and ports only: no path, no query, nothing of what was said. */
export interface EgressLog {
  note(host: string, port: number, refused: RefusalReason | null): void;
  /** In the order of their first time; at most 500 lines, later ones are only counted. */
  visits(): readonly Visit[];
  /** How many requests were refused, also those for which no line was left. */
  refusals(): number;
  /** Why the last request for this host failed; null when it was reached, or never asked for. For explaining to the model. */
  lastRefusal(host: string): RefusalReason | null;
}

const linesMax = 500;

/** Starts an empty log. */
export function createEgressLog(): EgressLog {
  const lines = new Map<string, Visit>();
  const last = new Map<string, RefusalReason | null>();
  let refusals = 0;

  function note(host: string, port: number, refused: RefusalReason | null): void {
    if (refused) refusals++;
    const key = `${host} ${port} ${refused}`;
    const count = (lines.get(key)?.count ?? 0) + 1;
    if (count > 1 || lines.size < linesMax) lines.set(key, { host, port, refused, count });
    if (last.has(host) || last.size < linesMax) last.set(host, refused);
  }

  return {
    note,
    visits: () => [...lines.values()],
    refusals: () => refusals,
    lastRefusal: (host) => last.get(host) ?? null,
  };
}
