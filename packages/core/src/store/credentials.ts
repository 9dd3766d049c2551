import {
  type CredentialField,
  credentialFields,
  fieldsOf,
  type Health,
  isCredentialField,
  type Platform,
  platforms,
} from "@stablehand/contract";
import type { Pool } from "pg";
import { type Db, type Prepared, runPrepared } from "../database.ts";
import type { BusinessId } from "../ids.ts";

/** How one platform of an end-user stands. It is configured when nothing is missing. */
export interface PlatformStatus {
  readonly fields: Partial<Record<CredentialField, { updatedAt: Date; lastUsedAt: Date | null }>>;
  readonly missing: CredentialField[];
  readonly health: Health;
  readonly checkedAt: Date | null;
}

interface StatusRow {
  readonly end_user_id: string;
  readonly name: string;
  readonly updated_at: Date;
  readonly last_used_at: Date | null;
  readonly health: Health | null;
}

// What a check found counts only as long as the platform's values are those it was made with.
const readStatus: Prepared = {
  name: "get-credential-status",
  text: `
    SELECT end_user_id, field AS name, updated_at, last_used_at, NULL AS health
      FROM credentials WHERE business_id = $1 AND end_user_id = ANY ($2::text[])
    UNION ALL
    SELECT end_user_id, platform, checked_at, NULL, health
      FROM platform_health AS checked
     WHERE business_id = $1 AND end_user_id = ANY ($2::text[])
       AND credentials_updated_at = (
             SELECT max(updated_at) FROM credentials AS stored
              WHERE stored.business_id = $1 AND stored.end_user_id = checked.end_user_id
                AND starts_with(stored.field, checked.platform))`,
};

/** How every platform of an end-user stands; of one never seen, nothing is stored. Reads no sealed value. */
export async function getCredentialStatus(
  pool: Pool,
  businessId: BusinessId,
  endUserId: string,
): Promise<Record<Platform, PlatformStatus>> {
  const [status] = await getCredentialStatuses(pool, businessId, [endUserId]);
  if (!status) throw new Error("there is a status for each end-user that is asked for");
  return status;
}

/** The same of several end-users, in one statement and in the order asked. */
export async function getCredentialStatuses(
  pool: Pool,
  businessId: BusinessId,
  endUserIds: readonly string[],
): Promise<Record<Platform, PlatformStatus>[]> {
  const rows = await runPrepared<StatusRow>(pool, readStatus, [businessId, endUserIds]);
  const byEndUser = Map.groupBy(rows, (row) => row.end_user_id);
  return endUserIds.map((endUserId) => toStatus(byEndUser.get(endUserId) ?? []));
}

function toStatus(rows: readonly StatusRow[]): Record<Platform, PlatformStatus> {
  const status = Object.fromEntries(platforms.map((platform) => [platform, emptyStatus(platform)])) as Record<
    Platform,
    ReturnType<typeof emptyStatus>
  >; // one entry for each platform
  for (const row of rows) {
    if (isCredentialField(row.name)) {
      const entry = status[credentialFields[row.name].platform];
      entry.fields[row.name] = { updatedAt: row.updated_at, lastUsedAt: row.last_used_at };
      entry.missing = entry.missing.filter((field) => field !== row.name);
    } else if (row.health) {
      const entry = status[row.name as Platform]; // the table's other rows are platforms
      entry.health = row.health;
      entry.checkedAt = row.updated_at;
    }
  }
  for (const entry of Object.values(status))
    if (entry.missing.length > 0) Object.assign(entry, { health: "unknown", checkedAt: null });
  return status;
}

function emptyStatus(platform: Platform): { -readonly [Key in keyof PlatformStatus]: PlatformStatus[Key] } {
  return { fields: {}, missing: [...fieldsOf(platform)], health: "unknown", checkedAt: null };
}

/**
 * Deletes the named fields of an end-user, and logs it.
 *
 * When nothing remains the end-user's key goes too, and with it the means to open any copy of the values in a backup.
 * The key's row is locked first: a PUT under way is waited for, one that comes later makes a new key.
 */
export async function deleteCredentials(
  db: Db,
  owner: { readonly businessId: BusinessId; readonly endUserId: string; readonly actor: string },
  fields: readonly CredentialField[],
): Promise<void> {
  const { businessId, endUserId, actor } = owner;
  await db.transaction().execute(async (transaction) => {
    const key = await transaction
      .selectFrom("end_user_keys")
      .select("key_id")
      .where("business_id", "=", businessId)
      .where("end_user_id", "=", endUserId)
      .forUpdate()
      .executeTakeFirst();
    let deleted: { readonly field: CredentialField }[] = [];
    // Without a key nothing is stored, and what a PUT stores from here on came later: it must not be waited for with rows in hand.
    if (key) {
      deleted = await transaction
        .deleteFrom("credentials")
        .where("business_id", "=", businessId)
        .where("end_user_id", "=", endUserId)
        .where("field", "in", fields)
        .returning("field")
        .execute();
      await transaction
        .deleteFrom("end_user_keys")
        .where("business_id", "=", businessId)
        .where("end_user_id", "=", endUserId)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("credentials")
                .select("field")
                .whereRef("credentials.business_id", "=", "end_user_keys.business_id")
                .whereRef("credentials.end_user_id", "=", "end_user_keys.end_user_id"),
            ),
          ),
        )
        .execute();
    }
    await transaction
      .insertInto("credential_access")
      .values({
        business_id: businessId,
        end_user_id: endUserId,
        action: "delete",
        fields: deleted.map((row) => row.field).sort(),
        actor,
        key_id: key?.key_id ?? null,
      })
      .execute();
  });
}
