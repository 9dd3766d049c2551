import { fieldsOf, type Platform, type PlatformChecks, type TaskErrorCode } from "@stablehand/contract";
import type { Database } from "@stablehand/core/database";
import type { TaskId } from "@stablehand/core/ids";
import type { Logger } from "@stablehand/core/log";
import { type HealthRecord, recordHealth, takeCredentials } from "@stablehand/core/store/credential-openings";
import { claimTask, finishTask, type StoredTask, type TaskOutcome } from "@stablehand/core/store/tasks";
import { OpenError } from "@stablehand/vault/open";
import { type BrowserPool, BrowserUnavailableError } from "./browser/pool.ts";
import { CookieRefusedError, type CredentialValues, openSignedInContext } from "./browser/signed-in-context.ts";
import { checkPlatform } from "./health/check-platform.ts";
import type { Opener } from "./opener.ts";

/** What a check works with. */
export interface CheckContext {
  readonly database: Database;
  readonly log: Logger;
  readonly opener: Opener;
  readonly browsers: BrowserPool;
  readonly workerId: string;
}

const platformDeadlineMs = 30_000;
const settleMs = 1_500;

/** A check ended as it may end: with a sentence for the caller. */
class CheckFailed extends Error {
  readonly errorCode: TaskErrorCode;

  constructor(errorCode: TaskErrorCode, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}

/**
 * Runs one attempt of a sign-in check, from claim to end.
 *
 * Throws when `signal` ended it, so that the queue gives the task to another worker. May be run twice: only an attempt
 * that still holds the task stores what it found.
 */
export async function runCheck(
  context: CheckContext,
  job: { taskId: TaskId; attempt: number; signal: AbortSignal },
): Promise<void> {
  const task = await claimTask(context.database.db, { ...job, workerId: context.workerId });
  if (!task) return;
  const { outcome, found } = await attemptCheck(context, task, job.signal);
  job.signal.throwIfAborted();
  await context.database.db.transaction().execute(async (transaction) => {
    if (await finishTask(transaction, job, outcome)) await recordHealth(transaction, task, found);
  });
}

async function attemptCheck(
  context: CheckContext,
  task: StoredTask,
  signal: AbortSignal,
): Promise<{ outcome: TaskOutcome; found: HealthRecord[] }> {
  try {
    const found = await checkAll(context, task, signal);
    const check: PlatformChecks = {};
    for (const { platform, health, checkedAt, reason } of found)
      check[platform] = { health, checkedAt: checkedAt.toISOString(), ...(reason !== undefined && { reason }) };
    const result = found.map(({ platform, health }) => `${platform}: ${health}`).join(", ");
    return { outcome: { status: "completed", result, check }, found };
  } catch (error) {
    const { errorCode, message } = explain(error);
    if (errorCode === "internal" && !signal.aborted)
      context.log.error({ err: error, taskId: task.taskId }, "check failed");
    return { outcome: { status: "failed", error: message, errorCode }, found: [] };
  }
}

type Found = HealthRecord & { readonly reason?: string };

async function checkAll(context: CheckContext, task: StoredTask, signal: AbortSignal): Promise<Found[]> {
  const sealed = await takeCredentials(context.database.db, {
    businessId: task.businessId,
    endUserId: task.endUserId,
    fields: task.platforms.flatMap(fieldsOf),
    taskId: task.taskId,
    workerId: context.workerId,
  });
  if (!sealed) throw new CheckFailed("credentials_gone", "The credentials were deleted before the check ran.");
  const values = await context.opener.openCredentials(task, sealed);
  const browser = await context.browsers.take();
  try {
    const found: Found[] = [];
    for (const platform of task.platforms) {
      const updates = sealed.values.filter(({ field }) => fieldsOf(platform).includes(field));
      found.push({
        platform,
        ...(await checkOne(browser.browser, platform, values, signal)),
        checkedAt: new Date(),
        credentialsUpdatedAt: updates.map(({ updatedAt }) => updatedAt),
      });
      signal.throwIfAborted();
    }
    return found;
  } finally {
    await browser.destroy();
  }
}

/** Checks one platform in a context that holds its cookies and no other's. */
async function checkOne(
  browser: Parameters<typeof openSignedInContext>[0],
  platform: Platform,
  values: CredentialValues,
  signal: AbortSignal,
) {
  const own: Record<string, string> = {};
  for (const field of fieldsOf(platform)) {
    const value = values[field];
    if (value === undefined)
      return { health: "unknown" as const, reason: "not all of its cookies are stored any more" };
    own[field] = value;
  }
  const context = await openSignedInContext(browser, own);
  try {
    return await checkPlatform(context, platform, { deadlineMs: platformDeadlineMs, settleMs, signal });
  } finally {
    await context.close().catch(() => undefined); // a browser that is gone has closed it
  }
}

/** What the caller may read; whatever is not known here stays in the log. */
function explain(error: unknown): { errorCode: TaskErrorCode; message: string } {
  if (error instanceof CheckFailed) return error;
  if (error instanceof OpenError)
    return {
      errorCode: "credentials_unreadable",
      message: "The stored credentials could not be opened. Upload them again; if that repeats, ask your operator.",
    };
  if (error instanceof CookieRefusedError)
    return {
      errorCode: "cookie_refused",
      message: `The browser refused what is stored for ${error.fields.join(", ")}: it cannot be a cookie's value. Upload it again.`,
    };
  if (error instanceof BrowserUnavailableError)
    return { errorCode: "browser_unavailable", message: "No browser could be started in time. Try again later." };
  return { errorCode: "internal", message: "Something failed on our side. The operator's log names this task." };
}
