import { getCredentials, type Platform, platforms } from "@stablehand/contract";
import { getCredentialStatus, type PlatformStatus } from "@stablehand/core/store/credentials";
import { handlerFor } from "../handler.ts";

/** Says which platforms are configured, and how fresh and healthy; no sealed value is even read. */
export const handleGetCredentials = handlerFor(getCredentials, async ({ caller, params }, context) => {
  const status = await getCredentialStatus(context.database.pool, caller.businessId, params.endUserId);
  return {
    endUserId: params.endUserId,
    platforms: eachPlatform((platform) => status[platform].missing.length === 0),
    details: eachPlatform((platform) => toDetails(status[platform])),
  };
});

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
