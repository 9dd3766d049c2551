import type { CredentialField } from "@stablehand/contract";
import type { SealedCredentials } from "@stablehand/core/store/credential-openings";
import type { OpenedKeyring } from "@stablehand/vault/custody";
import {
  decapsulateRemotely,
  type EndUserPrivateKey,
  OpenError,
  type OpeningKeys,
  type Owner,
  openEndUserKey,
  openEndUserKeyBytes,
  openValue,
  openWebhookSecret,
  type StoredEndUserKey,
  type StoredWebhookSecret,
  type WebhookOwner,
} from "@stablehand/vault/open";
import { rememberSecrets } from "./remember-secrets.ts";

/** The end-users' keys that one run of a task has opened, by key id in hex: gone with the run. */
export type HeldKeys = Map<string, EndUserPrivateKey>;

/**
 * Opens what is sealed, with a keyring that follows rotations.
 *
 * With a key that stays in a KMS each opening of an end-user's key is a call to it, which rejects with KeyringError when
 * it is refused and KeyProviderUnavailableError when it is not answered.
 */
export interface Opener {
  /** The values of an end-user. A key that `held` has is not opened again. Throws OpenError when any does not open. */
  openCredentials(
    owner: Owner,
    sealed: SealedCredentials,
    held?: HeldKeys,
  ): Promise<Partial<Record<CredentialField, string>>>;
  /** The raw private half of an end-user's key, for re-sealing; the caller wipes it. Throws OpenError. */
  openKeyBytes(owner: Owner, stored: StoredEndUserKey): Promise<Buffer>;
  /** The secret of a webhook endpoint; the caller wipes it. One that a KMS opened is kept for a while. Throws OpenError. */
  openWebhookSecret(owner: WebhookOwner, stored: StoredWebhookSecret): Promise<Buffer>;
  /** The keyring as it is on disk now. */
  reload(): Promise<OpenedKeyring>;
}

/**
 * Unwraps the keyring, once, and keeps it in memory. `onOpened` is told how many values were opened, and of a failure.
 *
 * A key id that is not in it means that the keyring was rotated: it is then loaded anew, once, and the key asked again.
 * `loadKeyring` is given what was loaded before.
 */
export async function createOpener(
  loadKeyring: (known?: OpenedKeyring) => Promise<OpenedKeyring>,
  onOpened: (outcome: "opened" | "failed", values: number) => void = () => {},
): Promise<Opener> {
  let keyring = await loadKeyring();
  const secrets = rememberSecrets();

  async function withKeyring<Opened>(
    sealed: { readonly bytes: Buffer; readonly keyringKeyId: Buffer },
    open: (keys: OpeningKeys) => Opened | null,
  ): Promise<Opened> {
    const keyId = sealed.keyringKeyId.toString("hex");
    const attempt = async () => {
      const remote = keyring.remote.get(keyId);
      if (!remote) return open(keyring.keys);
      const decapsulated = await decapsulateRemotely(sealed.bytes, remote);
      if (!decapsulated) throw new OpenError();
      const opened = open(new Map([[keyId, decapsulated]]));
      decapsulated.sharedKey.fill(0);
      return opened;
    };
    const opened = await attempt();
    if (opened !== null) return opened;
    keyring = await loadKeyring(keyring);
    const again = await attempt();
    if (again === null) throw new OpenError();
    return again;
  }

  const sealedKey = (stored: StoredEndUserKey) => ({
    bytes: stored.sealedPrivateKey,
    keyringKeyId: stored.keyringKeyId,
  });

  return {
    async openCredentials(owner, sealed, held = new Map()) {
      try {
        const keyId = sealed.key.keyId.toString("hex");
        const key =
          held.get(keyId) ??
          (await withKeyring(sealedKey(sealed.key), (keys) => openEndUserKey(owner, sealed.key, keys)));
        held.set(keyId, key);
        const opened = sealed.values.map((value) => [value.field, openValue(owner, value.field, key, value.sealed)]);
        onOpened("opened", opened.length);
        return Object.fromEntries(opened);
      } catch (error) {
        onOpened("failed", 1);
        throw error;
      }
    },
    openKeyBytes: (owner, stored) => withKeyring(sealedKey(stored), (keys) => openEndUserKeyBytes(owner, stored, keys)),
    async openWebhookSecret(owner, stored) {
      const open = () =>
        withKeyring({ bytes: stored.sealedSecret, keyringKeyId: stored.keyringKeyId }, (keys) =>
          openWebhookSecret(owner, stored, keys),
        );
      const isRemote = keyring.remote.has(stored.keyringKeyId.toString("hex"));
      return isRemote ? secrets.get(owner, stored.sealedSecret, open) : open();
    },
    async reload() {
      keyring = await loadKeyring(keyring);
      return keyring;
    },
  };
}
