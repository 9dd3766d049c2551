import type { ApiKeyRecord } from "@stablehand/contract";
import type { ApiKey } from "@stablehand/core/store/api-keys";

/** A key as the wire shows it. */
export function toApiKeyRecord({ createdAt, lastUsedAt, revokedAt, scopes, expiresAt, ...key }: ApiKey): ApiKeyRecord {
  return {
    ...key,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
    ...(scopes && { scopes: [...scopes] }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
  };
}
