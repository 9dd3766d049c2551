import { errors } from "./contract/tables.ts";
import type { Refusal } from "./errors.ts";

/**
 * Reads what an answer that is no success says of itself.
 *
 * The server's word on retrying is `x-should-retry`, else what its code means. Text that is not Stablehand's own is not
 * taken over: a proxy's page may quote the request.
 */
export async function readRefusal(response: Response): Promise<Refusal> {
  const { status, headers } = response;
  const { error, code, requestId, ...details } = await readObject(response);
  const isOurs = typeof error === "string";
  const known = typeof code === "string" && Object.hasOwn(errors, code) ? errors[code as keyof typeof errors] : null; // has it
  const word = headers.get("x-should-retry");
  return {
    message: isOurs ? error : describe(status),
    status,
    code: typeof code === "string" ? code : null,
    requestId: typeof requestId === "string" ? requestId : headers.get("x-request-id"),
    retryable: word === "true" || word === "false" ? word === "true" : (known?.retryable ?? null),
    retryAfterMs: readRetryAfter(headers.get("retry-after")),
    details: isOurs ? details : {},
  };
}

async function readObject(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {}; // an object, as just checked
  } catch {
    return {};
  }
}

function describe(status: number): string {
  if (status === 0 || (status >= 300 && status < 400))
    return "the server redirects, which is not followed: set baseUrl to where it leads";
  return `the answer was ${status}, without a word of Stablehand's`;
}

/** In milliseconds, from seconds or from a date; null when there is none. */
function readRetryAfter(text: string | null): number | null {
  if (text === null || text.trim() === "") return null;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(ms, 0);
}
