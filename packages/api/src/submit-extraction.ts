import { createHash } from "node:crypto";
import type { SubmittedExtraction } from "@stablehand/contract";
import { type Caller, submittingEndUserOf } from "./auth.ts";
import type { AppContext } from "./context.ts";
import { toAccepted } from "./task-wire.ts";

/** Submits an extraction as a task of a session of its own. Throws what `TaskSubmitter` says. */
export async function submitExtraction(
  context: AppContext,
  caller: Caller,
  extraction: SubmittedExtraction,
  from: { readonly idempotencyKey: string | undefined; readonly traceparent: string | undefined },
) {
  const { url, extractors, enableIpRotation } = extraction;
  const { idempotencyKey, traceparent } = from;
  const bodyHash = () => createHash("sha256").update(JSON.stringify({ extraction })).digest();
  const accepted = await context.submitTask({
    businessId: caller.businessId,
    apiKeyId: caller.keyId,
    endUserId: submittingEndUserOf(caller, extraction.endUserId),
    kind: "design",
    traceparent,
    task: `[design] ${url}`, // as the hosted product's client names it
    sessionId: null,
    startUrl: url,
    extractors,
    ipRotation: enableIpRotation,
    idempotency: idempotencyKey === undefined ? null : { key: idempotencyKey, bodyHash: bodyHash() },
  });
  return { ...toAccepted(accepted), extractors, enableIpRotation };
}
