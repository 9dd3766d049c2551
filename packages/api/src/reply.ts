import { STATUS_CODES } from "node:http";
import { AppError, type ErrorCode, errors, shouldRetryHeader } from "@stablehand/contract";
import type { Logger } from "@stablehand/core/log";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { ZodError } from "zod";

/** The body of every error. */
export interface ErrorBody {
  readonly error: string;
  readonly code: ErrorCode;
  readonly requestId: string;
}

const byFastifyCode: Record<string, AppError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: new AppError("body_too_large", "The body is over 1 MiB."),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: new AppError(
    "unsupported_media_type",
    "Send the body as JSON, with the header: Content-Type: application/json",
  ),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: new AppError(
    "invalid_request",
    "The body is not as long as Content-Length says.",
  ),
};

/** What the caller may read of an error; null when it is ours and nothing of it may be read. */
function toAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    const message = issue?.message ?? "The request is not as documented";
    const where = issue?.path.map(String) ?? [];
    const named = where.length === 0 || message.includes(where[0] ?? "");
    return new AppError("invalid_request", named ? message : `${message} (at ${where.join(".")})`);
  }
  return byFastifyCode[(error as FastifyError).code ?? ""] ?? null;
}

/** Answers with an error: by the table when it is the caller's, and as `internal` with the request's id when it is ours. */
export function replyWithError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const known = toAppError(error);
  if (!known) log.error({ err: error, requestId: request.id }, "a request failed");
  const code = known?.code ?? "internal";
  const status = errors[code].status;
  if (status === 401) {
    const problem = code === "missing_authorization" ? "" : ', error="invalid_token"';
    reply.header("www-authenticate", `Bearer realm="stablehand"${problem}`);
  }
  if (status === 413) reply.header("connection", "close");
  reply.header(shouldRetryHeader, String(errors[code].retryable));
  if (known?.retryAfterSeconds) reply.header("retry-after", known.retryAfterSeconds);
  const text = known?.publicMessage ?? `Something failed on our side. Please quote the request id ${request.id}.`;
  reply
    .code(status)
    .type("application/json; charset=utf-8")
    .send({ ...errorBody(code, text, request.id), ...known?.details });
}

/** Lays out an error's body. */
export function errorBody(code: ErrorCode, text: string, requestId: string): ErrorBody {
  return { error: text, code, requestId };
}

/** A whole HTTP response for a request so broken that no route ever sees it. */
export function rawErrorResponse(status: number, body: ErrorBody): string {
  const json = JSON.stringify(body);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(json)}`,
    `x-request-id: ${body.requestId}`,
    "connection: close",
    "",
    json,
  ].join("\r\n");
}
