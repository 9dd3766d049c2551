import { extractDesign, idempotencyKeyHeader } from "@stablehand/contract";
import { handlerFor } from "../handler.ts";
import { submitExtraction } from "../submit-extraction.ts";

/** Submits an extraction with all the extractors that the body names. */
export const handleExtractDesign = handlerFor(extractDesign, ({ body, caller, headers, traceparent }, context) =>
  submitExtraction(context, caller, body, { idempotencyKey: headers[idempotencyKeyHeader], traceparent }),
);
