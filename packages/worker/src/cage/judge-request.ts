import { hostRulesOf, matchesHost, type Platform, platforms } from "@stablehand/contract";
import { type OperationField, type RequestRule, readingPosts, telemetry, writingGets } from "./platform-requests.ts";

/** A request as a browser is about to send it. */
export interface BrowserRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty when there is none, or it is not at hand: an operation that it would name is then not known. */
  readonly body: Buffer;
}

/** What a request is to a read-only task. A report is refused too, but nobody has to be told. */
export type RequestVerdict = "read" | "write" | "report";

const safe = new Set(["GET", "HEAD", "OPTIONS"]);
const methodInHeader = /^x-(?:http-)?method(?:-override)?$/i;
const bodyBytesMax = 1_000_000;

/**
 * Says whether a request only reads.
 *
 * A GET does unless the table of its host's platform knows better. Any other method does only when that table says so;
 * on hosts of no platform never.
 */
export function judgeRequest(request: BrowserRequest): RequestVerdict {
  const url = new URL(request.url);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "read"; // it stays in the browser
  const path = plainPath(url.pathname);
  const platform = path === null ? null : platformServing(url.hostname);
  const isOneOf = (rules: readonly RequestRule[]) =>
    path !== null && rules.some((rule) => rule.platform === platform && isMeant(rule, path, request));
  const isDisguised = Object.keys(request.headers).some((name) => methodInHeader.test(name));
  const reads = safe.has(request.method)
    ? path !== null && !isOneOf(writingGets)
    : isOneOf(readingPosts) && isPost(request);
  if (reads && !isDisguised) return "read";
  return isOneOf(telemetry) ? "report" : "write";
}

const isPost = ({ method }: BrowserRequest) => method === "POST";

function platformServing(host: string): Platform | null {
  return platforms.find((platform) => hostRulesOf(platform).some((rule) => matchesHost(rule, host))) ?? null;
}

/** As the rules are written; null when its escapes hide something. */
function plainPath(path: string): string | null {
  try {
    const plain = decodeURIComponent(path).replace(/\/{2,}/g, "/");
    return plain.includes("%") || plain.includes("\\") ? null : plain.replace(/(?<=.)\/$/, "");
  } catch {
    return null;
  }
}

function isMeant({ path: pattern, operation }: RequestRule, path: string, { body }: BrowserRequest): boolean {
  if (!pattern.test(path)) return false;
  return !operation || operation.is.test(operationIn(body, operation.in) ?? "");
}

/** Null unless the body names exactly one operation. */
function operationIn(body: Buffer, field: OperationField): string | null {
  if (body.length > bodyBytesMax) return null;
  const [form, name = ""] = field.split(" ");
  if (form === "form") {
    const [only, ...others] = new URLSearchParams(body.toString()).getAll(name);
    return only !== undefined && others.length === 0 ? only : null;
  }
  try {
    const document: unknown = JSON.parse(body.toString());
    if (typeof document !== "object" || document === null || !Object.hasOwn(document, name)) return null;
    const operation: unknown = Object.entries(document).find(([key]) => key === name)?.[1];
    return typeof operation === "string" ? operation : null;
  } catch {
    return null;
  }
}
