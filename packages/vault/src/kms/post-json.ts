import { setTimeout as wait } from "node:timers/promises";
import { KeyringError } from "../keyring.ts";
import { KeyProviderUnavailableError } from "./provider.ts";

const deadlineMs = 10_000;
const attemptsMax = 4;
const firstPauseMs = 100;

/** A request to a key service, and how its refusals are told. */
export interface JsonRequest {
  /** As an operator calls it: "Transit", "Google Cloud KMS". */
  readonly service: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
  /** What an answer with another status than 200 means. Null: it may pass, so that the request is repeated. */
  refusal(status: number, words: string): KeyringError | null;
  readonly patienceMs?: number | undefined;
}

/**
 * The answer to a POST of JSON, four times tried within 10 s in all.
 *
 * Throws the request's own refusal, or KeyProviderUnavailableError when no answer came or none but "later". Follows no
 * redirect, which would take the token elsewhere.
 */
export async function postJson(request: JsonRequest): Promise<unknown> {
  const patienceMs = request.patienceMs ?? deadlineMs;
  const signal = AbortSignal.timeout(patienceMs);
  let said = "";
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    try {
      const response = await fetch(request.url, {
        method: "POST",
        headers: { ...request.headers, "content-type": "application/json" },
        body: JSON.stringify(request.body),
        redirect: "error",
        signal,
      });
      const text = await response.text();
      if (response.status === 200) return JSON.parse(text);
      const refusal = request.refusal(response.status, text);
      if (refusal) throw refusal;
      said = `it answers ${response.status}: ${text.slice(0, 300).trim()}`;
    } catch (error) {
      if (error instanceof KeyringError) throw error;
      if (signal.aborted) break;
      said = describe(error);
    }
    if (attempt < attemptsMax)
      await wait(firstPauseMs * 2 ** (attempt - 1), undefined, { signal }).catch(() => undefined); // the deadline
  }
  throw new KeyProviderUnavailableError(
    `${request.service} at ${new URL(request.url).origin} does not answer within ${patienceMs / 1_000} s and ` +
      `${attemptsMax} tries${said && ` (${said})`}: check that it runs, and the network to it; it is tried again`,
  );
}

/** `fetch` says why only in the cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
