import { createHash } from "node:crypto";
import {
  AppError,
  idempotencyKeyHeader,
  type Platform,
  platformOfHost,
  type SubmittedTask,
  submitTask,
} from "@stablehand/contract";
import { parseId, type SessionId } from "@stablehand/core/ids";
import { compileSchema, SchemaError } from "@stablehand/core/json-schema";
import { submittingEndUserOf } from "../auth.ts";
import { handlerFor } from "../handler.ts";
import { toAccepted } from "../task-wire.ts";

/** Submits a task: stored, counted, remembered under its idempotency key and enqueued, or none of it. */
export const handleSubmitTask = handlerFor(submitTask, async ({ body, caller, headers, traceparent }, context) => {
  const key = headers[idempotencyKeyHeader];
  const endUserId = submittingEndUserOf(caller, body.endUserId);
  if (body.schema) refuseBadSchema(body.schema);
  const accepted = await context.submitTask({
    businessId: caller.businessId,
    apiKeyId: caller.keyId,
    endUserId,
    kind: "browse",
    traceparent,
    task: body.task,
    sessionId: body.sessionId === undefined ? null : existingSession(body.sessionId),
    platforms: platformsOf(body),
    ...(body.allowedHosts && { allowedHosts: body.allowedHosts }),
    wantsHtml: body.include_html_dump,
    ...(body.mode && { mode: body.mode }),
    ...(body.startUrl !== undefined && { startUrl: body.startUrl }),
    ...(body.schema && { outputSchema: JSON.stringify(body.schema) }),
    ...(body.maxSteps !== undefined && { stepsMax: body.maxSteps }),
    idempotency: key === undefined ? null : { key, bodyHash: hashOf(body) },
  });
  return toAccepted(accepted);
});

/** Those that the task names, and that of the site where it begins. */
function platformsOf({ platforms = [], startUrl }: SubmittedTask): Platform[] {
  const start = startUrl === undefined ? null : platformOfHost(new URL(startUrl).hostname);
  return [...new Set([...platforms, ...(start ? [start] : [])])];
}

function existingSession(text: string): SessionId {
  const sessionId = parseId<SessionId>(text);
  if (!sessionId)
    throw new AppError("session_not_found", "There is no session with this id. Leave sessionId out to begin one.");
  return sessionId;
}

function hashOf(body: object): Buffer {
  return createHash("sha256").update(JSON.stringify(body)).digest();
}

function refuseBadSchema(schema: object): void {
  try {
    compileSchema(schema);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw new AppError("invalid_request", error.message);
  }
}
