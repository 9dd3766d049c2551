import type { CredentialField } from "@stablehand/contract";
import { coalesce } from "@stablehand/core/coalesce";
import type { Database } from "@stablehand/core/database";
import type { BusinessId } from "@stablehand/core/ids";
import { type CredentialWrite, findEndUserKeys, writeCredentials } from "@stablehand/core/store/credential-writes";
import type { PublicKeyring } from "@stablehand/vault/keyring";
import { createEndUserKey, type EndUserPublicKey, importEndUserKey, sealValues } from "@stablehand/vault/seal";

/** Whose credentials are written, and by which API key. */
export interface CredentialOwner {
  readonly businessId: BusinessId;
  readonly endUserId: string;
  readonly actor: string;
}

/** Seals and stores credential values. It can open none. */
export interface CredentialWriter {
  /** Stores all the values or, when it throws, none. Fields not given keep theirs. */
  set(owner: CredentialOwner, values: readonly (readonly [CredentialField, string])[]): Promise<void>;
}

const knownKeysMax = 10_000;
const attemptsMax = 8;
// Measured by `npm run bench -- credentials`: decision 0005.
const writing = { runsMax: 1, batchMax: 64 };

/**
 * Opens the writing side of the credential plane.
 *
 * The public halves of end-users' keys are remembered; a memory that a DELETE has made stale does no harm, since the
 * statement that writes checks the key, and the values are then sealed anew to the one that counts.
 */
export function openCredentialWriter(database: Database, keyring: PublicKeyring): CredentialWriter {
  const known = new Map<string, EndUserPublicKey>();
  const find = coalesce<CredentialOwner, EndUserPublicKey | null>({
    runAll: async (owners) => {
      const keys = await findEndUserKeys(database.pool, owners);
      return keys.map((key) => key && importEndUserKey(key));
    },
    ...writing,
  });
  const write = coalesce<CredentialWrite, boolean>({
    runAll: (writes) => writeCredentials(database.pool, writes),
    keyOf: nameOf,
    ...writing,
  });

  function remember(name: string, key: EndUserPublicKey): void {
    known.delete(name);
    known.set(name, key);
    if (known.size <= knownKeysMax) return;
    for (const oldest of known.keys()) {
      known.delete(oldest);
      return;
    }
  }

  async function attempt(owner: CredentialOwner, values: readonly (readonly [CredentialField, string])[]) {
    const name = nameOf(owner);
    const stored = known.get(name) ?? (await find(owner));
    const created = stored ? null : createEndUserKey(owner, keyring.current());
    const key = stored ?? created;
    if (!key) throw new Error("an end-user's key is either stored or created");
    const written = await write({
      businessId: owner.businessId,
      endUserId: owner.endUserId,
      actor: owner.actor,
      keyId: key.keyId,
      newKey: created,
      values: sealValues(owner, key, values),
    });
    if (written) remember(name, { keyId: key.keyId, recipient: key.recipient });
    else known.delete(name);
    return written;
  }

  return {
    async set(owner, values) {
      for (let tries = 0; tries < attemptsMax; tries++) if (await attempt(owner, values)) return;
      throw new Error(`the end-user's key changed ${attemptsMax} times during one request`);
    },
  };
}

function nameOf(owner: { businessId: BusinessId; endUserId: string }): string {
  return `${owner.businessId} ${owner.endUserId}`;
}
