import type { StepSummary } from "@stablehand/contract";
import type { Logger } from "@stablehand/core/log";
import type { RunEnd, WorkerMetrics } from "@stablehand/core/metrics";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import type { RunRecord } from "@stablehand/core/store/task-runs";
import type { Tracer } from "@stablehand/core/tracer";

/** One run of a task, as it is counted, traced and logged: by ids, kinds, codes and numbers, never by what was said. */
export interface ObservedRun {
  stepped(step: StepSummary): void;
  /** Once, at the end of the attempt. `leaks` is how many secrets were removed from what it said. */
  ended(end: RunEnd, record: RunRecord | null, leaks: number): void;
}

/** Begins to observe a run of `task`, as part of the trace that its submission was part of. */
export type ObserveRun = (
  task: StoredTask,
  job: { readonly attempt: number; readonly traceparent?: string },
) => ObservedRun;

/** Counts runs in `metrics`, traces them, each step a span of its own, and logs how each ended. */
export function observeRuns(metrics: WorkerMetrics, tracer: Tracer, log: Logger): ObserveRun {
  return ({ taskId, kind }, { attempt, traceparent: parent }) => {
    const startedAt = Date.now();
    let stepStartedAt = startedAt;
    const span = tracer.start(`run ${kind}`, { kind: "consumer", parent, attributes: { taskId, kind, attempt } });
    return {
      stepped({ n, type, success }) {
        metrics.step(type, success);
        const step = { parent: span.traceparent, startedAt: stepStartedAt, attributes: { n, type, success } };
        tracer.start("step", step).end();
        stepStartedAt = Date.now();
      },
      ended(end, record, leaks) {
        const ms = Date.now() - startedAt;
        metrics.runEnded(kind, end, ms / 1_000);
        if (record) metrics.modelUsed(record.usage);
        if (leaks > 0) metrics.leaksBlocked(leaks);
        const { status, errorCode } = end;
        span.set({ status, ...(errorCode && { errorCode }), ...(record && { steps: record.totalSteps }) });
        span.end(errorCode);
        log.info(
          { taskId, kind, attempt, status, errorCode, steps: record?.totalSteps, ms },
          "an attempt at a task ended",
        );
      },
    };
  };
}
