import { launchFlags } from "../../packages/worker/src/browser/launch-flags.ts";

const ofTheCage = /^--(proxy-|host-resolver-rules)/;

/** The worker's switches without those that make its proxy the only way out, for a browser that is measured without one. */
export const flagsWithoutProxy: readonly string[] = launchFlags
  .map(([flag]) => flag)
  .filter((flag) => !ofTheCage.test(flag));

/** Leads the names of an `EGRESS_HOST_MAP` to their ports without a proxy, and every other name but 127.0.0.1 to nothing. */
export function directFlag(hostMap: string): string {
  const rules = hostMap.split(",").map((entry) => `MAP ${entry.replace("=", " ")}`);
  return `--host-resolver-rules=${[...rules, "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1"].join(",")}`;
}
