import { setSettings } from "@stablehand/contract";
import { setSettings as storeSettings } from "@stablehand/core/store/settings";
import { handlerFor } from "../handler.ts";

/** Replaces what the caller's business has set, and logs by which key. */
export const handleSetSettings = handlerFor(setSettings, async ({ body, caller }, context) => {
  await storeSettings(context.database.db, caller.businessId, body);
  context.log.info({ businessId: caller.businessId, actor: caller.actor, ...body }, "the allowed hosts are set");
  return body;
});
