import autocannon from "autocannon";
import type { Measured, Stage } from "./stage.ts";

/** One measured stretch of requests. Latencies in ms, whole ones: the generator counts no finer. */
export interface Stretch {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUs: number;
  readonly postgresCpuUs: number;
}

/** How a request is made, for the n-th of a cycle of `endUsers`. */
export interface RequestPlan {
  readonly method: "PUT" | "GET";
  readonly apiKey: string;
  readonly body?: string;
  readonly expectedStatus: number;
}

/** End-users that the requests go round; enough that no row is waited for. */
export const endUsers = 1_000;

/** Cookies of a usual length. */
export const twoFields = JSON.stringify({
  twitterAuthToken: `CANARY-${"a".repeat(40)}`,
  twitterCt0: `CANARY-${"b".repeat(160)}`,
});

/** Sends requests over `connections` for `seconds`, each connection waiting for its answer. Throws on a wrong status. */
export async function load(
  target: Measured,
  stage: Stage,
  plan: RequestPlan,
  {
    connections,
    seconds,
    userOf = (n) => `user-${n}`,
  }: { connections: number; seconds: number; userOf?: (n: number) => string },
): Promise<Stretch> {
  const requests = Array.from({ length: endUsers }, (_, n) => ({
    method: plan.method,
    path: `/v1/end-users/${userOf(n)}/credentials`,
    headers: { authorization: `Bearer ${plan.apiKey}`, ...(plan.body && { "content-type": "application/json" }) },
    ...(plan.body && { body: plan.body }),
  }));
  const before = [target.cpuSeconds(), stage.postgresCpuSeconds()] as const;
  const result = await autocannon({ url: target.url, connections, duration: seconds, requests });
  const answered = result.requests.total;
  const wrong = Object.entries(result.statusCodeStats ?? {}).filter(
    ([status]) => Number(status) !== plan.expectedStatus,
  );
  if (wrong.length > 0 || result.errors > 0)
    throw new Error(
      `expected only ${plan.expectedStatus}, got ${JSON.stringify(result.statusCodeStats)}, ${result.errors} errors`,
    );
  const perRequest = (cpuSeconds: number) => Math.round((cpuSeconds / answered) * 1e6);
  return {
    perSecond: answered / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    cpuUs: perRequest(target.cpuSeconds() - before[0]),
    postgresCpuUs: perRequest(stage.postgresCpuSeconds() - before[1]),
  };
}

/** The middle one of some stretches, figure by figure. */
export function median(stretches: readonly Stretch[]): Stretch {
  const middle = (pick: (stretch: Stretch) => number) =>
    stretches.map(pick).sort((a, b) => a - b)[Math.floor(stretches.length / 2)] ?? Number.NaN;
  return {
    perSecond: middle((one) => one.perSecond),
    p50Ms: middle((one) => one.p50Ms),
    p99Ms: middle((one) => one.p99Ms),
    cpuUs: middle((one) => one.cpuUs),
    postgresCpuUs: middle((one) => one.postgresCpuUs),
  };
}
