import { AppError, createUploadTicket, ticketSecondsMax } from "@stablehand/contract";
import { getSettings } from "@stablehand/core/store/settings";
import { createUploadTicket as storeUploadTicket } from "@stablehand/core/store/upload-tickets";
import { refusalOfReturnUrl } from "../connect/return-url.ts";
import { handlerFor } from "../handler.ts";

/** Makes a ticket. Its token is in this answer, and from then on only in the address that the end-user is given. */
export const handleCreateUploadTicket = handlerFor(createUploadTicket, async (input, context) => {
  const { body, caller, params, baseUrl, setHeader } = input;
  const { db } = context.database;
  const { businessId, keyId: apiKeyId, actor } = caller;
  const returnUrl = body.returnUrl ?? null;
  if (returnUrl !== null) {
    const refusal = refusalOfReturnUrl(returnUrl, (await getSettings(db, businessId)).embedOrigins);
    if (refusal) throw new AppError("invalid_request", `returnUrl ${refusal}`);
  }
  const { ticketId, token, expiresAt } = await storeUploadTicket(db, {
    businessId,
    endUserId: params.endUserId,
    platforms: body.platforms,
    returnUrl,
    apiKeyId,
    actor,
    ttlSeconds: body.ttlSeconds ?? ticketSecondsMax,
  });
  setHeader("cache-control", "no-store");
  return { url: `${baseUrl}/connect/${ticketId}#${token}`, token, expiresAt: expiresAt.toISOString(), ticketId };
});
