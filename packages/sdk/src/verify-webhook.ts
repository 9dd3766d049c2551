import type { WebhookEvent } from "./contract/records.ts";
import { WebhookVerificationError } from "./errors.ts";

/** A request's headers: of `fetch`, or as Node's `request.headers` has them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** How a webhook is verified. */
export interface VerifyOptions {
  /** How far the time of sending may be from now, in seconds; five minutes by default. */
  readonly toleranceSeconds?: number | undefined;
  /** In milliseconds since 1970. */
  readonly now?: number | undefined;
}

/**
 * The event that a webhook's request carries, if Stablehand signed it with this secret, or one of these, within five minutes.
 *
 * `body` is as it came, byte for byte, not parsed and written anew. Throws WebhookVerificationError otherwise. An event can
 * come more than once: its `webhook-id` is then the same. Source: Standard Webhooks 1.0.
 */
export async function verifyWebhook(
  secret: string | readonly string[],
  headers: WebhookHeaders,
  body: string | Uint8Array,
  { toleranceSeconds = 300, now = Date.now() }: VerifyOptions = {},
): Promise<WebhookEvent> {
  const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) =>
    headerOf(headers, name),
  );
  if (!id || !timestamp || !signatures) throw new WebhookVerificationError("a webhook header is missing");
  if (!/^\d{1,12}$/.test(timestamp) || !(Math.abs(now / 1_000 - Number(timestamp)) <= toleranceSeconds))
    throw new WebhookVerificationError("the webhook was not sent lately, or a clock is wrong");
  const text = typeof body === "string" ? body : new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const signed = new Uint8Array(head.length + bytes.length);
  signed.set(head);
  signed.set(bytes, head.length);
  for (const one of typeof secret === "string" ? [secret] : secret) {
    const key = await crypto.subtle.importKey("raw", keyOf(one), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const signature of signatures.split(" ").slice(0, signaturesMax)) {
      const given = signature.startsWith("v1,") ? fromBase64(signature.slice(3)) : null;
      // `verify` takes the same time wherever the difference is.
      if (given && (await crypto.subtle.verify("HMAC", key, given, signed))) return parse(text);
    }
  }
  throw new WebhookVerificationError("the webhook was not signed with this secret, or its body was changed");
}

const signaturesMax = 20;

function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = headers[name] ?? Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];
  return typeof value === "string" ? value : value?.[0];
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const key = fromBase64(secret.replace(/^whsec_/, ""));
  if (!key || key.length === 0)
    throw new WebhookVerificationError("the webhook secret must look like whsec_ and base64");
  return key;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function parse(text: string): WebhookEvent {
  try {
    return JSON.parse(text) as WebhookEvent; // signed, so as the contract says
  } catch {
    throw new WebhookVerificationError("the webhook's body is no JSON");
  }
}
