import type { KeyObject } from "node:crypto";
import type { CredentialField } from "@stablehand/contract";
import type { SealedCredentials } from "@stablehand/core/store/credential-openings";
import type { OpenedKeyring } from "@stablehand/vault/custody";
import {
  OpenError,
  type Owner,
  openEndUserKey,
  openEndUserKeyBytes,
  openValue,
  openWebhookSecret,
  type StoredEndUserKey,
  type StoredWebhookSecret,
  type WebhookOwner,
} from "@stablehand/vault/open";

/** Opens what is sealed, with a keyring that follows rotations. */
export interface Opener {
  /** The values of an end-user. Throws OpenError when any of them does not open. */
  openCredentials(owner: Owner, sealed: SealedCredentials): Promise<Partial<Record<CredentialField, string>>>;
  /** The raw private half of an end-user's key, for re-sealing; the caller wipes it. Throws OpenError. */
  openKeyBytes(owner: Owner, stored: StoredEndUserKey): Promise<Buffer>;
  /** The secret of a webhook endpoint; the caller wipes it. Throws OpenError. */
  openWebhookSecret(owner: WebhookOwner, stored: StoredWebhookSecret): Promise<Buffer>;
  /** The keyring as it is on disk now. */
  reload(): Promise<OpenedKeyring>;
}

/**
 * Unwraps the keyring, once, and keeps it in memory. `onOpened` is told how many values were opened, and of a failure.
 *
 * A key id that is not in it means that the keyring was rotated: it is then loaded anew, once, and the key asked again.
 */
export async function createOpener(
  loadKeyring: () => Promise<OpenedKeyring>,
  onOpened: (outcome: "opened" | "failed", values: number) => void = () => {},
): Promise<Opener> {
  let keyring = await loadKeyring();

  async function withKeyring<Opened>(open: (keys: ReadonlyMap<string, KeyObject>) => Opened | null): Promise<Opened> {
    const opened = open(keyring.keys);
    if (opened !== null) return opened;
    keyring = await loadKeyring();
    const again = open(keyring.keys);
    if (again === null) throw new OpenError();
    return again;
  }

  return {
    async openCredentials(owner, sealed) {
      try {
        const key = await withKeyring((keys) => openEndUserKey(owner, sealed.key, keys));
        const opened = sealed.values.map((value) => [value.field, openValue(owner, value.field, key, value.sealed)]);
        onOpened("opened", opened.length);
        return Object.fromEntries(opened);
      } catch (error) {
        onOpened("failed", 1);
        throw error;
      }
    },
    openKeyBytes: (owner, stored) => withKeyring((keys) => openEndUserKeyBytes(owner, stored, keys)),
    openWebhookSecret: (owner, stored) => withKeyring((keys) => openWebhookSecret(owner, stored, keys)),
    async reload() {
      keyring = await loadKeyring();
      return keyring;
    },
  };
}
