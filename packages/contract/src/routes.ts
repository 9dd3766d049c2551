import { createApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";
import { listCredentialAccess } from "./credential-access.ts";
import { checkCredentials, deleteCredentials, getCredentials, setCredentials } from "./credentials.ts";
import { extractDesign, extractOneDesign, getAsset } from "./design-routes.ts";
import { listEndUsers } from "./end-users.ts";
import type { Route } from "./route.ts";
import { getSealingKey } from "./sealing.ts";
import { getHealth, getOpenapi, getReadiness } from "./server.ts";
import { getSession, listSessions } from "./sessions.ts";
import { getSettings, setSettings } from "./settings.ts";
import { getTaskStatistics } from "./task-statistics.ts";
import { cancelTask, getTask, streamTaskEvents, submitTask } from "./tasks.ts";
import { createUploadTicket } from "./upload-tickets.ts";
import { getUsage } from "./usage.ts";
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  listWebhookDeliveries,
  listWebhookEndpoints,
  testWebhookEndpoint,
} from "./webhooks.ts";

/** Every route of the server. A route is registered, documented and tested because it stands here. */
export const routes = [
  listEndUsers,
  setCredentials,
  getCredentials,
  deleteCredentials,
  checkCredentials,
  getSealingKey,
  createUploadTicket,
  listCredentialAccess,
  submitTask,
  getTask,
  cancelTask,
  streamTaskEvents,
  listSessions,
  getSession,
  extractDesign,
  extractOneDesign,
  getAsset,
  getUsage,
  getTaskStatistics,
  getSettings,
  setSettings,
  createWebhookEndpoint,
  listWebhookEndpoints,
  testWebhookEndpoint,
  listWebhookDeliveries,
  deleteWebhookEndpoint,
  createApiKey,
  listApiKeys,
  revokeApiKey,
  getOpenapi,
  getHealth,
  getReadiness,
] as const satisfies readonly Route[];
