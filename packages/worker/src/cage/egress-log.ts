import { networkHostsMax, type networkRefusals, type TaskNetwork } from "@stablehand/contract";

/** Why a request did not leave the machine. */
export type RefusalReason = (typeof networkRefusals)[number];

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
  /**
   * Why the last request for this host failed, at `port` if it is said; null when it was reached, or not asked for among
   * the latest 500. For explaining to the model.
   */
  lastRefusal(host: string, port?: number): RefusalReason | null;
  /** For the task's record: hosts without ports, bounded. A name can carry a secret, so it is not yet free of them. */
  summary(): TaskNetwork;
}

const linesMax = 500;

/** Starts an empty log; `onRefused` is told of each refusal. */
export function createEgressLog(onRefused?: (reason: RefusalReason) => void): EgressLog {
  const lines = new Map<string, Visit>();
  const last = new Map<string, RefusalReason | null>();
  let refusals = 0;

  function note(host: string, port: number, refused: RefusalReason | null): void {
    if (refused) {
      refusals++;
      onRefused?.(refused);
    }
    const key = `${host} ${port} ${refused}`;
    const count = (lines.get(key)?.count ?? 0) + 1;
    if (count > 1 || lines.size < linesMax) lines.set(key, { host, port, refused, count });
    for (const key of [host, `${host}:${port}`]) remember(key, refused);
  }

  /** The latest stay, so that a page cannot fill the list and then go unexplained. */
  function remember(key: string, refused: RefusalReason | null): void {
    last.delete(key);
    const [oldest] = last.keys();
    if (last.size >= 2 * linesMax && oldest !== undefined) last.delete(oldest);
    last.set(key, refused);
  }

  function summary(): TaskNetwork {
    const reached = new Set<string>();
    const refused = new Map<string, TaskNetwork["refused"][number]>();
    for (const { host, refused: reason, count } of lines.values()) {
      if (reason === null) {
        if (reached.size < networkHostsMax) reached.add(host);
        continue;
      }
      const key = `${host} ${reason}`;
      const before = refused.get(key)?.count ?? 0;
      if (before > 0 || refused.size < networkHostsMax) refused.set(key, { host, reason, count: before + count });
    }
    return { reached: [...reached], refused: [...refused.values()], refusals };
  }

  return {
    note,
    visits: () => [...lines.values()],
    refusals: () => refusals,
    lastRefusal: (host, port) => last.get(port === undefined ? host : `${host}:${port}`) ?? null,
    summary,
  };
}
