import { z } from "zod";
import { defineRoute } from "./route.ts";
import { taskErrorCodes } from "./tasks.ts";

/** How many days the statistics tell of, today included. */
export const statisticsDays = 30;

/** How many tasks, the last to end, the run times are those of. */
export const runTimesOf = 10_000;

const count = z.int().min(0);

/** Counts the business's tasks and extractions that ended within 30 days; checks, which no limit counts either, are not among them. */
export const getTaskStatistics = defineRoute({
  id: "get-task-statistics",
  method: "GET",
  path: "/v1/task-statistics",
  auth: "business",
  scope: "tasks:read",
  endUser: "all",
  summary: `Get statistics of the tasks of ${statisticsDays} days`,
  reply: {
    status: 200,
    body: z
      .object({
        days: z
          .array(
            z
              .object({
                day: z.iso.date().meta({ example: "2026-11-24" }),
                completed: count,
                failed: count,
                cancelled: count,
              })
              .meta({ id: "DayOfTasks" }),
          )
          .length(statisticsDays)
          .meta({ description: "By the day, in UTC, on which they ended: the oldest first, today last." }),
        successRate: z
          .number()
          .min(0)
          .max(1)
          .nullable()
          .meta({ description: "Completed, of those that completed or failed; null when there were none." }),
        runTimeMs: z
          .object({ p50: count, p95: count })
          .nullable()
          .meta({
            description: `How long they ran, waiting not counted, of the ${runTimesOf} that completed or failed last; null when there were none.`,
          }),
        failures: z
          .array(z.object({ errorCode: z.enum(taskErrorCodes), count: z.int().min(1) }))
          .meta({ description: "The most frequent first." }),
      })
      .meta({ id: "TaskStatistics" }),
  },
  errors: [],
  audit: null,
});
