import { fieldsOf, type HostRule, type Platform, type PlatformChecks } from "@stablehand/contract";
import { type HealthRecord, recordHealth, takeCredentials } from "@stablehand/core/store/credential-openings";
import { allowedHostsOf } from "@stablehand/core/store/settings";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import type { Attempt, AttemptContext, AttemptOf } from "./attempt.ts";
import type { SingleUseBrowser } from "./browser/launch.ts";
import type { CredentialValues } from "./browser/signed-in-context.ts";
import { openCage } from "./cage/open-cage.ts";
import { checkPatience, checkPlatform } from "./health/check-platform.ts";
import { TaskFailure } from "./task-failure.ts";

/** Checks the sign-in on the task's platforms, one after the other, in one browser. */
export async function attemptCheck(context: AttemptContext, task: StoredTask, attempt: AttemptOf): Promise<Attempt> {
  const found = await checkAll(context, task, attempt);
  const check: PlatformChecks = {};
  for (const { platform, health, checkedAt, reason } of found)
    check[platform] = { health, checkedAt: checkedAt.toISOString(), ...(reason !== undefined && { reason }) };
  const result = found.map(({ platform, health }) => `${platform}: ${health}`).join(", ");
  return {
    outcome: { status: "completed", result, check },
    record: null,
    alsoStore: (transaction) => recordHealth(transaction, task, found),
  };
}

type Found = HealthRecord & { readonly reason?: string };

async function checkAll(context: AttemptContext, task: StoredTask, { signal, redactor }: AttemptOf): Promise<Found[]> {
  const sealed = await takeCredentials(context.database.db, {
    businessId: task.businessId,
    endUserId: task.endUserId,
    fields: task.platforms.flatMap(fieldsOf),
    taskId: task.taskId,
    workerId: context.workerId,
    action: "check",
  });
  if (!sealed) throw new TaskFailure("credentials_gone", "The credentials were deleted before the check ran.");
  const values = await context.opener.openCredentials(task, sealed);
  redactor.add(Object.entries(values).map(([field, value]) => ({ field, value })));
  const allowedHosts = await allowedHostsOf(context.database.db, task);
  const browser = await context.browsers.take();
  try {
    const found: Found[] = [];
    for (const platform of task.platforms) {
      const updates = sealed.values.filter(({ field }) => fieldsOf(platform).includes(field));
      found.push({
        platform,
        ...(await checkOne(browser, platform, { values, allowedHosts, signal })),
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

interface Checked {
  readonly values: CredentialValues;
  readonly allowedHosts: readonly HostRule[];
  readonly signal: AbortSignal;
}

/** Checks one platform in a context that holds its cookies and no other's. */
async function checkOne(browser: SingleUseBrowser, platform: Platform, { values, allowedHosts, signal }: Checked) {
  const own: Record<string, string> = {};
  for (const field of fieldsOf(platform)) {
    const value = values[field];
    if (value === undefined)
      return { health: "unknown" as const, reason: "not all of its cookies are stored any more" };
    own[field] = value;
  }
  const { context } = await openCage(browser, { values: own, allowedHosts });
  try {
    return await checkPlatform(context, platform, { ...checkPatience, signal });
  } finally {
    await context.close().catch(() => undefined); // a browser that is gone has closed it
  }
}
