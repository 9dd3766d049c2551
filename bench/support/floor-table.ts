import { randomBytes } from "node:crypto";

/** The floor's table: that of the sealed credentials, without anything of ours around it. */
export const floorTable = `CREATE TABLE IF NOT EXISTS floor (
  business_id text COLLATE "C" NOT NULL, end_user_id text COLLATE "C" NOT NULL, field text COLLATE "C" NOT NULL,
  key_id bytea NOT NULL, sealed bytea NOT NULL, updated_at timestamptz NOT NULL DEFAULT now(), last_used_at timestamptz,
  PRIMARY KEY (business_id, end_user_id, field)) WITH (fillfactor = 75)`;

/** The least that storing two fields can be: one prepared upsert of two rows. */
export const floorUpsert = {
  name: "floor",
  text: `INSERT INTO floor (business_id, end_user_id, field, key_id, sealed)
    VALUES ($1, $2, 'twitterAuthToken', $3, $4), ($1, $2, 'twitterCt0', $3, $5)
    ON CONFLICT (business_id, end_user_id, field)
      DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed, updated_at = excluded.updated_at`,
};

/** Parameters of the size that two sealed cookies have. */
export function floorValues(endUserId: string): unknown[] {
  return ["00000000-0000-4000-8000-000000000000", endUserId, keyId, first, second];
}

const keyId = randomBytes(8);
const first = randomBytes(59 + 47);
const second = randomBytes(59 + 167);
