import type { KeyObject } from "node:crypto";
import { type EndUserPrivateKey, OpenError, openEndUserKey, openValue } from "../../packages/vault/src/open.ts";

/** A row of `end_user_keys`, as PostgreSQL gives it. */
export interface KeyRow {
  readonly business_id: string;
  readonly end_user_id: string;
  readonly key_id: Buffer;
  readonly public_key: Buffer;
  readonly sealed_private_key: Buffer;
  readonly keyring_key_id: Buffer;
}

/** A row of `credentials`, as PostgreSQL gives it. */
export interface ValueRow {
  readonly business_id: string;
  readonly end_user_id: string;
  readonly field: string;
  readonly key_id: Buffer;
  readonly sealed: Buffer;
}

/** The opened key of a row, or null when it does not open. */
export function openKeyRow(row: KeyRow, keyring: ReadonlyMap<string, KeyObject>): EndUserPrivateKey | null {
  const owner = { businessId: row.business_id, endUserId: row.end_user_id };
  const stored = { keyId: row.key_id, sealedPrivateKey: row.sealed_private_key, keyringKeyId: row.keyring_key_id };
  return orNull(() => openEndUserKey(owner, stored, keyring));
}

/** The value of a row by a key, or null when it does not open. */
export function openValueRow(row: ValueRow, key: EndUserPrivateKey): string | null {
  return orNull(() =>
    openValue({ businessId: row.business_id, endUserId: row.end_user_id }, row.field, key, row.sealed),
  );
}

/** Every value that opens with these keys, by `business/end-user/field`. */
export function openRows(
  keys: readonly KeyRow[],
  values: readonly ValueRow[],
  keyring: ReadonlyMap<string, KeyObject>,
): Map<string, string> {
  const opened = new Map<string, EndUserPrivateKey>();
  for (const row of keys) {
    const key = openKeyRow(row, keyring);
    if (key) opened.set(`${row.business_id}/${row.end_user_id}`, key);
  }
  return new Map(
    values.flatMap((row) => {
      const place = `${row.business_id}/${row.end_user_id}`;
      const key = opened.get(place);
      const value = key ? openValueRow(row, key) : null;
      return value === null ? [] : [[`${place}/${row.field}`, value] as const];
    }),
  );
}

function orNull<Result>(open: () => Result): Result | null {
  try {
    return open();
  } catch (error) {
    if (error instanceof OpenError) return null;
    throw error;
  }
}
