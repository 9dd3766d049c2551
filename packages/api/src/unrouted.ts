import { AppError, type Route, routes } from "@stablehand/contract";

const patterns = routes.map((route) => ({ route, segments: route.path.split("/") }));

/** The routes whose path has this form, whatever the method; a parameter's segment may be empty or badly encoded. */
function routesAt(path: string): Route[] {
  const segments = path.split("/");
  return patterns
    .filter(
      (pattern) =>
        pattern.segments.length === segments.length &&
        pattern.segments.every((segment, index) => segment.startsWith("{") || segment === segments[index]),
    )
    .map((pattern) => pattern.route);
}

/** What to answer to a request that the router could not place. */
export interface Unrouted {
  readonly error: AppError;
  /** For 405: the methods that would do. */
  readonly allow?: string;
  /** True when the caller has to be known before this may be said. */
  readonly needsAuth: boolean;
}

/**
 * Tells apart why a request has no route: no such path (404), no such method there (405), or a parameter in the path
 * that is empty or wrongly percent-encoded (400).
 */
export function explainUnrouted(method: string, url: string): Unrouted {
  const path = url.split("?", 1)[0] ?? "";
  const here = routesAt(path);
  const route = here.find((one) => methodsOf(one).includes(method));
  if (route)
    return {
      error: new AppError(
        "invalid_request",
        "A part of the path is empty or not percent-encoded UTF-8: encode the id with encodeURIComponent.",
      ),
      needsAuth: route.auth !== "none",
    };
  if (here.length > 0) {
    const allow = here.flatMap(methodsOf).join(", ");
    return {
      error: new AppError("method_not_allowed", `${method} is not possible here. Possible: ${allow}.`),
      allow,
      needsAuth: false,
    };
  }
  return {
    error: new AppError("route_not_found", "There is no such route. The API is described at /v1/openapi.json."),
    needsAuth: false,
  };
}

/** A stream has no HEAD: it would have to be read to its end. */
function methodsOf({ method, reply }: Route): string[] {
  return method === "GET" && !reply.contentType ? ["GET", "HEAD"] : [method];
}
