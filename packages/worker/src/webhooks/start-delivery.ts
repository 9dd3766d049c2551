import { setTimeout as wait } from "node:timers/promises";
import type { WebhookEndpointId } from "@stablehand/core/ids";
import { type ClaimedDelivery, claimDeliveries } from "@stablehand/core/store/webhooks";
import { type DeliveryContext, deliverEvent } from "./deliver-event.ts";
import { type ResolveName, resolveByDns } from "./public-lookup.ts";

/** The part of a worker that sends webhooks. `stop` claims no more and waits for the attempts under way, `graceMs` at most. */
export interface WebhookDelivery {
  stop(graceMs: number): Promise<void>;
}

const attemptsMax = { healthy: 32, failing: 16 } as const;
const pollMs = 1_000;
const deadlineMs = 10_000;
// Longer than an attempt may last, with what is written down after it.
const leaseSeconds = 30;

/**
 * Starts sending what is due, looking for it every second and after each attempt.
 *
 * At most 32 attempts at once to endpoints that work and 16 to those that fail, and one to each endpoint: whoever answers
 * slowly or not at all takes nobody else's turn. Any number of workers may do this at once.
 */
export function startWebhookDelivery(
  options: Omit<DeliveryContext, "post"> & {
    readonly allowPrivate: boolean;
    readonly resolveName?: ResolveName;
    readonly deadlineMs?: number;
  },
): WebhookDelivery {
  const { allowPrivate } = options;
  const post = {
    allowPrivate,
    resolveName: options.resolveName ?? resolveByDns,
    deadlineMs: options.deadlineMs ?? deadlineMs,
  };
  const context: DeliveryContext = { db: options.db, opener: options.opener, log: options.log, post };
  const claiming = new AbortController();
  const sending = new AbortController();
  const busy = new Set<WebhookEndpointId>();

  async function claim(failing: boolean, limit: number): Promise<ClaimedDelivery[]> {
    if (limit === 0) return [];
    try {
      return await claimDeliveries(context.db, { failing, limit, exceptEndpoints: [...busy], leaseSeconds });
    } catch (error) {
      context.log.warn({ err: error }, "webhooks cannot be claimed now");
      return [];
    }
  }

  async function send(delivery: ClaimedDelivery): Promise<void> {
    try {
      await deliverEvent(context, delivery, sending.signal);
    } catch (error) {
      if (!sending.signal.aborted)
        context.log.error({ err: error, endpointId: delivery.endpointId }, "an attempt to deliver a webhook broke off");
    } finally {
      busy.delete(delivery.endpointId);
    }
  }

  async function runLane(failing: boolean, max: number): Promise<void> {
    const running = new Set<Promise<void>>();
    while (!claiming.signal.aborted) {
      const underWay = [...running]; // as of now: one that ends during the claim makes its endpoint free again
      const claimed = await claim(failing, max - running.size);
      for (const delivery of claimed) {
        busy.add(delivery.endpointId);
        const sent = send(delivery).finally(() => running.delete(sent));
        running.add(sent);
      }
      if (claimed.length > 0) continue;
      const poll = wait(pollMs, undefined, { signal: claiming.signal }).catch(() => undefined); // stopping
      await Promise.race([poll, ...underWay]);
    }
    await Promise.all(running);
  }

  const lanes = Promise.all([runLane(false, attemptsMax.healthy), runLane(true, attemptsMax.failing)]);
  return {
    async stop(graceMs) {
      claiming.abort();
      const grace = AbortSignal.timeout(graceMs);
      grace.addEventListener("abort", () => sending.abort());
      await lanes;
    },
  };
}
