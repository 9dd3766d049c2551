import { extractorNames, type Route } from "@stablehand/contract";

/** A request for a route. */
export interface RouteRequest {
  readonly method: string;
  readonly url: string;
  readonly payload: unknown;
}

/** The ids that requests are about; those not given are ids that nothing has. */
export type RequestIds = Partial<
  Record<"endUserId" | "taskId" | "sessionId" | "endpointId" | "assetId" | "extractor" | "prefix", string>
>;

const nothing = "00000000-0000-4000-8000-000000000000";

/** A request that the route takes, made from its schemas and their examples, about the given ids wherever it can name them. */
export function requestOf(route: Route, ids: RequestIds): RouteRequest {
  const known: Record<string, string> = {
    endUserId: "nobody",
    taskId: nothing,
    sessionId: nothing,
    endpointId: nothing,
    assetId: nothing,
    prefix: "sb_live_00000000",
    extractor: extractorNames[0],
    ...ids,
  };
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => {
    const id = known[name];
    if (id === undefined) throw new Error(`tests/support/route-request.ts has no ${name}: add it`);
    return encodeURIComponent(id);
  });
  const { prefix: _, ...inQuery } = ids; // in a query a prefix is that of end-users' ids
  const query = Object.keys(route.query?.shape ?? {}).filter((name) => inQuery[name as keyof typeof inQuery]);
  const search = new URLSearchParams(query.map((name) => [name, known[name] ?? ""]));
  const example = route.body?.meta()?.["example"] as object | undefined; // of an object's schema
  const payload = example && {
    ...example,
    ...("endUserId" in example && { endUserId: known.endUserId }),
    ...(route.id === "submit-task" && ids.sessionId && { sessionId: ids.sessionId }),
  };
  return { method: route.method, url: search.size > 0 ? `${path}?${search}` : path, payload };
}
