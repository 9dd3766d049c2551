import { setTimeout as wait } from "node:timers/promises";
import type { Db } from "@stablehand/core/database";
import type { Logger } from "@stablehand/core/log";
import {
  countByKeyringKey,
  listKeysSealedTo,
  replaceSealedKey,
  type StoredEndUserKey,
} from "@stablehand/core/store/end-user-keys";
import { OpenError } from "@stablehand/vault/open";
import { sealEndUserKey } from "@stablehand/vault/seal";
import type { Opener } from "./opener.ts";
import { resealWebhookSecrets } from "./webhooks/reseal-webhook-secrets.ts";

const batchSize = 100;
const pauseMs = 20;
// An API goes on sealing new end-users' keys to the old key until it looks at the public keyring again, every 2 s.
const lookAgainMs = 3_000;

/**
 * Seals every end-user's key and webhook secret that an older keyring key holds to the current one; no credential value
 * is touched.
 *
 * Where it is stands in the rows themselves, so that it goes on after a kill wherever it was, and may run twice at once.
 * Throttled to 100 rows, then a pause of 20 ms. Goes through twice, the second time for keys made while APIs had not yet
 * seen the rotation. A row that does not open is logged, counted and left as it is.
 */
export async function resealKeys(
  context: { db: Db; opener: Opener; log: Logger; lookAgainMs?: number },
  signal: AbortSignal,
): Promise<void> {
  await resealOnce(context, signal);
  await wait(context.lookAgainMs ?? lookAgainMs, undefined, { signal });
  await resealOnce(context, signal);
}

async function resealOnce(context: { db: Db; opener: Opener; log: Logger }, signal: AbortSignal): Promise<void> {
  const { db, opener, log } = context;
  const { current } = await opener.reload();
  const counts = await countByKeyringKey(db);
  let resealed = 0;
  let unreadable = 0;
  for (const keyId of counts.keys()) {
    const old = Buffer.from(keyId, "hex");
    if (old.equals(current.keyId)) continue;
    let last: StoredEndUserKey | null = null;
    for (;;) {
      const batch: StoredEndUserKey[] = await listKeysSealedTo(db, old, last, batchSize);
      for (const row of batch) {
        if (await resealOne(row)) resealed += 1;
        last = row;
      }
      if (batch.length < batchSize) break;
      log.info({ resealed, unreadable }, "re-sealing end-user keys");
      await wait(pauseMs, undefined, { signal });
    }
  }
  await resealWebhookSecrets(context, current, signal);
  log.info({ resealed, unreadable, current: current.keyId.toString("hex") }, "end-user keys are re-sealed");

  async function resealOne(row: StoredEndUserKey): Promise<boolean> {
    try {
      const raw = await opener.openKeyBytes(row, row);
      const sealed = sealEndUserKey(row, row.keyId, raw, current);
      raw.fill(0);
      return await replaceSealedKey(db, row, sealed, current.keyId);
    } catch (error) {
      if (!(error instanceof OpenError)) throw error;
      unreadable += 1;
      log.error({ keyId: row.keyId.toString("hex"), keyringKeyId: keyIdText(row) }, "an end-user's key does not open");
      return false;
    }
  }
}

function keyIdText(row: StoredEndUserKey): string {
  return row.keyringKeyId.toString("hex");
}
