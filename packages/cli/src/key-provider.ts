import { openKeyProvider } from "@stablehand/vault/kms/open-provider";
import type { WrappingKeyProvider } from "@stablehand/vault/kms/provider";
import { readKeyProvider } from "@stablehand/vault/kms/setting";
import type { Places } from "./places.ts";

/**
 * The provider that `KEY_PROVIDER`, or else `name`, means to this installation: `file` is the key file in its place.
 *
 * Throws KeyringError when a setting is missing or wrong.
 */
export function openProviderOf(env: NodeJS.ProcessEnv, { vault }: Places, name?: string): Promise<WrappingKeyProvider> {
  return openKeyProvider(readKeyProvider({ ...env, VAULT_KEY_FILE: vault.keyFile }, name));
}

/** What `initVault` makes a new keyring with: undefined is a key file, which it makes as well. */
export function providerForInit(
  env: NodeJS.ProcessEnv,
  places: Places,
): (() => Promise<WrappingKeyProvider>) | undefined {
  const name = env.KEY_PROVIDER || "file";
  return name === "file" ? undefined : () => openProviderOf(env, places);
}
