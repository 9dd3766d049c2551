import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { refusalOfWebhookUrl } from "@stablehand/contract";
import { PrivateAddressError, publicLookup, type ResolveName } from "./public-lookup.ts";

/** What a receiver answered, or why it did not. */
export type PostResult =
  | { readonly status: number; readonly retryAfter: string | undefined }
  /** In words, for the endpoint's owner. */
  | { readonly problem: string };

/** How events are sent. */
export interface PostOptions {
  /** True when they may go to http and to private addresses, which the system's own resolver then finds. */
  readonly allowPrivate: boolean;
  readonly resolveName: ResolveName;
  readonly deadlineMs: number;
  /** Ends the attempt; it then rejects. */
  readonly signal: AbortSignal;
}

const answerBytesMax = 64 * 1024;

/**
 * Makes one attempt to send an event: a POST on a connection of its own.
 *
 * Redirects are not followed. The answer's body is read to its end, 64 KiB at most, and thrown away, so that the receiver
 * is not cut off. Whatever goes wrong is a `problem`; it rejects only when `signal` ended it.
 */
export async function postEvent(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: PostOptions,
): Promise<PostResult> {
  const refusal = refusalOfWebhookUrl(url, options.allowPrivate);
  if (refusal) return { problem: `not sent: the URL ${refusal}` };
  const deadline = AbortSignal.timeout(options.deadlineMs);
  try {
    return await exchange(url, headers, body, options, AbortSignal.any([deadline, options.signal]));
  } catch (error) {
    options.signal.throwIfAborted();
    if (deadline.aborted) return { problem: `no answer within ${options.deadlineMs / 1000} s` };
    if (error instanceof PrivateAddressError) return { problem: `not sent: ${error.message}` };
    const { code } = error as { code?: unknown }; // Node's network and TLS errors have one
    return { problem: `the connection failed (${typeof code === "string" ? code : "unknown"})` };
  }
}

function exchange(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  { allowPrivate, resolveName }: PostOptions,
  signal: AbortSignal,
): Promise<PostResult> {
  const send = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "Stablehand-Webhooks", ...headers },
      agent: false,
      signal,
      ...(!allowPrivate && { lookup: publicLookup(resolveName) }),
    });
    let result: PostResult | null = null;
    let failure = new Error("the connection ended without an answer");
    request.on("error", (error) => {
      failure = error;
    });
    request.once("response", (response) => {
      result = { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] };
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > answerBytesMax) response.destroy();
      });
      response.on("error", () => {}); // the status was the answer
    });
    // Comes in every case, also where neither an answer nor an error does: after 101, say.
    request.once("close", () => (result ? resolve(result) : reject(failure)));
    request.end(body);
  });
}
