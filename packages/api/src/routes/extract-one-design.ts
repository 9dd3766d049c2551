import { extractOneDesign, idempotencyKeyHeader } from "@stablehand/contract";
import { handlerFor } from "../handler.ts";
import { submitExtraction } from "../submit-extraction.ts";

/** Submits an extraction with the one extractor that the path names. */
export const handleExtractOneDesign = handlerFor(extractOneDesign, ({ body, caller, headers, params }, context) =>
  submitExtraction(context, caller, { ...body, extractors: [params.extractor] }, headers[idempotencyKeyHeader]),
);
