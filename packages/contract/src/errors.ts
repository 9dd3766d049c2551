/** How an error looks from outside. `retryable`: the same request may succeed later. */
export interface ErrorSpec {
  readonly status: number;
  readonly retryable: boolean;
  readonly meaning: string;
}

/** Every error code there is. A code's status never changes; programs rely on both. */
export const errors = {
  invalid_request: { status: 400, retryable: false, meaning: "A parameter or the body is not as documented." },
  invalid_json: { status: 400, retryable: false, meaning: "The body is not JSON in UTF-8." },
  no_credentials: { status: 400, retryable: false, meaning: "There is nothing stored that could be checked." },
  missing_authorization: { status: 401, retryable: false, meaning: "There is no Authorization header." },
  invalid_token: { status: 401, retryable: false, meaning: "The token is malformed or was never issued." },
  key_expired: { status: 401, retryable: false, meaning: "The API key has expired." },
  scope_missing: { status: 403, retryable: false, meaning: "The API key does not have the scope that this takes." },
  end_user_not_allowed: { status: 403, retryable: false, meaning: "The API key is not for this end-user." },
  key_revoked: { status: 403, retryable: false, meaning: "The API key has been revoked." },
  account_required: {
    status: 403,
    retryable: false,
    meaning: "This takes the token of a signed-in account, not an API key.",
  },
  forbidden: { status: 403, retryable: false, meaning: "The resource belongs to another business." },
  session_of_other_end_user: { status: 403, retryable: false, meaning: "The session belongs to another end-user." },
  route_not_found: { status: 404, retryable: false, meaning: "There is no such route." },
  task_not_found: { status: 404, retryable: false, meaning: "There is no such task." },
  session_not_found: { status: 404, retryable: false, meaning: "There is no such session." },
  api_key_not_found: { status: 404, retryable: false, meaning: "The business has no API key of this prefix." },
  asset_signature_invalid: { status: 403, retryable: false, meaning: "The address of the file was not signed here." },
  asset_not_found: { status: 404, retryable: false, meaning: "The file is not kept any more." },
  asset_expired: { status: 410, retryable: false, meaning: "The address has expired; read the task for a new one." },
  webhook_endpoint_not_found: { status: 404, retryable: false, meaning: "There is no such webhook endpoint." },
  ticket_not_found: { status: 404, retryable: false, meaning: "There is no such upload ticket, or it was withdrawn." },
  ticket_expired: { status: 410, retryable: false, meaning: "The upload ticket's time is over." },
  ticket_used: { status: 410, retryable: false, meaning: "The upload ticket has been used." },
  method_not_allowed: { status: 405, retryable: false, meaning: "The route exists, but not with this method." },
  idempotency_conflict: {
    status: 409,
    retryable: false,
    meaning: "The Idempotency-Key was used within 24 hours for another body.",
  },
  sealing_key_changed: {
    status: 409,
    retryable: false,
    meaning: "A value is not sealed to the end-user's current key: get the key, seal again and repeat.",
  },
  webhook_endpoint_disabled: {
    status: 409,
    retryable: false,
    meaning: "The webhook endpoint answered 410 and gets nothing more.",
  },
  webhook_endpoint_limit_reached: {
    status: 409,
    retryable: false,
    meaning: "The business has as many webhook endpoints as it may have.",
  },
  body_too_large: { status: 413, retryable: false, meaning: "The body is over 1 MiB." },
  unsupported_media_type: { status: 415, retryable: false, meaning: "The body is not sent as application/json." },
  task_limit_reached: { status: 429, retryable: false, meaning: "The business's tasks of this month are used up." },
  rate_limited: { status: 429, retryable: true, meaning: "Too many requests a second; wait as Retry-After says." },
  internal: { status: 500, retryable: true, meaning: "Our fault; nothing was half-written." },
  unavailable: { status: 503, retryable: true, meaning: "A part that the server needs is down." },
} as const satisfies Record<string, ErrorSpec>;

/** A header of every error: `true` when the same request may succeed later, also for clients that do not know its code. */
export const shouldRetryHeader = "x-should-retry";

/** A stable name of an error, for programs. */
export type ErrorCode = keyof typeof errors;

/**
 * An error that a caller may read.
 *
 * `publicMessage` says what to change and never holds a credential value or another tenant's data; `cause` is for the log.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly publicMessage: string;
  /** More for the answer's body, beside `error` and `code`, for programs. */
  readonly details: Readonly<Record<string, number>>;
  /** For the header `Retry-After`. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: ErrorCode,
    publicMessage: string,
    options: { cause?: unknown; details?: Readonly<Record<string, number>>; retryAfterSeconds?: number } = {},
  ) {
    super(publicMessage, options);
    this.name = "AppError";
    this.code = code;
    this.publicMessage = publicMessage;
    this.details = options.details ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}
