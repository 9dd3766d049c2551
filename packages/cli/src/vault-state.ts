import type { Db } from "@stablehand/core/database";
import { countByKeyringKey } from "@stablehand/core/store/end-user-keys";
import { countAskedRotations } from "@stablehand/core/store/end-user-rotations";
import { getResealRun, type ResealRun } from "@stablehand/core/store/reseal-runs";
import { countSecretsByKeyringKey } from "@stablehand/core/store/webhook-endpoints";
import { describeKeyring } from "@stablehand/vault/custody";

/** How the keyring stands, and how far a re-sealing is. */
export interface VaultState {
  readonly provider: string;
  readonly keys: readonly {
    readonly keyId: string;
    /** Null for a key that something is sealed to, and that this keyring does not have. */
    readonly createdAt: string | null;
    readonly current: boolean;
    /** Where its private half stays, if that is a KMS. */
    readonly kmsKey: string | null;
    readonly endUsers: number;
    readonly webhooks: number;
  }[];
  /** Keys and secrets that are not sealed to the current key. */
  readonly waiting: number;
  /** End-users for whom a new key was asked, and not made yet. */
  readonly rotationsWaiting: number;
  /** The last re-sealing to the current key. */
  readonly run: ResealRun | null;
}

/** Reads how the vault stands. */
export async function readVaultState(db: Db, keyringFile: string): Promise<VaultState> {
  const keyring = describeKeyring(keyringFile);
  const endUsers = await countByKeyringKey(db);
  const webhooks = await countSecretsByKeyringKey(db);
  const known = new Set(keyring.keys.map(({ keyId }) => keyId));
  const missing = [...new Set([...endUsers.keys(), ...webhooks.keys()])].filter((keyId) => !known.has(keyId)).sort();
  const keys = [
    ...keyring.keys,
    ...missing.map((keyId) => ({ keyId, createdAt: null, current: false, kmsKey: null })),
  ].map((key) => ({ ...key, endUsers: endUsers.get(key.keyId) ?? 0, webhooks: webhooks.get(key.keyId) ?? 0 }));
  const current = keys.find((key) => key.current);
  return {
    provider: keyring.provider,
    keys,
    waiting: keys.reduce((sum, key) => sum + (key.current ? 0 : key.endUsers + key.webhooks), 0),
    rotationsWaiting: await countAskedRotations(db),
    run: current ? await getResealRun(db, Buffer.from(current.keyId, "hex")) : null,
  };
}

/** What is left, in a sentence. */
export function describeProgress({ waiting, rotationsWaiting, run }: VaultState): string {
  const left = [
    ...(waiting > 0 ? [`${waiting} keys and secrets wait for re-sealing`] : []),
    ...(rotationsWaiting > 0 ? [`${rotationsWaiting} end-users wait for a new key`] : []),
  ];
  if (left.length === 0) return "nothing waits for re-sealing";
  return [...left, ...(run ? [describeRun(run)] : ["no worker has begun"])].join("; ");
}

function describeRun({ workerId, startedAt, updatedAt, finishedAt, resealed, rotated, unreadable }: ResealRun): string {
  const done = resealed + rotated;
  const seconds = Math.max((updatedAt.getTime() - startedAt.getTime()) / 1_000, 1);
  const rate = finishedAt ? "ended" : `${Math.round(done / seconds)}/s`;
  const bad = unreadable > 0 ? `, ${unreadable} do not open (see its log)` : "";
  return `${done} done by ${workerId}, ${rate}${bad}`;
}
