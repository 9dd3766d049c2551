import { extractOneDesign, idempotencyKeyHeader } from "@stablehand/contract";
import { handlerFor } from "../handler.ts";
import { submitExtraction } from "../submit-extraction.ts";

/** Submits an extraction with the one extractor that the path names. */
export const handleExtractOneDesign = handlerFor(extractOneDesign, (input, context) => {
  const { body, caller, headers, params, traceparent } = input;
  const from = { idempotencyKey: headers[idempotencyKeyHeader], traceparent };
  return submitExtraction(context, caller, { ...body, extractors: [params.extractor] }, from);
});
