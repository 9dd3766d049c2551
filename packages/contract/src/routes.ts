import { createApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";
import { listCredentialAccess } from "./credential-access.ts";
import { checkCredentials, deleteCredentials, getCredentials, setCredentials } from "./credentials.ts";
import { extractDesign, extractOneDesign, getAsset } from "./design-routes.ts";
import type { Route } from "./route.ts";
import { getSealingKey } from "./sealing.ts";
import { getHealth, getOpenapi, getReadiness } from "./server.ts";
import { getSession, listSessions } from "./sessions.ts";
import { getSettings, setSettings } from "./settings.ts";
import { cancelTask, getTask, streamTaskEvents, submitTask } from "./tasks.ts";
import { getUsage } from "./usage.ts";
import { createWebhookEndpoint, deleteWebhookEndpoint, listWebhookEndpoints } from "./webhooks.ts";

/** Every route of the server. A route is registered, documented and tested because it stands here. */
export const routes = [
  setCredentials,
  getCredentials,
  deleteCredentials,
  checkCredentials,
  getSealingKey,
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
  getSettings,
  setSettings,
  createWebhookEndpoint,
  listWebhookEndpoints,
  deleteWebhookEndpoint,
  createApiKey,
  listApiKeys,
  revokeApiKey,
  getOpenapi,
  getHealth,
  getReadiness,
] as const satisfies readonly Route[];
