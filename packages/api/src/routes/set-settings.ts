import { setSettings } from "@stablehand/contract";
import { setSettings as storeSettings } from "@stablehand/core/store/settings";
import { handlerFor } from "../handler.ts";

/** Replaces what the caller's business has set, and logs by whom. */
export const handleSetSettings = handlerFor(setSettings, async ({ body, caller }, context) => {
  const { businessId, actor } = caller;
  const settings = await storeSettings(context.database.db, businessId, body);
  context.log.info({ businessId, actor, ...settings }, "the settings are set");
  return settings;
});
