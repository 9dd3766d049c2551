import { StablehandError } from "./errors.ts";

/** Where the server is, without a slash or `/v1` at its end; throws StablehandError when that is no address. */
export function readBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new StablehandError("baseUrl must be an http or https address such as https://stablehand.example.com");
  return url.href.replace(/\/+$/, "").replace(/\/v1$/, "");
}

/**
 * Puts parameters into a route's path and query, percent-encoded.
 *
 * Throws StablehandError for `.` and `..`, which every URL parser resolves, encoded or not: the request would go elsewhere.
 */
export function addressOf(
  path: string,
  params: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeParameter(name, params[name]));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
  return `${filled}${search.toString() && `?${search}`}`;
}

function encodeParameter(name: string, value: string | undefined): string {
  if (typeof value !== "string" || value === "" || value === "." || value === "..")
    throw new StablehandError(`${name} must be text, and not "", "." or ".."`);
  try {
    return encodeURIComponent(value);
  } catch {
    throw new StablehandError(`${name} has half of a surrogate pair`);
  }
}
