import type { Db } from "@stablehand/core/database";
import type { Logger } from "@stablehand/core/log";
import { type ClaimedDelivery, type DeliveryOutcome, finishDelivery } from "@stablehand/core/store/webhooks";
import { OpenError } from "@stablehand/vault/open";
import type { Opener } from "../opener.ts";
import { type PostOptions, type PostResult, postEvent } from "./post-event.ts";
import { pauseSecondsOf, retryDelaySeconds } from "./retry-schedule.ts";
import { signEvent } from "./sign-event.ts";

/** What deliveries work with. */
export interface DeliveryContext {
  readonly db: Db;
  readonly opener: Opener;
  readonly log: Logger;
  readonly post: Omit<PostOptions, "signal">;
}

const goneStatus = 410;

/**
 * Makes one attempt of a leased delivery and writes down how it ended.
 *
 * Rejects when `signal` ended it: nothing is then written down, and the delivery is due again when its lease is over. A
 * URL may hold a token of its owner's, so the log has only ids.
 */
export async function deliverEvent(
  context: DeliveryContext,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<void> {
  const outcome = toOutcome(await attempt(context, delivery, signal), delivery.attempt);
  const { endpointId, eventId, businessId } = delivery;
  const said = { endpointId, eventId, businessId, attempt: delivery.attempt, outcome: outcome.words };
  context.log.info(said, outcome.kind === "delivered" ? "a webhook was delivered" : "a webhook was not delivered");
  await finishDelivery(context.db, delivery, outcome);
}

async function attempt(context: DeliveryContext, delivery: ClaimedDelivery, signal: AbortSignal): Promise<PostResult> {
  let secret: Buffer;
  try {
    secret = await context.opener.openWebhookSecret(delivery, delivery);
  } catch (error) {
    if (!(error instanceof OpenError)) throw error;
    return { problem: "not sent: the endpoint's secret could not be opened; ask your operator" };
  }
  const headers = signEvent(secret, delivery, new Date());
  secret.fill(0);
  return postEvent(delivery.url, headers, delivery.body, { ...context.post, signal });
}

function toOutcome(result: PostResult, attempt: number): DeliveryOutcome {
  const retryInSeconds = retryDelaySeconds(attempt);
  if ("problem" in result) return { kind: "failed", words: result.problem, retryInSeconds, pauseSeconds: null };
  const { status, retryAfter } = result;
  const words = `answered ${status}`;
  if (status >= 200 && status < 300) return { kind: "delivered", words };
  if (status === goneStatus) return { kind: "gone", words };
  return { kind: "failed", words, retryInSeconds, pauseSeconds: pauseSecondsOf(status, retryAfter, new Date()) };
}
