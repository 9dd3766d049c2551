import type { WebhookOwner } from "@stablehand/vault/open";

/** Secrets that a KMS has opened, for those that are needed again soon. */
export interface RememberedSecrets {
  /** A copy, which the caller wipes; `open` is called when the secret is not known, or was opened too long ago. */
  get(owner: WebhookOwner, sealed: Buffer, open: () => Promise<Buffer>): Promise<Buffer>;
}

const rememberedMax = 1_000;
const rememberedMs = 300_000;

/**
 * Keeps the last 1,000 secrets of webhook endpoints for five minutes, so that not every event is a call to the KMS.
 *
 * Of webhooks alone: an end-user's key is held for one task. A secret is found again only under all that it is bound to.
 */
export function rememberSecrets(now: () => number = Date.now): RememberedSecrets {
  const known = new Map<string, { readonly secret: Buffer; readonly openedAt: number }>();
  return {
    async get({ businessId, endpointId }, sealed, open) {
      const name = JSON.stringify([businessId, endpointId, sealed.toString("base64")]);
      const found = known.get(name);
      if (found && now() - found.openedAt < rememberedMs) return Buffer.from(found.secret);
      const secret = await open();
      known.delete(name);
      known.set(name, { secret: Buffer.from(secret), openedAt: now() });
      for (const oldest of known.keys()) {
        if (known.size <= rememberedMax) break;
        known.get(oldest)?.secret.fill(0);
        known.delete(oldest);
      }
      return secret;
    },
  };
}
