import { createHash } from "node:crypto";
import type { AccessAction, CredentialField } from "@stablehand/contract";
import type { BusinessId, TaskId } from "./ids.ts";

/** A row of the access log. */
export interface AccessRow {
  readonly businessId: BusinessId;
  /** From 1, without a gap, within a business. */
  readonly sequence: number;
  /** ISO 8601 in UTC, to the microsecond. */
  readonly at: string;
  readonly action: AccessAction;
  readonly endUserId: string;
  readonly fields: readonly CredentialField[];
  /** `key:` and an API key's id, with `/ticket:` and a ticket's when an end-user did it by one, `worker:` and a worker's, or what an operator's command is called. */
  readonly actor: string;
  readonly taskId: TaskId | null;
  /** The end-user's key that the values were sealed to, in hex; null where there was none or it was not yet written down. */
  readonly keyId: string | null;
  /** The `hash` of the business's row before, in hex. */
  readonly previous: string;
  /** SHA-256 of `accessEntry` of this row, in hex. */
  readonly hash: string;
}

/** What the first row of a business has for the hash of the one before. */
export const noPrevious = "0".repeat(64);

/**
 * The text of a row whose SHA-256 is its hash: canonical JSON (RFC 8785), to be hashed as UTF-8.
 *
 * The database makes the same in `credential_access_entry` (migration 0011). docs/audit.md describes it.
 */
export function accessEntry(row: Omit<AccessRow, "hash">): string {
  return JSON.stringify({
    action: row.action,
    actor: row.actor,
    at: row.at,
    business: row.businessId,
    endUser: row.endUserId,
    fields: row.fields,
    keyId: row.keyId,
    previous: row.previous,
    sequence: row.sequence,
    taskId: row.taskId,
  });
}

/** The hash that a row has to have, in hex. */
export function hashOfEntry(row: Omit<AccessRow, "hash">): string {
  return createHash("sha256").update(accessEntry(row)).digest("hex");
}
