import { AppError, checkCredentials, type Platform, platforms } from "@stablehand/contract";
import { getCredentialStatus } from "@stablehand/core/store/credentials";
import { handlerFor } from "../handler.ts";
import { toAccepted } from "../task-wire.ts";

/** Queues a sign-in check of the named platforms, or of all that are configured. */
export const handleCheckCredentials = handlerFor(
  checkCredentials,
  async ({ body, caller, params, traceparent }, context) => {
    const { businessId } = caller;
    const { endUserId } = params;
    const status = await getCredentialStatus(context.database.pool, businessId, endUserId);
    const missing = (platform: Platform) => status[platform].missing;
    const named = platforms.filter((platform) => body?.platforms?.includes(platform));
    const incomplete = named.find((platform) => missing(platform).length > 0);
    if (incomplete)
      throw new AppError(
        "no_credentials",
        `For ${incomplete} there is no ${missing(incomplete).join(", ")} stored: PUT it.`,
      );
    const checked = named.length > 0 ? named : platforms.filter((platform) => missing(platform).length === 0);
    if (checked.length === 0)
      throw new AppError(
        "no_credentials",
        "No platform of this end-user has all of its fields stored: PUT them first.",
      );

    return toAccepted(
      await context.submitTask({
        businessId,
        apiKeyId: caller.keyId,
        endUserId,
        kind: "check",
        traceparent,
        task: `Check the sign-in on ${checked.join(", ")}`,
        sessionId: null,
        platforms: checked,
        idempotency: null,
      }),
    );
  },
);
