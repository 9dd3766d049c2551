import { getSettings } from "@stablehand/contract";
import { getSettings as getStoredSettings } from "@stablehand/core/store/settings";
import { handlerFor } from "../handler.ts";

/** Says what the caller's business has set. */
export const handleGetSettings = handlerFor(getSettings, ({ caller }, context) =>
  getStoredSettings(context.database.db, caller.businessId),
);
