import { AppError } from "@stablehand/contract";
import { coalesce } from "@stablehand/core/coalesce";
import type { Database } from "@stablehand/core/database";
import {
  type AcceptedTask,
  type Submission,
  type SubmissionOutcome,
  submitTasks,
} from "@stablehand/core/store/task-submissions";

/**
 * Makes a task and its job, both or neither.
 *
 * Throws what the contract says of a refused one: `session_not_found`, `forbidden`, `session_of_other_end_user`,
 * `idempotency_conflict`, `task_limit_reached`.
 */
export type TaskSubmitter = (submission: Submission) => Promise<AcceptedTask>;

/** One transaction at a time (decision 5). Two of one session never share it: their order would be left to chance. */
const batches = {
  runsMax: 1,
  batchMax: 64,
  runsBeforeAnswers: true,
  keyOf: ({ sessionId }: Submission) => sessionId ?? Symbol("new session"),
};

/** Opens the submitting side. Submissions that arrive together share a statement. */
export function openTaskSubmitter({ pool }: Database, monthlyTaskLimit: number | null): TaskSubmitter {
  const submit = coalesce<Submission, SubmissionOutcome>({
    ...batches,
    runAll: (submissions) => submitTasks(pool, submissions, monthlyTaskLimit),
  });
  return async (submission) => {
    const outcome = await submit(submission).catch((error: unknown) => {
      if (!hasLostRace(error)) throw error;
      return submit(submission); // whoever was first has committed by now and is found
    });
    if ("task" in outcome) return outcome.task;
    throw refusalOf(outcome, monthlyTaskLimit ?? 0);
  };
}

function hasLostRace(error: unknown): boolean {
  return (error as { constraint?: unknown }).constraint === "idempotency_keys_pkey"; // pg's errors have one
}

type Refusal = Exclude<SubmissionOutcome, { readonly task: AcceptedTask }>;

function refusalOf(refusal: Refusal, limit: number): AppError {
  switch (refusal.outcome) {
    case "limit_reached":
      return new AppError(
        "task_limit_reached",
        `Monthly limit of ${limit} tasks reached. It begins anew with the next calendar month (UTC).`,
        { details: { limit, used: refusal.used } },
      );
    case "refused":
      return new AppError("key_revoked", "This API key has been revoked. Use another one, or create one.");
    case "session_not_found":
      return new AppError("session_not_found", "There is no session with this id. Leave sessionId out to begin one.");
    case "session_of_other_business":
      return new AppError("forbidden", "This session belongs to another business.");
    case "session_of_other_end_user":
      return new AppError(
        "session_of_other_end_user",
        "This session belongs to another end-user. Leave sessionId out to begin one.",
      );
    case "idempotency_conflict":
      return new AppError(
        "idempotency_conflict",
        "This Idempotency-Key was used within the last 24 hours for another body. Use a new key for a new task.",
      );
  }
}
