import { randomBytes } from "node:crypto";
import {
  AppError,
  createWebhookEndpoint,
  refusalOfWebhookUrl,
  webhookEndpointsMax,
  webhookSecretPrefix,
} from "@stablehand/contract";
import { newId, type WebhookEndpointId } from "@stablehand/core/ids";
import { createWebhookEndpoint as storeWebhookEndpoint } from "@stablehand/core/store/webhook-endpoints";
import { sealWebhookSecret } from "@stablehand/vault/seal";
import { handlerFor } from "../handler.ts";

const secretBytes = 32;

/** Makes an endpoint and its secret. The secret is in this answer, and from then on only where workers can open it. */
export const handleCreateWebhookEndpoint = handlerFor(createWebhookEndpoint, async ({ body, caller }, context) => {
  const refusal = refusalOfWebhookUrl(body.url, context.allowPrivateWebhooks);
  if (refusal) throw new AppError("invalid_request", `url ${refusal}`);
  const { businessId } = caller;
  const endpointId = newId<WebhookEndpointId>();
  const secret = randomBytes(secretBytes);
  const keyringKey = context.keyring.current();
  const stored = await storeWebhookEndpoint(
    context.database.db,
    businessId,
    {
      endpointId,
      url: new URL(body.url).href,
      description: body.description ?? null,
      sealedSecret: sealWebhookSecret({ businessId, endpointId }, secret, keyringKey),
      keyringKeyId: keyringKey.keyId,
    },
    webhookEndpointsMax,
  );
  if (!stored)
    throw new AppError(
      "webhook_endpoint_limit_reached",
      `There are ${webhookEndpointsMax} webhook endpoints already: delete one that is no longer used.`,
    );
  return {
    endpointId,
    url: stored.url,
    ...(stored.description !== null && { description: stored.description }),
    createdAt: stored.createdAt.toISOString(),
    secret: `${webhookSecretPrefix}${secret.toString("base64")}`,
  };
});
