import { z } from "zod";

/** How many a page holds. */
export interface PageSize {
  readonly default: number;
  readonly max: number;
}

const wholeFromOne = "limit must be a whole number, 1 or more";

/** The query parameter `limit` of a list whose pages have this size; more than its `max` is taken as that. */
export function pageLimit(size: PageSize) {
  return z
    .string(wholeFromOne)
    .regex(/^0*[1-9]\d*$/, wholeFromOne)
    .transform((text) => Math.min(Number(text), size.max))
    .optional()
    .meta({ description: `By default ${size.default}; more than ${size.max} is taken as that.` });
}
