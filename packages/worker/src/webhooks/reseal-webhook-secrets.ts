import { setTimeout as wait } from "node:timers/promises";
import type { Db } from "@stablehand/core/database";
import type { WebhookEndpointId } from "@stablehand/core/ids";
import type { Logger } from "@stablehand/core/log";
import {
  listSecretsNotSealedTo,
  replaceSealedSecret,
  type SealedWebhookSecret,
} from "@stablehand/core/store/webhook-endpoints";
import type { KeyringKey } from "@stablehand/vault/keyring";
import { OpenError } from "@stablehand/vault/open";
import { sealWebhookSecret } from "@stablehand/vault/seal";
import type { Opener } from "../opener.ts";

const batchSize = 100;
const pauseMs = 20;

/**
 * Seals every webhook secret that an older keyring key holds to `current`.
 *
 * Goes on after a kill wherever it was, and may run twice at once: where it is stands in the rows. Throttled to 100 rows,
 * then a pause of 20 ms. A secret that does not open is logged and left as it is.
 */
export async function resealWebhookSecrets(
  { db, opener, log }: { db: Db; opener: Opener; log: Logger },
  current: KeyringKey,
  signal: AbortSignal,
): Promise<void> {
  let resealed = 0;
  let last: WebhookEndpointId | null = null;
  for (;;) {
    const batch: SealedWebhookSecret[] = await listSecretsNotSealedTo(db, current.keyId, last, batchSize);
    for (const row of batch) {
      if (await resealOne(row)) resealed += 1;
      last = row.endpointId;
    }
    if (batch.length < batchSize) break;
    await wait(pauseMs, undefined, { signal });
  }
  log.info({ resealed }, "webhook secrets are re-sealed");

  async function resealOne(row: SealedWebhookSecret): Promise<boolean> {
    try {
      const secret = await opener.openWebhookSecret(row, row);
      const sealed = sealWebhookSecret(row, secret, current);
      secret.fill(0);
      return await replaceSealedSecret(db, row, sealed, current.keyId);
    } catch (error) {
      if (!(error instanceof OpenError)) throw error;
      log.error({ endpointId: row.endpointId }, "a webhook secret does not open");
      return false;
    }
  }
}
