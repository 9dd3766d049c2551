// Made from packages/contract by `npm run generate`; a test compares. Do not edit.

/** Every error code this release of the contract has: its status, and whether the same request may succeed later. */
export const errors = {
  invalid_request: { status: 400, retryable: false },
  invalid_json: { status: 400, retryable: false },
  no_credentials: { status: 400, retryable: false },
  missing_authorization: { status: 401, retryable: false },
  invalid_token: { status: 401, retryable: false },
  key_expired: { status: 401, retryable: false },
  scope_missing: { status: 403, retryable: false },
  end_user_not_allowed: { status: 403, retryable: false },
  key_revoked: { status: 403, retryable: false },
  account_required: { status: 403, retryable: false },
  forbidden: { status: 403, retryable: false },
  session_of_other_end_user: { status: 403, retryable: false },
  route_not_found: { status: 404, retryable: false },
  task_not_found: { status: 404, retryable: false },
  session_not_found: { status: 404, retryable: false },
  api_key_not_found: { status: 404, retryable: false },
  asset_signature_invalid: { status: 403, retryable: false },
  asset_not_found: { status: 404, retryable: false },
  asset_expired: { status: 410, retryable: false },
  webhook_endpoint_not_found: { status: 404, retryable: false },
  ticket_not_found: { status: 404, retryable: false },
  ticket_expired: { status: 410, retryable: false },
  ticket_used: { status: 410, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  idempotency_conflict: { status: 409, retryable: false },
  sealing_key_changed: { status: 409, retryable: false },
  webhook_endpoint_disabled: { status: 409, retryable: false },
  webhook_endpoint_limit_reached: { status: 409, retryable: false },
  body_too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  task_limit_reached: { status: 429, retryable: false },
  rate_limited: { status: 429, retryable: true },
  internal: { status: 500, retryable: true },
  unavailable: { status: 503, retryable: true },
} as const;

/** The twelve credential fields and the name of the cookie behind each. */
export const credentialCookies = {
  twitterAuthToken: "auth_token",
  twitterCt0: "ct0",
  redditSession: "reddit_session",
  tiktokSessionId: "sessionid",
  tiktokCsrfToken: "tt_csrf_token",
  youtubeSid: "SID",
  youtubeHsid: "HSID",
  youtubeSsid: "SSID",
  youtubeSapisid: "SAPISID",
  instagramSessionId: "sessionid",
  instagramCsrfToken: "csrftoken",
  instagramDsUserId: "ds_user_id",
} as const;

/** The longest credential value, in characters. */
export const credentialValueMax = 4096;
