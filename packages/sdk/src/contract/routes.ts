// Made from packages/contract by `npm run generate`; a test compares. Do not edit.

import type {
  ApiKey,
  ApiKeyList,
  CheckCredentials,
  CreateApiKey,
  CreatedApiKey,
  CreateUploadTicket,
  CreateWebhookEndpoint,
  CredentialAccessList,
  CredentialStatus,
  Credentials,
  DeleteCredentials,
  EndUserList,
  ExtractDesign,
  ExtractionAccepted,
  ExtractOneDesign,
  Ok,
  SealingKey,
  Session,
  SessionList,
  SetSettings,
  Settings,
  SubmitTask,
  Task,
  TaskAccepted,
  TaskStatistics,
  UploadTicket,
  Usage,
  WebhookDeliveryList,
  WebhookEndpoint,
  WebhookEndpointList,
  WebhookTest,
} from "./records.ts";

/** Where each route is, and whether an Idempotency-Key makes repeating it safe. */
export const routes = {
  "list-end-users": { method: "GET", path: "/v1/end-users", takesKey: false },
  "set-credentials": { method: "PUT", path: "/v1/end-users/{endUserId}/credentials", takesKey: false },
  "get-credentials": { method: "GET", path: "/v1/end-users/{endUserId}/credentials", takesKey: false },
  "delete-credentials": { method: "DELETE", path: "/v1/end-users/{endUserId}/credentials", takesKey: false },
  "check-credentials": { method: "POST", path: "/v1/end-users/{endUserId}/credentials/check", takesKey: false },
  "get-sealing-key": { method: "GET", path: "/v1/end-users/{endUserId}/sealing-key", takesKey: false },
  "create-upload-ticket": { method: "POST", path: "/v1/end-users/{endUserId}/upload-tickets", takesKey: false },
  "list-credential-access": { method: "GET", path: "/v1/credential-access", takesKey: false },
  "submit-task": { method: "POST", path: "/v1/tasks", takesKey: true },
  "get-task": { method: "GET", path: "/v1/tasks/{taskId}", takesKey: false },
  "cancel-task": { method: "POST", path: "/v1/tasks/{taskId}/cancel", takesKey: false },
  "stream-task-events": { method: "GET", path: "/v1/tasks/{taskId}/events", takesKey: false },
  "list-sessions": { method: "GET", path: "/v1/tasks", takesKey: false },
  "get-session": { method: "GET", path: "/v1/sessions/{sessionId}", takesKey: false },
  "extract-design": { method: "POST", path: "/v1/design/extract", takesKey: true },
  "extract-one-design": { method: "POST", path: "/v1/design/extract/{extractor}", takesKey: true },
  "get-usage": { method: "GET", path: "/v1/usage", takesKey: false },
  "get-task-statistics": { method: "GET", path: "/v1/task-statistics", takesKey: false },
  "get-settings": { method: "GET", path: "/v1/settings", takesKey: false },
  "set-settings": { method: "PUT", path: "/v1/settings", takesKey: false },
  "create-webhook-endpoint": { method: "POST", path: "/v1/webhook-endpoints", takesKey: false },
  "list-webhook-endpoints": { method: "GET", path: "/v1/webhook-endpoints", takesKey: false },
  "test-webhook-endpoint": { method: "POST", path: "/v1/webhook-endpoints/{endpointId}/test", takesKey: false },
  "list-webhook-deliveries": { method: "GET", path: "/v1/webhook-endpoints/{endpointId}/deliveries", takesKey: false },
  "delete-webhook-endpoint": { method: "DELETE", path: "/v1/webhook-endpoints/{endpointId}", takesKey: false },
  "create-api-key": { method: "POST", path: "/v1/api-keys", takesKey: false },
  "list-api-keys": { method: "GET", path: "/v1/api-keys", takesKey: false },
  "revoke-api-key": { method: "DELETE", path: "/v1/api-keys/{prefix}", takesKey: false },
} as const;

/** The name of a route. */
export type RouteId = keyof typeof routes;

/** What each route is sent and answers. */
export interface RouteTypes {
  /** List end-users. */
  "list-end-users": {
    readonly request: {
      readonly query?:
        | {
            /** By default 50; more than 100 is taken as that. */
            readonly limit?: string | undefined;
            /** Only those whose id begins so, character by character. */
            readonly prefix?: string | undefined;
            /** Only those whose id contains this, whatever the case of ASCII letters. A page looks through 10000 end-users at most: it may hold fewer than `limit`, or none, and have a `nextCursor`. */
            readonly search?: string | undefined;
            /** The page after that which gave this `nextCursor`. */
            readonly cursor?: string | undefined;
          }
        | undefined;
    };
    readonly reply: EndUserList;
  };
  /** Set credentials. */
  "set-credentials": {
    readonly request: {
      readonly params: {
        readonly endUserId: string;
      };
      readonly body: Credentials;
    };
    readonly reply: Ok;
  };
  /** Get credential status. */
  "get-credentials": {
    readonly request: {
      readonly params: {
        readonly endUserId: string;
      };
    };
    readonly reply: CredentialStatus;
  };
  /** Delete credentials. */
  "delete-credentials": {
    readonly request: {
      readonly params: {
        readonly endUserId: string;
      };
      readonly body?: DeleteCredentials | undefined;
    };
    readonly reply: Ok;
  };
  /** Check that the stored cookies still sign in. */
  "check-credentials": {
    readonly request: {
      readonly params: {
        readonly endUserId: string;
      };
      readonly body?: CheckCredentials | undefined;
    };
    readonly reply: TaskAccepted;
  };
  /** Get the key to seal an end-user's values to. */
  "get-sealing-key": {
    readonly request: {
      readonly params: {
        readonly endUserId: string;
      };
    };
    readonly reply: SealingKey;
  };
  /** Make an upload ticket. */
  "create-upload-ticket": {
    readonly request: {
      readonly params: {
        readonly endUserId: string;
      };
      readonly body: CreateUploadTicket;
    };
    readonly reply: UploadTicket;
  };
  /** List accesses to credentials. */
  "list-credential-access": {
    readonly request: {
      readonly query?:
        | {
            /** By default 50; more than 100 is taken as that. */
            readonly limit?: string | undefined;
            /** Only this end-user's. */
            readonly endUserId?: string | undefined;
            /** The page after that which gave this `nextCursor`. */
            readonly cursor?: string | undefined;
          }
        | undefined;
    };
    readonly reply: CredentialAccessList;
  };
  /** Submit a task. */
  "submit-task": {
    readonly request: {
      readonly body: SubmitTask;
    };
    readonly reply: TaskAccepted;
  };
  /** Get a task. */
  "get-task": {
    readonly request: {
      readonly params: {
        readonly taskId: string;
      };
    };
    readonly reply: Task;
  };
  /** Cancel a task. */
  "cancel-task": {
    readonly request: {
      readonly params: {
        readonly taskId: string;
      };
    };
    readonly reply: Task;
  };
  /** Follow a task as server-sent events. */
  "stream-task-events": {
    readonly request: {
      readonly params: {
        readonly taskId: string;
      };
    };
    readonly reply: string;
  };
  /** List sessions. */
  "list-sessions": {
    readonly request: {
      readonly query?:
        | {
            /** By default 50; more than 100 is taken as that. */
            readonly limit?: string | undefined;
            /** Only this end-user's. */
            readonly endUserId?: string | undefined;
            /** Only those whose latest task is so. A page is filtered from 2000 sessions at most: it may hold fewer than `limit`, or none, and have a `nextCursor`. */
            readonly status?: "pending" | "running" | "completed" | "failed" | "cancelled" | undefined;
            /** Only those whose latest task is of this kind. A page is filtered from 2000 sessions at most: it may hold fewer than `limit`, or none, and have a `nextCursor`. */
            readonly kind?: "browse" | "check" | "design" | undefined;
            /** The page after that which gave this `nextCursor`. */
            readonly cursor?: string | undefined;
          }
        | undefined;
    };
    readonly reply: SessionList;
  };
  /** Get a session. */
  "get-session": {
    readonly request: {
      readonly params: {
        readonly sessionId: string;
      };
    };
    readonly reply: Session;
  };
  /** Extract a page's design. */
  "extract-design": {
    readonly request: {
      readonly body: ExtractDesign;
    };
    readonly reply: ExtractionAccepted;
  };
  /** Extract one part of a page's design. */
  "extract-one-design": {
    readonly request: {
      readonly params: {
        readonly extractor: "images" | "fonts" | "colors" | "icons" | "tokens" | "logo";
      };
      readonly body: ExtractOneDesign;
    };
    readonly reply: ExtractionAccepted;
  };
  /** Get this month's usage. */
  "get-usage": {
    readonly request: {
      readonly body?: undefined;
    };
    readonly reply: Usage;
  };
  /** Get statistics of the tasks of 30 days. */
  "get-task-statistics": {
    readonly request: {
      readonly body?: undefined;
    };
    readonly reply: TaskStatistics;
  };
  /** Get the settings. */
  "get-settings": {
    readonly request: {
      readonly body?: undefined;
    };
    readonly reply: Settings;
  };
  /** Replace the settings. */
  "set-settings": {
    readonly request: {
      readonly body: SetSettings;
    };
    readonly reply: Settings;
  };
  /** Create a webhook endpoint. */
  "create-webhook-endpoint": {
    readonly request: {
      readonly body: CreateWebhookEndpoint;
    };
    readonly reply: WebhookEndpoint;
  };
  /** List webhook endpoints. */
  "list-webhook-endpoints": {
    readonly request: {
      readonly body?: undefined;
    };
    readonly reply: WebhookEndpointList;
  };
  /** Send a test event to a webhook endpoint. */
  "test-webhook-endpoint": {
    readonly request: {
      readonly params: {
        readonly endpointId: string;
      };
    };
    readonly reply: WebhookTest;
  };
  /** List a webhook endpoint's deliveries. */
  "list-webhook-deliveries": {
    readonly request: {
      readonly params: {
        readonly endpointId: string;
      };
      readonly query?:
        | {
            /** By default 50; more than 100 is taken as that. */
            readonly limit?: string | undefined;
            /** The page after that which gave this `nextCursor`. */
            readonly cursor?: string | undefined;
          }
        | undefined;
    };
    readonly reply: WebhookDeliveryList;
  };
  /** Delete a webhook endpoint. */
  "delete-webhook-endpoint": {
    readonly request: {
      readonly params: {
        readonly endpointId: string;
      };
    };
    readonly reply: Ok;
  };
  /** Create an API key. */
  "create-api-key": {
    readonly request: {
      readonly body?: CreateApiKey | undefined;
    };
    readonly reply: CreatedApiKey;
  };
  /** List the API keys. */
  "list-api-keys": {
    readonly request: {
      readonly body?: undefined;
    };
    readonly reply: ApiKeyList;
  };
  /** Revoke an API key. */
  "revoke-api-key": {
    readonly request: {
      readonly params: {
        readonly prefix: string;
      };
    };
    readonly reply: ApiKey;
  };
}
