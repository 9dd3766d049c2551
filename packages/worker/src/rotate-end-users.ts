import type { Db } from "@stablehand/core/database";
import type { Logger } from "@stablehand/core/log";
import {
  type AskedRotation,
  type EndUser,
  listAskedRotations,
  storeRekey,
  takeForRekey,
} from "@stablehand/core/store/end-user-rotations";
import type { KeyringKey } from "@stablehand/vault/keyring";
import { OpenError } from "@stablehand/vault/open";
import { createEndUserKey, sealValues } from "@stablehand/vault/seal";
import type { Opener } from "./opener.ts";

const batchSize = 100;
// Each PUT that comes between reading and storing costs one; an end-user who uploads without a pause is met again later.
const triesMax = 8;

/** What a rotation of end-users' keys works with. */
export interface RotationContext {
  readonly db: Db;
  readonly opener: Opener;
  readonly log: Logger;
  readonly workerId: string;
}

/**
 * Gives every end-user for whom it was asked a new key, and seals their values to it; the old keys are destroyed.
 *
 * Each end-user is one transaction, so that it goes on after a kill wherever it was, and may run twice at once: the second
 * finds the work done. `afterEach` is told of each end-user, in turn. One whose values do not open is logged and left as
 * it is.
 */
export async function rotateEndUsers(
  context: RotationContext,
  current: KeyringKey,
  afterEach: (outcome: "rotated" | "unreadable" | "left") => Promise<void>,
): Promise<void> {
  let last: AskedRotation | null = null;
  for (;;) {
    const batch: AskedRotation[] = await listAskedRotations(context.db, last, batchSize);
    for (const endUser of batch) {
      await afterEach(await rotateOne(context, current, endUser));
      last = endUser;
    }
    if (batch.length < batchSize) return;
  }
}

async function rotateOne(
  { db, opener, log, workerId }: RotationContext,
  current: KeyringKey,
  endUser: EndUser,
): Promise<"rotated" | "unreadable" | "left"> {
  try {
    for (let tries = 0; tries < triesMax; tries++) {
      const read = await takeForRekey(db, endUser, workerId);
      if (!read) return "left"; // everything was deleted meanwhile
      const values = await opener.openCredentials(endUser, read);
      const key = createEndUserKey(endUser, current);
      const opened = read.values.flatMap(({ field }) => {
        const value = values[field];
        return value === undefined ? [] : [[field, value] as const];
      });
      if (await storeRekey(db, endUser, read, { key, values: sealValues(endUser, key, opened) })) return "rotated";
    }
    return "left";
  } catch (error) {
    if (!(error instanceof OpenError)) throw error;
    log.error({ businessId: endUser.businessId }, "an end-user's key is not replaced: what it seals does not open");
    return "unreadable";
  }
}
