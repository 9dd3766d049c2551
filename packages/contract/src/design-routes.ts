import { z } from "zod";
import { extractorNames } from "./design.ts";
import { defineRoute } from "./route.ts";
import { pageAddress, submissionHeaders, submittingEndUser, taskAccepted } from "./tasks.ts";

const url = pageAddress("url").meta({ format: "uri", description: "The page; http or https, and public." });
const enableIpRotation = z
  .boolean("enableIpRotation must be true or false")
  .default(false)
  .meta({ description: "Taken and told back; a worker always visits from its own machine's address." });
const notAList = `extractors must be a list of names: ${extractorNames.join(", ")}`;

const extractOneBody = z
  .object(
    { url, endUserId: submittingEndUser, enableIpRotation },
    "the body must be a JSON object with at least url, and endUserId with an API key",
  )
  .meta({ id: "ExtractOneDesign", example: { url: "https://example.com", endUserId: "alice" } });

const extractBody = extractOneBody
  .extend({
    extractors: z
      .array(z.string(notAList), notAList)
      .default([])
      .transform((names, context) => {
        const known = extractorNames.filter((name) => names.length === 0 || names.includes(name));
        if (known.length === 0)
          context.addIssue({
            code: "custom",
            message: `extractors names none that there is: ${extractorNames.join(", ")}`,
          });
        return known;
      })
      .meta({ description: "Unknown names are dropped; omitted or empty, all six." }),
  })
  .meta({ id: "ExtractDesign", example: { url: "https://example.com", endUserId: "alice", extractors: ["colors"] } });

/** A page to extract from, checked; the extractors in the contract's order, each once. */
export type SubmittedExtraction = z.output<typeof extractBody>;

const reply = {
  status: 202,
  body: taskAccepted
    .extend({ extractors: z.array(z.enum(extractorNames)), enableIpRotation: z.boolean() })
    .meta({ id: "ExtractionAccepted" }),
} as const;

const errors = ["idempotency_conflict", "task_limit_reached"] as const;

/** Submits the extraction of a public page's design. */
export const extractDesign = defineRoute({
  id: "extract-design",
  method: "POST",
  path: "/v1/design/extract",
  auth: "business",
  scope: "design:run",
  endUser: "body",
  summary: "Extract a page's design",
  headers: submissionHeaders,
  body: extractBody,
  reply,
  errors,
  audit: null,
});

/** Submits an extraction with exactly one extractor; `extractors` in the body means nothing here. */
export const extractOneDesign = defineRoute({
  id: "extract-one-design",
  method: "POST",
  path: "/v1/design/extract/{extractor}",
  auth: "business",
  scope: "design:run",
  endUser: "body",
  summary: "Extract one part of a page's design",
  params: z.object({
    extractor: z.enum(extractorNames, `there is no such extractor: name one of ${extractorNames.join(", ")}`),
  }),
  headers: submissionHeaders,
  body: extractOneBody,
  reply,
  errors,
  audit: null,
});

/** Gives a file that an extraction kept, to whoever has the address that a task's result named. */
export const getAsset = defineRoute({
  id: "get-asset",
  method: "GET",
  path: "/v1/assets/{assetId}",
  auth: "none",
  summary: "Download a file of a design extraction",
  params: z.object({ assetId: z.string().max(256) }),
  query: z.object({
    expires: z
      .string("expires is missing: use a downloadUrl as the task gave it")
      .regex(/^\d{1,12}$/, "expires must be a time in seconds: use a downloadUrl as the task gave it")
      .transform(Number)
      .meta({ description: "In seconds since 1970." }),
    signature: z
      .string("signature is missing: use a downloadUrl as the task gave it")
      .max(256, "signature is not one that this server gave"),
  }),
  reply: {
    status: 200,
    contentType: "application/octet-stream",
    body: z.string().meta({ format: "binary", description: "Images and fonts with their own type, as a download." }),
  },
  errors: ["asset_signature_invalid", "asset_not_found", "asset_expired", "unavailable"],
  audit: null,
});
