import type { routes } from "@stablehand/contract";
import type { Handler } from "../handler.ts";
import { describeApi } from "../openapi.ts";
import { handleCancelTask } from "./cancel-task.ts";
import { handleCheckCredentials } from "./check-credentials.ts";
import { handleCreateApiKey } from "./create-api-key.ts";
import { handleCreateUploadTicket } from "./create-upload-ticket.ts";
import { handleCreateWebhookEndpoint } from "./create-webhook-endpoint.ts";
import { handleDeleteCredentials } from "./delete-credentials.ts";
import { handleDeleteWebhookEndpoint } from "./delete-webhook-endpoint.ts";
import { handleExtractDesign } from "./extract-design.ts";
import { handleExtractOneDesign } from "./extract-one-design.ts";
import { handleGetAsset } from "./get-asset.ts";
import { handleGetCredentials } from "./get-credentials.ts";
import { handleGetReadiness } from "./get-readiness.ts";
import { handleGetSealingKey } from "./get-sealing-key.ts";
import { handleGetSession } from "./get-session.ts";
import { handleGetSettings } from "./get-settings.ts";
import { handleGetTask } from "./get-task.ts";
import { handleGetTaskStatistics } from "./get-task-statistics.ts";
import { handleGetUsage } from "./get-usage.ts";
import { handleListApiKeys } from "./list-api-keys.ts";
import { handleListCredentialAccess } from "./list-credential-access.ts";
import { handleListEndUsers } from "./list-end-users.ts";
import { handleListSessions } from "./list-sessions.ts";
import { handleListWebhookDeliveries } from "./list-webhook-deliveries.ts";
import { handleListWebhookEndpoints } from "./list-webhook-endpoints.ts";
import { handleRevokeApiKey } from "./revoke-api-key.ts";
import { handleSetCredentials } from "./set-credentials.ts";
import { handleSetSettings } from "./set-settings.ts";
import { handleStreamTaskEvents } from "./stream-task-events.ts";
import { handleSubmitTask } from "./submit-task.ts";
import { handleTestWebhookEndpoint } from "./test-webhook-endpoint.ts";

type ContractRoute = (typeof routes)[number];

const api = describeApi();

/** The handler of every route of the contract; one that is missing does not compile. */
export const handlers: { [Id in ContractRoute["id"]]: Handler<Extract<ContractRoute, { id: Id }>> } = {
  "list-end-users": handleListEndUsers,
  "set-credentials": handleSetCredentials,
  "get-credentials": handleGetCredentials,
  "delete-credentials": handleDeleteCredentials,
  "check-credentials": handleCheckCredentials,
  "get-sealing-key": handleGetSealingKey,
  "create-upload-ticket": handleCreateUploadTicket,
  "list-credential-access": handleListCredentialAccess,
  "submit-task": handleSubmitTask,
  "get-task": handleGetTask,
  "cancel-task": handleCancelTask,
  "stream-task-events": handleStreamTaskEvents,
  "list-sessions": handleListSessions,
  "get-session": handleGetSession,
  "extract-design": handleExtractDesign,
  "extract-one-design": handleExtractOneDesign,
  "get-asset": handleGetAsset,
  "get-usage": handleGetUsage,
  "get-task-statistics": handleGetTaskStatistics,
  "get-settings": handleGetSettings,
  "set-settings": handleSetSettings,
  "create-webhook-endpoint": handleCreateWebhookEndpoint,
  "list-webhook-endpoints": handleListWebhookEndpoints,
  "delete-webhook-endpoint": handleDeleteWebhookEndpoint,
  "test-webhook-endpoint": handleTestWebhookEndpoint,
  "list-webhook-deliveries": handleListWebhookDeliveries,
  "create-api-key": handleCreateApiKey,
  "list-api-keys": handleListApiKeys,
  "revoke-api-key": handleRevokeApiKey,
  "get-openapi": async () => api,
  "get-health": async () => ({ ok: true }),
  "get-readiness": handleGetReadiness,
};
