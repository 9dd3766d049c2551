import type { Task } from "./contract/records.ts";
import type { errors } from "./contract/tables.ts";

/** A code that this release knows, or one that a later server has added. */
export type ErrorCode = keyof typeof errors | (string & {});

/** The parent of every error that this package makes. */
export class StablehandError extends Error {
  override readonly name: string = "StablehandError";
}

/** The server refused a request. */
export class ApiError extends StablehandError {
  override readonly name: string = "ApiError";
  readonly status: number;
  /** Null when the answer was not Stablehand's own, such as a proxy's. */
  readonly code: ErrorCode | null;
  /** Names the request in the server's log. */
  readonly requestId: string | null;
  /** Whether the server said that the same request may succeed later; null when it said nothing. */
  readonly retryable: boolean | null;
  readonly retryAfterMs: number | null;
  /** What else the answer has, such as `limit` and `used`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.status = refusal.status;
    this.code = refusal.code;
    this.requestId = refusal.requestId;
    this.retryable = refusal.retryable;
    this.retryAfterMs = refusal.retryAfterMs;
    this.details = refusal.details;
  }
}

/** What an answer says of its failure. */
export interface Refusal {
  readonly message: string;
  readonly status: number;
  readonly code: ErrorCode | null;
  readonly requestId: string | null;
  readonly retryable: boolean | null;
  readonly retryAfterMs: number | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** 400, 413, 415 and every other 4xx without a class of its own: the request has to be changed. */
export class BadRequestError extends ApiError {
  override readonly name = "BadRequestError";
}

/** 401: no API key, or one that was never issued. */
export class AuthenticationError extends ApiError {
  override readonly name = "AuthenticationError";
}

/** 403: a revoked API key, or something of another business. */
export class PermissionError extends ApiError {
  override readonly name = "PermissionError";
}

/** 404: there is no such thing. */
export class NotFoundError extends ApiError {
  override readonly name = "NotFoundError";
}

/** 409: the request contradicts what is there. */
export class ConflictError extends ApiError {
  override readonly name = "ConflictError";
}

/** 429: too many requests a second (`rate_limited`), or the month's tasks are used up (`task_limit_reached`). */
export class RateLimitError extends ApiError {
  override readonly name = "RateLimitError";
}

/** 5xx: the server's fault, or that of something before it. */
export class ServerError extends ApiError {
  override readonly name = "ServerError";
}

/** The server was not reached, or the connection broke; `cause` is what `fetch` said. */
export class ConnectionError extends StablehandError {
  override readonly name: string = "ConnectionError";
}

/** One request took longer than its `timeoutMs`. */
export class RequestTimeoutError extends ConnectionError {
  override readonly name = "RequestTimeoutError";
}

/** A task did not complete. */
export class TaskError extends StablehandError {
  override readonly name: string = "TaskError";
  readonly task: Task;

  constructor(message: string, task: Task) {
    super(message);
    this.task = task;
  }
}

/** A task failed; `task.errorCode` says why, for programs. */
export class TaskFailedError extends TaskError {
  override readonly name = "TaskFailedError";
}

/** A task was cancelled. */
export class TaskCancelledError extends TaskError {
  override readonly name = "TaskCancelledError";
}

/** A task completed, but its `structured_content` is not what the schema promises; `issues` are the schema's own. */
export class StructuredContentError extends TaskError {
  override readonly name = "StructuredContentError";
  readonly issues: readonly { readonly message: string }[];

  constructor(task: Task, issues: readonly { readonly message: string }[]) {
    super(`structured_content is not as the schema says: ${issues[0]?.message ?? "there is none"}`, task);
    this.issues = issues;
  }
}

/** A task was still going on after `timeoutMs`. It goes on: ask `tasks.get`, or `tasks.cancel`. */
export class TaskTimeoutError extends StablehandError {
  override readonly name = "TaskTimeoutError";
  readonly taskId: string;

  constructor(taskId: string, timeoutMs: number) {
    super(`task ${taskId} was not done after ${timeoutMs} ms; it goes on`);
    this.taskId = taskId;
  }
}

/** A webhook's request is not what Stablehand signed with this secret, or too old. */
export class WebhookVerificationError extends StablehandError {
  override readonly name = "WebhookVerificationError";
}

/** Values could not be sealed in this process. */
export class SealingError extends StablehandError {
  override readonly name = "SealingError";
}

/** The error of a refusal, by its status. */
export function toApiError(refusal: Refusal): ApiError {
  const { status } = refusal;
  if (status === 401) return new AuthenticationError(refusal);
  if (status === 403) return new PermissionError(refusal);
  if (status === 404) return new NotFoundError(refusal);
  if (status === 409) return new ConflictError(refusal);
  if (status === 429) return new RateLimitError(refusal);
  if (status >= 500) return new ServerError(refusal);
  if (status >= 400) return new BadRequestError(refusal);
  return new ApiError(refusal);
}
