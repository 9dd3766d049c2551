import { AppError, type CredentialField } from "@stablehand/contract";
import { coalesce } from "@stablehand/core/coalesce";
import type { Database } from "@stablehand/core/database";
import type { BusinessId } from "@stablehand/core/ids";
import {
  type CredentialWrite,
  createEndUserKeyRow,
  findEndUserKeys,
  type StoredPublicKey,
  type WriteOutcome,
  writeCredentials,
} from "@stablehand/core/store/credential-writes";
import { type UploadTicket, writeByTicket } from "@stablehand/core/store/upload-tickets";
import type { PublicKeyring } from "@stablehand/vault/keyring";
import { createEndUserKey, type EndUserPublicKey, importEndUserKey, sealValues } from "@stablehand/vault/seal";
import { type SealedUpload, sealingKeyChanged } from "./sealed-upload.ts";

/** Whose credentials are written, and by whom. */
export interface CredentialOwner {
  readonly businessId: BusinessId;
  readonly endUserId: string;
  /** Null of an account. */
  readonly apiKeyId: string | null;
  /** For the access log. */
  readonly actor: string;
}

/** Seals and stores credential values. It can open none. */
export interface CredentialWriter {
  /**
   * Stores all the values or, when it throws, none. Fields not given keep theirs.
   *
   * Throws `key_revoked` when the API key no longer counts: the statement that stores looks at it, so the caller need not
   * have been looked up anew.
   */
  set(owner: CredentialOwner, values: readonly (readonly [CredentialField, string])[]): Promise<void>;
  /** As `set`, of values that the caller has sealed. Throws `sealing_key_changed` when not to the key that counts. */
  setSealed(owner: CredentialOwner, upload: SealedUpload): Promise<void>;
  /**
   * Stores values, or what an end-user's browser has sealed, and uses the ticket up, both or neither. Throws
   * `ticket_used` when that was done meanwhile or its time is over, and `sealing_key_changed` as `setSealed` does.
   */
  setByTicket(ticket: UploadTicket, upload: SealedUpload | Put["values"]): Promise<void>;
  /** The public half of an end-user's key, made when there is none. */
  sealingKey(owner: { readonly businessId: BusinessId; readonly endUserId: string }): Promise<StoredPublicKey>;
}

interface Put {
  readonly owner: CredentialOwner;
  readonly values: readonly (readonly [CredentialField, string])[];
}

/** `key` is what to remember when it is stored: null when the caller has sealed. */
type SealedPut = CredentialWrite & { readonly key: EndUserPublicKey | null };

const knownKeysMax = 1_500; // a key takes about 4 KiB, most of it OpenSSL's
const attemptsMax = 8;

/**
 * Opens the writing side of the credential plane.
 *
 * The public halves of end-users' keys are remembered; a memory that a DELETE has made stale does no harm, since the
 * statement that writes checks the key, and the values are then sealed anew to the one that counts. `onSealed` is told
 * how many values a PUT has stored.
 */
export function openCredentialWriter(
  database: Database,
  keyring: PublicKeyring,
  onSealed: (values: number) => void = () => {},
): CredentialWriter {
  const known = new Map<string, EndUserPublicKey>();

  function remember(name: string, key: EndUserPublicKey): void {
    known.delete(name);
    known.set(name, key);
    if (known.size <= knownKeysMax) return;
    for (const oldest of known.keys()) {
      known.delete(oldest);
      return;
    }
  }

  async function recallKeys(puts: readonly Put[]): Promise<void> {
    const owners = puts.map((put) => put.owner).filter((owner) => !known.has(nameOf(owner)));
    if (owners.length === 0) return;
    const keys = await findEndUserKeys(database.pool, owners);
    for (const [index, owner] of owners.entries()) {
      const key = keys[index];
      if (key) remember(nameOf(owner), importEndUserKey(key));
    }
  }

  async function sealAll(puts: readonly Put[]): Promise<SealedPut[]> {
    await recallKeys(puts);
    return puts.map(({ owner, values }) => {
      const stored = known.get(nameOf(owner));
      const created = stored ? null : createEndUserKey(owner, keyring.current());
      const key = stored ?? created;
      if (!key) throw new Error("an end-user's key is either stored or created");
      return { ...owner, key, keyId: key.keyId, newKey: created, values: sealValues(owner, key, values) };
    });
  }

  async function writeAll(puts: readonly SealedPut[]): Promise<WriteOutcome[]> {
    const outcomes = await writeCredentials(database.pool, puts);
    for (const [index, put] of puts.entries()) {
      if (outcomes[index] === "stored" && put.key)
        remember(nameOf(put), { keyId: put.keyId, recipient: put.key.recipient });
      if (outcomes[index] === "key_changed") known.delete(nameOf(put));
    }
    return outcomes;
  }

  const seal = coalesce({ runAll: sealAll, runsMax: 4, batchMax: 64 });
  const write = coalesce<SealedPut, WriteOutcome>({ runAll: writeAll, keyOf: nameOf, runsMax: 1, batchMax: 64 });

  return {
    async set(owner, values) {
      for (let tries = 0; tries < attemptsMax; tries++) {
        const outcome = await write(await seal({ owner, values }));
        if (outcome === "stored") return onSealed(values.length);
        if (outcome === "refused") throw keyRevoked(owner);
      }
      throw keepsChanging();
    },
    async setSealed(owner, upload) {
      const outcome = await write({ ...owner, ...upload, key: null, newKey: null });
      if (outcome === "refused") throw keyRevoked(owner);
      if (outcome === "key_changed") throw sealingKeyChanged();
      onSealed(upload.values.length);
    },
    async setByTicket(ticket, upload) {
      const { businessId, endUserId, apiKeyId } = ticket;
      const owner = { businessId, endUserId, apiKeyId, actor: `${ticket.actor}/ticket:${ticket.ticketId}` };
      const isSealed = "keyId" in upload;
      for (let tries = 0; tries < attemptsMax; tries++) {
        const put: SealedPut = isSealed
          ? { ...owner, ...upload, key: null, newKey: null }
          : await seal({ owner, values: upload });
        const outcome = await writeByTicket(database.pool, ticket.ticketId, put);
        if (outcome === "stored") return onSealed(put.values.length);
        if (outcome === "ended")
          throw new AppError("ticket_used", "This link was used meanwhile, or its time is over.");
        if (outcome === "refused")
          throw new AppError("ticket_not_found", "This link was withdrawn. Ask for a new one.");
        if (isSealed) throw sealingKeyChanged();
        known.delete(nameOf(owner));
      }
      throw keepsChanging();
    },
    async sealingKey(owner) {
      for (let tries = 0; tries < attemptsMax; tries++) {
        const [stored] = await findEndUserKeys(database.pool, [owner]);
        if (stored) return stored;
        await createEndUserKeyRow(database.pool, owner, createEndUserKey(owner, keyring.current()));
      }
      throw keepsChanging();
    },
  };
}

function keyRevoked(owner: CredentialOwner): AppError {
  return new AppError("key_revoked", `The API key ${owner.apiKeyId} has been revoked.`);
}

function keepsChanging(): Error {
  return new Error(`the end-user's key changed ${attemptsMax} times during one request`);
}

function nameOf(owner: { businessId: BusinessId; endUserId: string }): string {
  return `${owner.businessId} ${owner.endUserId}`;
}
