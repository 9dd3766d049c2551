import { getUsage } from "@stablehand/contract";
import { getUsage as getStoredUsage } from "@stablehand/core/store/usage";
import { handlerFor } from "../handler.ts";

/** Says what the caller's business has used this month. */
export const handleGetUsage = handlerFor(getUsage, async ({ caller }, context) => ({
  ...(await getStoredUsage(context.database.db, caller.businessId)),
  limit: context.monthlyTaskLimit,
  requestsPerSecond: context.requestsPerSecondMax,
}));
