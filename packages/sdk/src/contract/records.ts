// Made from packages/contract by `npm run generate`; a test compares. Do not edit.

/** `ApiKey` of the contract. */
export type ApiKey = {
  /** The first 16 characters of the secret; `prefix` is the same. */
  readonly keyId: string;
  readonly prefix: string;
  readonly label: string | null;
  readonly createdAt: string;
  /** Best effort. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  /** Only of a key that is narrowed to them; as are the next two. */
  readonly scopes?: readonly ("credentials:write" | "credentials:read" | "tasks:run" | "tasks:read" | "design:run")[];
  readonly endUserPrefix?: string;
  readonly expiresAt?: string;
  /** The key that was made to take its place. */
  readonly replacedBy?: string;
};

/** `ApiKeyList` of the contract. */
export type ApiKeyList = {
  readonly keys: readonly ApiKey[];
};

/** `CheckCredentials` of the contract. */
export type CheckCredentials = {
  readonly platforms?: readonly ("twitter" | "reddit" | "tiktok" | "youtube" | "instagram")[] | undefined;
};

/** `CreateApiKey` of the contract. */
export type CreateApiKey = {
  /** What it is for. */
  readonly label?: string | undefined;
};

/** `CreateUploadTicket` of the contract. */
export type CreateUploadTicket = {
  /** Those whose cookies the page asks for. */
  readonly platforms: readonly ("twitter" | "reddit" | "tiktok" | "youtube" | "instagram")[];
  /** How long it lasts; 900 by default. */
  readonly ttlSeconds?: number | undefined;
  /** Where the page goes when it is done, at one of the settings' `embedOrigins`. */
  readonly returnUrl?: string | undefined;
};

/** `CreateWebhookEndpoint` of the contract. */
export type CreateWebhookEndpoint = {
  readonly url: string;
  readonly description?: string | undefined;
};

/** `CreatedApiKey` of the contract. */
export type CreatedApiKey = {
  /** The first 16 characters of the secret; `prefix` is the same. */
  readonly keyId: string;
  readonly prefix: string;
  /** Shown here and never again; only a hash of it is kept. */
  readonly secret: string;
  readonly label: string | null;
  readonly createdAt: string;
};

/** `CredentialAccess` of the contract. */
export type CredentialAccess = {
  /** From 1 within the business, without a gap. */
  readonly sequence: number;
  readonly at: string;
  readonly action: "set" | "delete" | "open" | "check" | "rotate" | "rekey" | "restore";
  readonly endUserId: string;
  readonly fields: readonly (
    | "twitterAuthToken"
    | "twitterCt0"
    | "redditSession"
    | "tiktokSessionId"
    | "tiktokCsrfToken"
    | "youtubeSid"
    | "youtubeHsid"
    | "youtubeSsid"
    | "youtubeSapisid"
    | "instagramSessionId"
    | "instagramCsrfToken"
    | "instagramDsUserId"
  )[];
  /** The API key that did it. */
  readonly apiKeyId?: string;
  /** The upload ticket by which its end-user did it. */
  readonly ticketId?: string;
  /** The signed-in account that did it. */
  readonly accountId?: string;
  /** The worker that did it. */
  readonly workerId?: string;
  /** The task that a worker did it for. */
  readonly taskId?: string;
  /** The end-user's key that the values were sealed to. */
  readonly keyId?: string;
  /** The row as canonical JSON: `hash` is the SHA-256 of exactly this text. */
  readonly entry: string;
  /** The `hash` of the business's row before; 64 zeros in the first. */
  readonly previous: string;
  readonly hash: string;
};

/** `CredentialAccessList` of the contract. */
export type CredentialAccessList = {
  readonly accesses: readonly CredentialAccess[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
};

/** `CredentialStatus` of the contract. */
export type CredentialStatus = {
  readonly endUserId: string;
  readonly platforms: {
    readonly twitter: boolean;
    readonly reddit: boolean;
    readonly tiktok: boolean;
    readonly youtube: boolean;
    readonly instagram: boolean;
  };
  readonly details: {
    readonly twitter: PlatformDetails;
    readonly reddit: PlatformDetails;
    readonly tiktok: PlatformDetails;
    readonly youtube: PlatformDetails;
    readonly instagram: PlatformDetails;
  };
};

/** `Credentials` of the contract. */
export type Credentials = {
  /** The cookie `auth_token`. */
  readonly twitterAuthToken?: string | undefined;
  /** The cookie `ct0`. */
  readonly twitterCt0?: string | undefined;
  /** The cookie `reddit_session`. */
  readonly redditSession?: string | undefined;
  /** The cookie `sessionid`. */
  readonly tiktokSessionId?: string | undefined;
  /** The cookie `tt_csrf_token`. */
  readonly tiktokCsrfToken?: string | undefined;
  /** The cookie `SID`. */
  readonly youtubeSid?: string | undefined;
  /** The cookie `HSID`. */
  readonly youtubeHsid?: string | undefined;
  /** The cookie `SSID`. */
  readonly youtubeSsid?: string | undefined;
  /** The cookie `SAPISID`. */
  readonly youtubeSapisid?: string | undefined;
  /** The cookie `sessionid`. */
  readonly instagramSessionId?: string | undefined;
  /** The cookie `csrftoken`. */
  readonly instagramCsrfToken?: string | undefined;
  /** The cookie `ds_user_id`. */
  readonly instagramDsUserId?: string | undefined;
  /** Instead of values: the same, sealed by the caller. What only an opened value shows is then not checked: that it is trimmed, and can be a cookie. */
  readonly sealed?:
    | {
        /** `twitterAuthToken`, sealed by the caller to the end-user's sealing key. */
        readonly twitterAuthToken?: string | undefined;
        /** `twitterCt0`, sealed by the caller to the end-user's sealing key. */
        readonly twitterCt0?: string | undefined;
        /** `redditSession`, sealed by the caller to the end-user's sealing key. */
        readonly redditSession?: string | undefined;
        /** `tiktokSessionId`, sealed by the caller to the end-user's sealing key. */
        readonly tiktokSessionId?: string | undefined;
        /** `tiktokCsrfToken`, sealed by the caller to the end-user's sealing key. */
        readonly tiktokCsrfToken?: string | undefined;
        /** `youtubeSid`, sealed by the caller to the end-user's sealing key. */
        readonly youtubeSid?: string | undefined;
        /** `youtubeHsid`, sealed by the caller to the end-user's sealing key. */
        readonly youtubeHsid?: string | undefined;
        /** `youtubeSsid`, sealed by the caller to the end-user's sealing key. */
        readonly youtubeSsid?: string | undefined;
        /** `youtubeSapisid`, sealed by the caller to the end-user's sealing key. */
        readonly youtubeSapisid?: string | undefined;
        /** `instagramSessionId`, sealed by the caller to the end-user's sealing key. */
        readonly instagramSessionId?: string | undefined;
        /** `instagramCsrfToken`, sealed by the caller to the end-user's sealing key. */
        readonly instagramCsrfToken?: string | undefined;
        /** `instagramDsUserId`, sealed by the caller to the end-user's sealing key. */
        readonly instagramDsUserId?: string | undefined;
      }
    | undefined;
};

/** `CredentialsDoubtedEvent` of the contract. */
export type CredentialsDoubtedEvent = {
  readonly type: "credentials.expired" | "credentials.challenged";
  /** When the platform was looked at. */
  readonly timestamp: string;
  readonly data: {
    readonly endUserId: string;
    readonly platform: "twitter" | "reddit" | "tiktok" | "youtube" | "instagram";
  };
};

/** `DayOfTasks` of the contract. */
export type DayOfTasks = {
  readonly day: string;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
};

/** `DeleteCredentials` of the contract. */
export type DeleteCredentials = {
  readonly fields?:
    | readonly (
        | "twitterAuthToken"
        | "twitterCt0"
        | "redditSession"
        | "tiktokSessionId"
        | "tiktokCsrfToken"
        | "youtubeSid"
        | "youtubeHsid"
        | "youtubeSsid"
        | "youtubeSapisid"
        | "instagramSessionId"
        | "instagramCsrfToken"
        | "instagramDsUserId"
      )[]
    | undefined;
};

/** `Design` of the contract. */
export type Design = {
  readonly url: string;
  readonly extractors: readonly ("images" | "fonts" | "colors" | "icons" | "tokens" | "logo")[];
  readonly enableIpRotation: boolean;
  /** As the task's. */
  readonly durationMs?: number;
  /** Absent until the task has completed. */
  readonly results?: DesignResults;
};

/** `DesignResults` of the contract. */
export type DesignResults = {
  readonly images?:
    | {
        readonly images: readonly {
          readonly src: string;
          /** Where it stands: `img`, `svg`, `background`, `poster`. */
          readonly type: string;
          readonly naturalWidth: number;
          readonly naturalHeight: number;
          readonly alt: string;
          readonly svgSource?: string;
          /** A copy kept here; the address is signed and expires. */
          readonly downloadUrl?: string;
          /** The address on the site itself, which lasts. */
          readonly originalSrc?: string;
          /** What `srcset` and `picture` offer besides `src`. */
          readonly alternatives?: readonly string[];
        }[];
      }
    | {
        readonly error: string;
      };
  readonly fonts?:
    | {
        readonly fonts: readonly {
          readonly family: string;
          readonly usage: "headings" | "body" | "decorative";
          /** Characters rendered in it. */
          readonly count: number;
          readonly weights: readonly number[];
          readonly source: "google" | "self-hosted" | "cdn" | "system";
          readonly faceUrl?: string;
          /** A copy kept here; the address is signed and expires. */
          readonly downloadUrl?: string;
          readonly originalFaceUrl?: string;
        }[];
      }
    | {
        readonly error: string;
      };
  readonly colors?:
    | {
        readonly colors: readonly {
          readonly hex: string;
          readonly rgb: string;
          readonly count: number;
          readonly role: "primary" | "background" | "text" | "error" | "success" | "warning" | "neutral";
        }[];
        /** Every pair of text and background that is painted, the lowest contrast (WCAG 2.2) first. */
        readonly contrastIssues: readonly {
          readonly fg: string;
          readonly bg: string;
          readonly ratio: number;
          readonly passesAA: boolean;
          readonly passesAAA: boolean;
        }[];
        /** The colours under the scheme that is not the page's default, if it has two. */
        readonly otherScheme?: {
          readonly scheme: "light" | "dark";
          readonly colors: readonly {
            readonly hex: string;
            readonly rgb: string;
            readonly count: number;
            readonly role: "primary" | "background" | "text" | "error" | "success" | "warning" | "neutral";
          }[];
        };
      }
    | {
        readonly error: string;
      };
  readonly icons?:
    | {
        readonly icons: readonly {
          readonly hash: string;
          readonly source?: string;
          readonly size: number;
          readonly style: "outline" | "solid" | "duotone";
          readonly count: number;
        }[];
      }
    | {
        readonly error: string;
      };
  readonly tokens?:
    | {
        readonly tokens: {
          /** Design Tokens Format Module, 2025.10. */
          readonly dtcg: Readonly<Record<string, unknown>>;
          readonly spacing: readonly number[];
          readonly radii: readonly number[];
          readonly shadows: readonly string[];
          readonly gradients: readonly string[];
          readonly motionDurationsMs: readonly number[];
          readonly cssVariables: readonly {
            readonly name: string;
            readonly value: string;
            readonly dark?: string;
          }[];
        };
      }
    | {
        readonly error: string;
      };
  readonly logo?:
    | {
        readonly logo: {
          readonly found: boolean;
          readonly src?: string;
          readonly type?: string;
          readonly width?: number;
          readonly height?: number;
          /** A copy kept here; the address is signed and expires. */
          readonly downloadUrl?: string;
          readonly svgSource?: string;
          readonly alt?: string;
        };
      }
    | {
        readonly error: string;
      };
};

/** `EndUserList` of the contract. */
export type EndUserList = {
  readonly endUsers: readonly CredentialStatus[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
};

/** `EndpointTestedEvent` of the contract. */
export type EndpointTestedEvent = {
  readonly type: "endpoint.test";
  readonly timestamp: string;
  readonly data: {
    readonly endpointId: string;
  };
};

/** `ExtractDesign` of the contract. */
export type ExtractDesign = {
  /** The page; http or https, and public. */
  readonly url: string;
  /** Required with an API key; a signed-in account may leave it out: then `self`. */
  readonly endUserId?: string | undefined;
  /** Taken and told back; a worker always visits from its own machine's address. */
  readonly enableIpRotation?: boolean | undefined;
  /** Unknown names are dropped; omitted or empty, all six. */
  readonly extractors?: readonly string[] | undefined;
};

/** `ExtractOneDesign` of the contract. */
export type ExtractOneDesign = {
  /** The page; http or https, and public. */
  readonly url: string;
  /** Required with an API key; a signed-in account may leave it out: then `self`. */
  readonly endUserId?: string | undefined;
  /** Taken and told back; a worker always visits from its own machine's address. */
  readonly enableIpRotation?: boolean | undefined;
};

/** `ExtractionAccepted` of the contract. */
export type ExtractionAccepted = {
  readonly taskId: string;
  readonly sessionId: string;
  readonly status: "pending";
  readonly createdAt: string;
  readonly extractors: readonly ("images" | "fonts" | "colors" | "icons" | "tokens" | "logo")[];
  readonly enableIpRotation: boolean;
};

/** `ModelUsage` of the contract. */
export type ModelUsage = {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly modelCalls: number;
};

/** `Ok` of the contract. */
export type Ok = {
  readonly ok: true;
};

/** `PlatformCheck` of the contract. */
export type PlatformCheck = {
  readonly health: "unknown" | "valid" | "expired" | "challenged";
  readonly checkedAt: string;
  /** In words, when there is something to say. */
  readonly reason?: string;
};

/** `PlatformDetails` of the contract. */
export type PlatformDetails = {
  readonly fields: Readonly<
    Partial<
      Record<
        | "twitterAuthToken"
        | "twitterCt0"
        | "redditSession"
        | "tiktokSessionId"
        | "tiktokCsrfToken"
        | "youtubeSid"
        | "youtubeHsid"
        | "youtubeSsid"
        | "youtubeSapisid"
        | "instagramSessionId"
        | "instagramCsrfToken"
        | "instagramDsUserId",
        {
          readonly updatedAt: string;
          readonly lastUsedAt: string | null;
        }
      >
    >
  >;
  readonly missing: readonly (
    | "twitterAuthToken"
    | "twitterCt0"
    | "redditSession"
    | "tiktokSessionId"
    | "tiktokCsrfToken"
    | "youtubeSid"
    | "youtubeHsid"
    | "youtubeSsid"
    | "youtubeSapisid"
    | "instagramSessionId"
    | "instagramCsrfToken"
    | "instagramDsUserId"
  )[];
  readonly health: "unknown" | "valid" | "expired" | "challenged";
  readonly checkedAt: string | null;
};

/** `SealingKey` of the contract. */
export type SealingKey = {
  /** A sealed value is bound to it. */
  readonly businessId: string;
  readonly endUserId: string;
  /** The first 8 bytes of the SHA-256 of `publicKey`, in hex. */
  readonly keyId: string;
  /** X25519, 32 bytes, in base64url. */
  readonly publicKey: string;
  readonly version: 1;
  /** HPKE (RFC 9180), base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
  readonly suite: 1;
};

/** `Session` of the contract. */
export type Session = {
  readonly sessionId: string;
  readonly tasks: readonly Task[];
};

/** `SessionList` of the contract. */
export type SessionList = {
  readonly sessions: readonly SessionSummary[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
};

/** `SessionSummary` of the contract. */
export type SessionSummary = {
  readonly sessionId: string;
  readonly firstTask: string;
  readonly turnCount: number;
  readonly latestStatus: "pending" | "running" | "completed" | "failed" | "cancelled";
  readonly latestKind: "browse" | "check" | "design";
  readonly latestCreatedAt: string;
  readonly latestUpdatedAt: string;
  readonly endUserId: string;
};

/** `SetSettings` of the contract. */
export type SetSettings = {
  /** Hosts that every task's browser reaches beside those of the platforms whose cookies it holds. `.example.com` is that name and all below it. */
  readonly allowedHosts: readonly string[];
  /** As it is read; what is set stays when this is left out. */
  readonly embedOrigins?: readonly string[] | undefined;
};

/** `Settings` of the contract. */
export type Settings = {
  /** Hosts that every task's browser reaches beside those of the platforms whose cookies it holds. `.example.com` is that name and all below it. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may embed the page of an upload ticket, and to which it may return. */
  readonly embedOrigins: readonly string[];
};

/** `StepSummary` of the contract. */
export type StepSummary = {
  /** From 1. */
  readonly n: number;
  readonly type: "discovery" | "planning" | "execution" | "extraction";
  readonly msg: string;
  readonly success: boolean;
};

/** `SubmitTask` of the contract. */
export type SubmitTask = {
  /** Required with an API key; a signed-in account may leave it out: then `self`. */
  readonly endUserId?: string | undefined;
  readonly task: string;
  /** Continues a session of this end-user; omitted, a new one begins. */
  readonly sessionId?: string | undefined;
  /** Where to begin; omitted, the model proposes an address. */
  readonly startUrl?: string | undefined;
  /** Whose stored cookies the browser has from the start, beside those of `startUrl`'s site. The agent may ask for one more while it works. */
  readonly platforms?: readonly ("twitter" | "reddit" | "tiktok" | "youtube" | "instagram")[] | undefined;
  /** Hosts that this task's browser reaches beside those of the platforms whose cookies it holds and of the settings. Without cookies it reaches every public host. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** A JSON Schema (2020-12) that `structured_content` will conform to. */
  readonly schema?: Readonly<Record<string, unknown>> | undefined;
  /** At most 25, which is also the default. */
  readonly maxSteps?: number | undefined;
  /** `read`: whatever would change something at a site is refused on the network, whoever sends it. `act`, the default: nothing of that is. */
  readonly mode?: "read" | "act" | undefined;
  readonly include_html_dump?: boolean | undefined;
};

/** `Task` of the contract. */
export type Task = {
  readonly taskId: string;
  readonly sessionId: string;
  readonly businessId: string;
  readonly endUserId: string;
  readonly task: string;
  /** Not of a check. */
  readonly mode?: "read" | "act";
  readonly status: "pending" | "running" | "completed" | "failed" | "cancelled";
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly durationMs?: number;
  /** The answer in words. */
  readonly result?: string;
  /** Only with `schema`; conforms to it. */
  readonly structured_content?: unknown;
  /** The last page, if it was asked for; secrets removed. */
  readonly html_dump?: string;
  readonly totalSteps?: number;
  /** Domains, in the order of the first visit. */
  readonly visitedUrls?: readonly string[];
  /** What its browser reached and was refused; secrets removed. */
  readonly network?: TaskNetwork;
  readonly stepSummaries?: readonly StepSummary[];
  readonly usage?: ModelUsage;
  /** How many times a cookie's value was removed from what the task said to its model or its record. */
  readonly leakBlocked?: number;
  /** Only when failed. */
  readonly error?: string;
  readonly errorCode?:
    | "worker_lost"
    | "time_limit"
    | "credentials_gone"
    | "credentials_unreadable"
    | "vault_unavailable"
    | "cookie_refused"
    | "auth_expired"
    | "auth_challenged"
    | "browser_unavailable"
    | "model_not_configured"
    | "model_unavailable"
    | "model_refused"
    | "model_misbehaved"
    | "schema_mismatch"
    | "page_unreachable"
    | "internal";
  /** It did not complete, but had begun to click or type: look before you submit it again. */
  readonly mayHaveActed?: true;
  /** Only of a check. */
  readonly check?: Readonly<Partial<Record<"twitter" | "reddit" | "tiktok" | "youtube" | "instagram", PlatformCheck>>>;
  /** Only of a design extraction. */
  readonly design?: Design;
};

/** `TaskAccepted` of the contract. */
export type TaskAccepted = {
  readonly taskId: string;
  readonly sessionId: string;
  readonly status: "pending";
  readonly createdAt: string;
};

/** `TaskEndedEvent` of the contract. */
export type TaskEndedEvent = {
  readonly type: "task.completed" | "task.failed" | "task.cancelled";
  /** When the task ended. */
  readonly timestamp: string;
  readonly data: {
    readonly taskId: string;
    readonly sessionId: string;
    readonly endUserId: string;
    readonly status: "completed" | "failed" | "cancelled";
    readonly errorCode?:
      | "worker_lost"
      | "time_limit"
      | "credentials_gone"
      | "credentials_unreadable"
      | "vault_unavailable"
      | "cookie_refused"
      | "auth_expired"
      | "auth_challenged"
      | "browser_unavailable"
      | "model_not_configured"
      | "model_unavailable"
      | "model_refused"
      | "model_misbehaved"
      | "schema_mismatch"
      | "page_unreachable"
      | "internal";
  };
};

/** `TaskNetwork` of the contract. */
export type TaskNetwork = {
  /** Hosts, in the order of the first time. */
  readonly reached: readonly string[];
  /** Hosts in the order of the first time. For `scheme_not_allowed`, a scheme. */
  readonly refused: readonly {
    readonly host: string;
    readonly reason:
      | "host_not_allowed"
      | "port_not_allowed"
      | "private_address"
      | "scheme_not_allowed"
      | "read_only"
      | "not_resolved"
      | "not_reached"
      | "too_many_connections";
    readonly count: number;
  }[];
  /** All refused requests, also to hosts that found no place above. */
  readonly refusals: number;
};

/** `TaskStatistics` of the contract. */
export type TaskStatistics = {
  /** By the day, in UTC, on which they ended: the oldest first, today last. */
  readonly days: readonly DayOfTasks[];
  /** Completed, of those that completed or failed; null when there were none. */
  readonly successRate: number | null;
  /** How long they ran, waiting not counted, of the 10000 that completed or failed last; null when there were none. */
  readonly runTimeMs: {
    readonly p50: number;
    readonly p95: number;
  } | null;
  /** The most frequent first. */
  readonly failures: readonly {
    readonly errorCode:
      | "worker_lost"
      | "time_limit"
      | "credentials_gone"
      | "credentials_unreadable"
      | "vault_unavailable"
      | "cookie_refused"
      | "auth_expired"
      | "auth_challenged"
      | "browser_unavailable"
      | "model_not_configured"
      | "model_unavailable"
      | "model_refused"
      | "model_misbehaved"
      | "schema_mismatch"
      | "page_unreachable"
      | "internal";
    readonly count: number;
  }[];
};

/** `UploadTicket` of the contract. */
export type UploadTicket = {
  /** The page to open for the end-user, once. */
  readonly url: string;
  /** What is in the fragment of `url`. It is never shown again. */
  readonly token: string;
  readonly expiresAt: string;
  /** Names the ticket in the access log. No secret. */
  readonly ticketId: string;
};

/** `Usage` of the contract. */
export type Usage = {
  /** The calendar month in UTC. */
  readonly month: string;
  /** Tasks submitted; refused ones do not count. */
  readonly used: number;
  /** null: unlimited. */
  readonly limit: number | null;
  /** How many requests each API process takes of this business; null: unlimited. */
  readonly requestsPerSecond: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly modelCalls: number;
};

/** `WebhookDelivery` of the contract. */
export type WebhookDelivery = {
  /** From 1 for each endpoint, without a gap. */
  readonly sequence: number;
  /** When the attempt ended. */
  readonly at: string;
  /** As the header `webhook-id` has it. */
  readonly eventId: string;
  readonly eventType: string;
  /** From 1 for each event. */
  readonly attempt: number;
  readonly delivered: boolean;
  /** In words: `answered 200`. */
  readonly outcome: string;
};

/** `WebhookDeliveryList` of the contract. */
export type WebhookDeliveryList = {
  /** The latest 500 are kept. */
  readonly deliveries: readonly WebhookDelivery[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
};

/** `WebhookEndpoint` of the contract. */
export type WebhookEndpoint = {
  readonly endpointId: string;
  readonly url: string;
  readonly description?: string;
  readonly createdAt: string;
  /** Verifies signatures. Keep it: it is never shown again. */
  readonly secret: string;
};

/** `WebhookEndpointList` of the contract. */
export type WebhookEndpointList = {
  readonly endpoints: readonly WebhookEndpointState[];
};

/** `WebhookEndpointState` of the contract. */
export type WebhookEndpointState = {
  readonly endpointId: string;
  readonly url: string;
  readonly description?: string;
  readonly createdAt: string;
  /** When it last took an event. */
  readonly lastDeliveryAt?: string;
  readonly lastAttemptAt?: string;
  /** Of the last attempt, in words: `answered 200`. */
  readonly lastOutcome?: string;
  /** Absent while the last attempt was a success. */
  readonly failingSince?: string;
  /** It answered 410 and gets nothing more. */
  readonly disabledAt?: string;
  /** Events given up after 24 hours of attempts. */
  readonly eventsLost: number;
};

/** `WebhookEvent` of the contract. */
export type WebhookEvent = TaskEndedEvent | CredentialsDoubtedEvent | EndpointTestedEvent;

/** `WebhookTest` of the contract. */
export type WebhookTest = {
  readonly eventId: string;
};
