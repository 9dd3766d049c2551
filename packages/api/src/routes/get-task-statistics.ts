import { getTaskStatistics, type TaskErrorCode, type TaskStatus } from "@stablehand/contract";
import { countEndedTasks, type EndedTasks, getRunTimes } from "@stablehand/core/store/task-statistics";
import { handlerFor } from "../handler.ts";

/** Counts the caller's tasks of 30 days. */
export const handleGetTaskStatistics = handlerFor(getTaskStatistics, async ({ caller }, { database }) => {
  const [ended, runTimeMs] = await Promise.all([
    countEndedTasks(database.db, caller.businessId),
    getRunTimes(database.db, caller.businessId),
  ]);
  const completed = countOf(ended, "completed");
  const failed = countOf(ended, "failed");
  return {
    days: [...Map.groupBy(ended, ({ day }) => day)].map(([day, ofDay]) => ({
      day,
      completed: countOf(ofDay, "completed"),
      failed: countOf(ofDay, "failed"),
      cancelled: countOf(ofDay, "cancelled"),
    })),
    successRate: completed + failed === 0 ? null : completed / (completed + failed),
    runTimeMs,
    failures: countFailures(ended),
  };
});

function countOf(ended: readonly EndedTasks[], status: TaskStatus): number {
  return ended.reduce((sum, row) => (row.status === status ? sum + row.count : sum), 0);
}

function countFailures(ended: readonly EndedTasks[]): { errorCode: TaskErrorCode; count: number }[] {
  const counts = new Map<TaskErrorCode, number>();
  for (const { errorCode, count } of ended) if (errorCode) counts.set(errorCode, (counts.get(errorCode) ?? 0) + count);
  return [...counts].map(([errorCode, count]) => ({ errorCode, count })).sort((a, b) => b.count - a.count);
}
