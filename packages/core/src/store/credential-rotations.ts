import type { CredentialField, Platform } from "@stablehand/contract";
import { sql } from "kysely";
import type { StoreTransaction } from "../database.ts";
import type { BusinessId, TaskId } from "../ids.ts";
import type { SealedCredentials } from "./credential-openings.ts";
import type { StoredPublicKey } from "./credential-writes.ts";
import type { HeldTask } from "./task-runs.ts";

/** What a site renewed of one platform's cookies during a task, sealed. */
export interface Rotation {
  readonly businessId: BusinessId;
  readonly endUserId: string;
  readonly workerId: string;
  readonly platform: Platform;
  /** The key that it is sealed to. */
  readonly keyId: Buffer;
  /** Every value of the platform that was read. */
  readonly read: readonly Pick<SealedCredentials["values"][number], "field" | "updatedAt">[];
  /** Those that changed. */
  readonly renewed: readonly { readonly field: CredentialField; readonly sealed: Buffer }[];
  /** The same, sealed to another key, in case the end-user's was replaced since. */
  readonly sealTo: (key: StoredPublicKey) => Rotation["renewed"];
}

/** What is to be logged of a renewal that was stored. */
export type StoredRotation = Pick<Rotation, "businessId" | "endUserId" | "workerId" | "keyId"> & {
  readonly fields: readonly CredentialField[];
};

/**
 * Stores what a site renewed, if nothing has come between: null, and nothing stored, otherwise.
 *
 * The attempt must still run the task and hold its login, and each of the platform's values must be the one that was read:
 * a PUT or DELETE since then wins, for all of them, because values of two sign-ins do not work together. What is known
 * of the platform's health stays, since the sign-in is the same. What is stored has to be logged with `logRotations`.
 */
export async function writeBackRotation(
  transaction: StoreTransaction,
  { taskId, attempt }: HeldTask,
  rotation: Rotation,
): Promise<StoredRotation | null> {
  const { businessId, endUserId, platform, read } = rotation;
  const running = await transaction
    .selectFrom("tasks")
    .innerJoin("login_leases", "login_leases.task_id", "tasks.task_id")
    .select("tasks.task_id")
    .where("tasks.task_id", "=", taskId)
    .where("tasks.attempt", "=", attempt)
    .where("tasks.status", "=", "running")
    .where("login_leases.business_id", "=", businessId)
    .where("login_leases.end_user_id", "=", endUserId)
    .where("login_leases.platform", "=", platform)
    .forUpdate("tasks")
    .executeTakeFirst();
  if (!running) return null;
  // Held to the end, as a PUT does: the key that the values are sealed to cannot be replaced or deleted meanwhile.
  const key = await transaction
    .selectFrom("end_user_keys")
    .select(["key_id as keyId", "public_key as publicKey"])
    .where("business_id", "=", businessId)
    .where("end_user_id", "=", endUserId)
    .forKeyShare()
    .executeTakeFirst();
  if (!key) return null;
  const renewed = key.keyId.equals(rotation.keyId) ? rotation.renewed : rotation.sealTo(key);
  const { rows: stored } = await sql<{ field: CredentialField; key_id: Buffer; updated_at: string }>`
    SELECT field, key_id, updated_at::text FROM credentials
     WHERE business_id = ${businessId} AND end_user_id = ${endUserId} AND starts_with(field, ${platform})
     ORDER BY field FOR UPDATE`.execute(transaction);
  const isAsRead =
    stored.length === read.length &&
    stored.every(
      (row) =>
        row.key_id.equals(key.keyId) &&
        read.some(({ field, updatedAt }) => field === row.field && updatedAt === row.updated_at),
    );
  if (!isAsRead) return null;
  const fields = renewed.map(({ field }) => field).sort();
  await sql`
    WITH renewed AS (
      UPDATE credentials SET sealed = value.sealed, updated_at = now()
        FROM unnest(${fields}::text[], ${fields.map((name) => renewed.find(({ field }) => field === name)?.sealed)}::bytea[])
          AS value (field, sealed)
       WHERE business_id = ${businessId} AND end_user_id = ${endUserId} AND credentials.field = value.field
    ), carried AS (
      UPDATE platform_health SET credentials_updated_at = now()
       WHERE business_id = ${businessId} AND end_user_id = ${endUserId} AND platform = ${platform}
         AND credentials_updated_at =
             (SELECT max(at) FROM unnest(${read.map(({ updatedAt }) => updatedAt)}::timestamptz[]) AS at)
    )
    SELECT`.execute(transaction);
  return { businessId, endUserId, workerId: rotation.workerId, keyId: key.keyId, fields };
}

/**
 * Writes down what was stored of renewals, as `rotate`.
 *
 * The last thing in its transaction: the lock of the business's chain lasts from here to the commit, and whoever waits for
 * it, as every PUT of the business does, may hold rows that this transaction would still want.
 */
export async function logRotations(
  transaction: StoreTransaction,
  taskId: TaskId,
  stored: readonly StoredRotation[],
): Promise<void> {
  if (stored.length === 0) return;
  await transaction
    .insertInto("credential_access")
    .values(
      stored.map(({ businessId, endUserId, workerId, keyId, fields }) => ({
        business_id: businessId,
        end_user_id: endUserId,
        action: "rotate" as const,
        fields: [...fields],
        actor: `worker:${workerId}`,
        task_id: taskId,
        key_id: keyId,
      })),
    )
    .execute();
}
