import { createHmac } from "node:crypto";

/**
 * The headers that prove where an event is from and when it was sent.
 *
 * Source: Standard Webhooks 1.0, symmetric signatures: HMAC-SHA256 over `id.timestamp.body`, in base64.
 */
export function signEvent(
  secret: Buffer,
  event: { readonly eventId: string; readonly body: string },
  sentAt: Date,
): Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string> {
  const timestamp = String(Math.floor(sentAt.getTime() / 1000));
  const mac = createHmac("sha256", secret).update(`${event.eventId}.${timestamp}.${event.body}`).digest("base64");
  return { "webhook-id": event.eventId, "webhook-timestamp": timestamp, "webhook-signature": `v1,${mac}` };
}
