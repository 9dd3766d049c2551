import { z } from "zod";
import { defineRoute } from "./route.ts";

/** Says how many tasks a business has used this month, of how many. */
export const getUsage = defineRoute({
  id: "get-usage",
  method: "GET",
  path: "/v1/usage",
  auth: "business",
  scope: "tasks:read",
  endUser: "all",
  summary: "Get this month's usage",
  reply: {
    status: 200,
    body: z
      .object({
        month: z
          .string()
          .regex(/^\d{4}-\d{2}$/)
          .meta({ description: "The calendar month in UTC.", example: "2026-11" }),
        used: z.int().min(0).meta({ description: "Tasks submitted; refused ones do not count." }),
        limit: z.int().min(1).nullable().meta({ description: "null: unlimited." }),
        requestsPerSecond: z
          .int()
          .min(1)
          .nullable()
          .meta({ description: "How many requests each API process takes of this business; null: unlimited." }),
        inputTokens: z.int().min(0),
        outputTokens: z.int().min(0),
        modelCalls: z.int().min(0),
      })
      .meta({ id: "Usage" }),
  },
  errors: [],
  audit: null,
});
