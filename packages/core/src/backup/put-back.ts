import { type RawBuilder, sql } from "kysely";
import type { StoreTransaction } from "../database.ts";
import { columnsOf } from "./bulk-database.ts";

/** What a restore did, in rows. Repeated at once it gives zeros, but for what is left as it was. */
export interface RestoreReport {
  readonly restored: {
    readonly businesses: number;
    readonly apiKeys: number;
    readonly webhookEndpoints: number;
    readonly accessLog: number;
    readonly endUserKeys: number;
    readonly values: number;
  };
  /** What the backup has and was not put back. */
  readonly left: {
    /** Keys that were destroyed since, by a DELETE or a rotation: they never come back. */
    readonly destroyedKeys: number;
    /** Keys sealed to a keyring key that is retired. */
    readonly retiredKeys: number;
    /** Keys of end-users who have one. */
    readonly presentKeys: number;
    /** Keys of businesses that the database does not have. */
    readonly strangeKeys: number;
    /** Values whose key is not there, so that they would open nothing. */
    readonly valuesWithoutKey: number;
    /** Values of fields that are stored. */
    readonly presentValues: number;
    /** Values that were deleted since, by the access log. */
    readonly deletedValues: number;
  };
  /** Keys in the database that the backup knows to be destroyed, and that were destroyed again, with their values. */
  readonly destroyedAgain: number;
  /** Businesses whose name another one has by now. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
}

/**
 * Puts back what the staged tables have and the database has not.
 *
 * A business that is missing comes back whole: its account, unless another one has its e-mail address by now, API keys, webhook
 * endpoints, usage, and the access log with the hashes that the backup has, so that what was altered still shows; of one that is there these stay as they are. A key comes back if its
 * end-user has none, and if it was never destroyed, nor its keyring key retired. A value comes back if its end-user's key is
 * the one that it is sealed to, the field is not stored, and the log does not say that it was deleted since. Each end-user who
 * gets values back gets a row in the access log.
 */
export async function putBack(transaction: StoreTransaction): Promise<RestoreReport> {
  const run = <Row>(statement: RawBuilder<Row>) => statement.execute(transaction);
  const insert = async (table: string, where: RawBuilder<unknown>): Promise<number> => {
    const { insertable } = await columnsOf(transaction, table);
    const columns = sql.join(insertable.map((name) => sql.ref(name)));
    const { numAffectedRows = 0n } = await run(sql`
      INSERT INTO ${sql.table(table)} (${columns})
      SELECT ${columns} FROM ${sql.table(`staged_${table}`)} AS staged WHERE ${where}`);
    return Number(numAffectedRows);
  };

  const { rows: renamed } = await run(sql<{ from: string; to: string }>`
    UPDATE staged_businesses AS staged SET name = staged.name || ' (restored ' || staged.business_id || ')'
      FROM businesses AS present
     WHERE present.name = staged.name AND present.business_id <> staged.business_id
       AND NOT EXISTS (SELECT FROM businesses WHERE business_id = staged.business_id)
    RETURNING present.name AS "from", staged.name AS "to"`);
  await run(sql`
    CREATE TEMP TABLE missing_businesses ON COMMIT DROP AS
    SELECT business_id FROM staged_businesses WHERE business_id NOT IN (SELECT business_id FROM businesses)`);
  const isMissing = sql`business_id IN (SELECT business_id FROM missing_businesses)`;
  const businesses = await insert("businesses", isMissing);
  await insert("accounts", sql`${isMissing} AND email NOT IN (SELECT email FROM accounts)`);
  await insert(
    "account_sign_ins",
    sql`account_id IN (SELECT id FROM accounts WHERE ${isMissing})
        AND (provider, subject) NOT IN (SELECT provider, subject FROM account_sign_ins)`,
  );
  const apiKeys = await insert("api_keys", isMissing);
  await insert("task_usage", isMissing);
  // Not chained anew: a row that was altered before the backup, or in it, would come back with a hash that fits.
  await run(sql`ALTER TABLE credential_access DISABLE TRIGGER credential_access_is_chained`);
  const hasNoLog = sql`
    NOT EXISTS (SELECT FROM credential_access AS present WHERE present.business_id = staged.business_id)`;
  const accessLog = await insert("credential_access", sql`${isMissing} AND ${hasNoLog}`);
  await run(sql`ALTER TABLE credential_access ENABLE TRIGGER credential_access_is_chained`);

  await insert("retired_keyring_keys", sql`keyring_key_id NOT IN (SELECT keyring_key_id FROM retired_keyring_keys)`);
  await insert(
    "destroyed_keys",
    sql`NOT EXISTS (SELECT FROM destroyed_keys AS known WHERE known.key_id = staged.key_id)`,
  );
  const destroyedAgain = await destroyAgain(transaction);
  const isRetired = sql`keyring_key_id IN (SELECT keyring_key_id FROM retired_keyring_keys)`;
  const webhookEndpoints = await insert("webhook_endpoints", sql`${isMissing} AND NOT ${isRetired}`);

  await run(sql`
    CREATE TEMP TABLE key_fates ON COMMIT DROP AS
    SELECT business_id, end_user_id,
           CASE WHEN EXISTS (SELECT FROM destroyed_keys AS known WHERE known.key_id = staged.key_id) THEN 'destroyed'
                WHEN ${isRetired} THEN 'retired'
                WHEN EXISTS (SELECT FROM end_user_keys AS stored
                              WHERE stored.business_id = staged.business_id
                                AND stored.end_user_id = staged.end_user_id)
                  THEN 'present'
                WHEN business_id NOT IN (SELECT business_id FROM businesses) THEN 'strange'
                ELSE 'restored' END AS fate
      FROM staged_end_user_keys AS staged`);
  const isWanted = sql`
    (business_id, end_user_id) IN (SELECT business_id, end_user_id FROM key_fates WHERE fate = 'restored')`;
  const endUserKeys = await insert("end_user_keys", isWanted);

  await run(sql`
    CREATE TEMP TABLE value_fates ON COMMIT DROP AS
    SELECT business_id, end_user_id, field,
           CASE WHEN NOT EXISTS (SELECT FROM end_user_keys AS stored
                                  WHERE stored.business_id = staged.business_id
                                    AND stored.end_user_id = staged.end_user_id AND stored.key_id = staged.key_id)
                  THEN 'without key'
                WHEN EXISTS (SELECT FROM credentials AS stored
                              WHERE stored.business_id = staged.business_id
                                AND stored.end_user_id = staged.end_user_id AND stored.field = staged.field)
                  THEN 'present'
                WHEN EXISTS (SELECT FROM credential_access AS log
                              WHERE log.business_id = staged.business_id AND log.end_user_id = staged.end_user_id
                                AND log.action = 'delete' AND staged.field = ANY (log.fields)
                                AND log.at > staged.updated_at)
                  THEN 'deleted'
                ELSE 'restored' END AS fate
      FROM staged_credentials AS staged`);
  const isWantedValue = sql`
    (business_id, end_user_id, field) IN (SELECT business_id, end_user_id, field FROM value_fates WHERE fate = 'restored')`;
  const values = await insert("credentials", isWantedValue);
  await run(sql`
    INSERT INTO credential_access (business_id, end_user_id, action, fields, actor, key_id)
    SELECT business_id, end_user_id, 'restore', array_agg(field ORDER BY field), 'operator', key_id
      FROM value_fates JOIN end_user_keys USING (business_id, end_user_id) WHERE fate = 'restored'
     GROUP BY business_id, end_user_id, key_id ORDER BY business_id, end_user_id`);

  const keyFates = await countFates(transaction, "key_fates");
  const valueFates = await countFates(transaction, "value_fates");
  return {
    restored: { businesses, apiKeys, webhookEndpoints, accessLog, endUserKeys, values },
    left: {
      destroyedKeys: keyFates.get("destroyed") ?? 0,
      retiredKeys: keyFates.get("retired") ?? 0,
      presentKeys: keyFates.get("present") ?? 0,
      strangeKeys: keyFates.get("strange") ?? 0,
      valuesWithoutKey: valueFates.get("without key") ?? 0,
      presentValues: valueFates.get("present") ?? 0,
      deletedValues: valueFates.get("deleted") ?? 0,
    },
    destroyedAgain,
    renamed,
  };
}

/** After a recovery of the database to an earlier moment: what was deleted since is there again, and must not stay. */
async function destroyAgain(transaction: StoreTransaction): Promise<number> {
  await sql`
    DELETE FROM credentials WHERE key_id IN (SELECT key_id FROM staged_destroyed_keys)`.execute(transaction);
  const result = await sql`
    DELETE FROM end_user_keys WHERE key_id IN (SELECT key_id FROM staged_destroyed_keys)`.execute(transaction);
  return Number(result.numAffectedRows ?? 0n);
}

async function countFates(transaction: StoreTransaction, table: string): Promise<Map<string, number>> {
  const { rows } = await sql<{ fate: string; count: string }>`
    SELECT fate, count(*) FROM ${sql.table(table)} GROUP BY fate`.execute(transaction);
  return new Map(rows.map(({ fate, count }) => [fate, Number(count)]));
}
