import { setTimeout as wait } from "node:timers/promises";
import type { StoredEndUserKey } from "@stablehand/core/store/end-user-keys";
import { countByKeyringKey, listKeysSealedTo, replaceSealedKey } from "@stablehand/core/store/end-user-keys";
import { beginResealRun, noteResealRun } from "@stablehand/core/store/reseal-runs";
import type { KeyringKey } from "@stablehand/vault/keyring";
import { OpenError } from "@stablehand/vault/open";
import { sealEndUserKey } from "@stablehand/vault/seal";
import { pace } from "./pace.ts";
import { type RotationContext, rotateEndUsers } from "./rotate-end-users.ts";
import { resealWebhookSecrets } from "./webhooks/reseal-webhook-secrets.ts";

const batchSize = 100;
const noteEveryMs = 500;
// An API goes on sealing new end-users' keys to the old key until it looks at the public keyring again, every 2 s.
const lookAgainMs = 3_000;

/** What a re-sealing works with. */
export interface ResealContext extends RotationContext {
  /** How many end-users a second, at most. */
  readonly perSecond: number;
  readonly lookAgainMs?: number;
}

/**
 * Seals every end-user's key and webhook secret that an older keyring key holds to the current one, without touching a
 * value; then gives the end-users for whom it was asked new keys.
 *
 * Where it is stands in the rows themselves, so that it goes on after a kill wherever it was, and may run twice at once.
 * Goes through twice, the second time for keys made while APIs had not yet seen the rotation. A row that does not open is
 * logged, counted and left as it is. How far it is can be read with `getResealRun`.
 */
export async function resealKeys(context: ResealContext, signal: AbortSignal): Promise<void> {
  const { db, opener, log, workerId } = context;
  const { current } = await opener.reload();
  await beginResealRun(db, current.keyId, workerId);
  const counts = { resealed: 0, rotated: 0, unreadable: 0 };
  const next = pace(context.perSecond, signal);
  let notedAt = performance.now();
  const note = async (isFinished: boolean) => {
    if (!isFinished && performance.now() - notedAt < noteEveryMs) return;
    notedAt = performance.now();
    await noteResealRun(db, current.keyId, { workerId, isFinished, ...counts });
  };

  const runOnce = async () => {
    counts.unreadable = 0; // those that are left are met again
    await resealFromOlder(context, current, async (outcome) => {
      if (outcome !== "left") counts[outcome] += 1;
      await note(false);
      await next();
    });
    await resealWebhookSecrets(context, current, signal);
    await rotateEndUsers(context, current, async (outcome) => {
      if (outcome !== "left") counts[outcome] += 1;
      await note(false);
      await next();
    });
  };
  await runOnce();
  await wait(context.lookAgainMs ?? lookAgainMs, undefined, { signal });
  await runOnce();
  await note(true);
  log.info({ ...counts, current: current.keyId.toString("hex") }, "end-users' keys are re-sealed");
}

async function resealFromOlder(
  { db, opener, log }: RotationContext,
  current: KeyringKey,
  afterEach: (outcome: "resealed" | "unreadable" | "left") => Promise<void>,
): Promise<void> {
  for (const keyId of (await countByKeyringKey(db)).keys()) {
    const old = Buffer.from(keyId, "hex");
    if (old.equals(current.keyId)) continue;
    let last: StoredEndUserKey | null = null;
    for (;;) {
      const batch: StoredEndUserKey[] = await listKeysSealedTo(db, old, last, batchSize);
      for (const row of batch) {
        await afterEach(await resealOne(row));
        last = row;
      }
      if (batch.length < batchSize) break;
    }
  }

  async function resealOne(row: StoredEndUserKey): Promise<"resealed" | "unreadable" | "left"> {
    try {
      const raw = await opener.openKeyBytes(row, row);
      const sealed = sealEndUserKey(row, row.keyId, raw, current);
      raw.fill(0);
      return (await replaceSealedKey(db, row, sealed, current.keyId)) ? "resealed" : "left";
    } catch (error) {
      if (!(error instanceof OpenError)) throw error;
      const keyringKeyId = row.keyringKeyId.toString("hex");
      log.error({ keyId: row.keyId.toString("hex"), keyringKeyId }, "an end-user's key does not open");
      return "unreadable";
    }
  }
}
