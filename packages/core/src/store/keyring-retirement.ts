import { sql } from "kysely";
import type { Db } from "../database.ts";

/** What still needs a keyring key. */
export interface KeyringKeyUse {
  readonly endUsers: number;
  readonly webhooks: number;
}

/**
 * Forbids a keyring key for good, if nothing stored is sealed to it; otherwise says what is, and changes nothing.
 *
 * From then on the database takes no row that is sealed to it. Safe to repeat. Writers of new keys wait for the moment
 * that this takes, so that none slips in between the counting and the forbidding.
 */
export function retireKeyringKey(db: Db, keyringKeyId: Buffer): Promise<"retired" | KeyringKeyUse> {
  return db.transaction().execute(async (transaction) => {
    await sql`LOCK TABLE end_user_keys, webhook_endpoints IN SHARE MODE`.execute(transaction);
    const { rows } = await sql<{ end_users: string; webhooks: string }>`
      SELECT (SELECT count(*) FROM end_user_keys WHERE keyring_key_id = ${keyringKeyId}) AS end_users,
             (SELECT count(*) FROM webhook_endpoints WHERE keyring_key_id = ${keyringKeyId}) AS webhooks`.execute(
      transaction,
    );
    const use = { endUsers: Number(rows[0]?.end_users), webhooks: Number(rows[0]?.webhooks) };
    if (use.endUsers > 0 || use.webhooks > 0) return use;
    await transaction
      .insertInto("retired_keyring_keys")
      .values({ keyring_key_id: keyringKeyId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return "retired";
  });
}
