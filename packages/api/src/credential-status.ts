import { type CredentialStatus, type Platform, platforms } from "@stablehand/contract";
import type { PlatformStatus } from "@stablehand/core/store/credentials";

/** Says on the wire how an end-user's credentials stand. */
export function toCredentialStatus(endUserId: string, status: Record<Platform, PlatformStatus>): CredentialStatus {
  return {
    endUserId,
    platforms: eachPlatform((platform) => status[platform].missing.length === 0),
    details: eachPlatform((platform) => toDetails(status[platform])),
  };
}

function eachPlatform<Value>(make: (platform: Platform) => Value): Record<Platform, Value> {
  return Object.fromEntries(platforms.map((platform) => [platform, make(platform)])) as Record<Platform, Value>; // all five
}

function toDetails(status: PlatformStatus) {
  const fields = Object.entries(status.fields).map(([field, { updatedAt, lastUsedAt }]) => [
    field,
    { updatedAt: updatedAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null },
  ]);
  return {
    fields: Object.fromEntries(fields),
    missing: status.missing,
    health: status.health,
    checkedAt: status.checkedAt?.toISOString() ?? null,
  };
}
