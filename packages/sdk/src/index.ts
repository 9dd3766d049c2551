export { type AccessOptions, type ClientOptions, Stablehand } from "./client.ts";
export type {
  ApiKey,
  CreatedApiKey,
  CreateUploadTicket,
  CreateWebhookEndpoint,
  CredentialAccess,
  CredentialAccessList,
  CredentialStatus,
  Design,
  DesignResults,
  EndUserList,
  ExtractionAccepted,
  Session,
  SessionList,
  SessionSummary,
  SetSettings,
  Settings,
  StepSummary,
  Task,
  TaskAccepted,
  TaskStatistics,
  UploadTicket,
  Usage,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookEndpoint,
  WebhookEndpointList,
  WebhookEndpointState,
  WebhookEvent,
  WebhookTest,
} from "./contract/records.ts";
export type { CredentialField, CredentialValues } from "./credential-values.ts";
export {
  ApiError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  ConnectionError,
  type ErrorCode,
  NotFoundError,
  PermissionError,
  RateLimitError,
  RequestTimeoutError,
  SealingError,
  ServerError,
  StablehandError,
  StructuredContentError,
  TaskCancelledError,
  TaskError,
  TaskFailedError,
  TaskTimeoutError,
  WebhookVerificationError,
} from "./errors.ts";
export type { FollowOptions, TaskEvent } from "./follow-task.ts";
export type { ApiKeys } from "./resources/api-keys.ts";
export type { DesignExtraction, DesignRequest, ExtractedDesign, Extractor } from "./resources/design.ts";
export type {
  CheckedTask,
  Credentials,
  EndUser,
  EndUsers,
  EndUsersOptions,
  Platform,
  Sealing,
} from "./resources/end-users.ts";
export type { CompletedTask, ListOptions, RunOptions, TaskRequest, Tasks } from "./resources/tasks.ts";
export type { DeliveriesOptions, Webhooks } from "./resources/webhooks.ts";
export type { ContentOf, JsonSchema, Schema, StandardSchema } from "./schema.ts";
export type { CallOptions } from "./transport.ts";
export { type VerifyOptions, verifyWebhook, type WebhookHeaders } from "./verify-webhook.ts";
export type { WaitOptions } from "./wait-for-task.ts";
