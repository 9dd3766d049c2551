import type { Health, Platform } from "@stablehand/contract";
import { type HealthRecord, recordHealth } from "@stablehand/core/store/credential-openings";
import { getCredentialStatus, type PlatformStatus } from "@stablehand/core/store/credentials";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import type { BrowserContext } from "playwright-core";
import type { AttemptContext } from "../attempt.ts";
import type { Logins } from "../logins.ts";
import { TaskFailure } from "../task-failure.ts";
import { checkPatience, checkPlatform } from "./check-platform.ts";

/**
 * Looks at the task's platforms before the agent begins, those that were not looked at for `maxAgeMs`, and ends the task
 * when one does not take the cookies: `auth_expired`, `auth_challenged`. What was found is stored first.
 *
 * An answer that says nothing stops nobody, and is not asked for again within `maxAgeMs`; a refusal is. A platform that
 * is not wholly stored is not looked at.
 */
export async function refuseDeadLogins(
  { database }: AttemptContext,
  task: StoredTask,
  run: {
    readonly jar: BrowserContext;
    readonly logins: Logins;
    readonly maxAgeMs: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  if (task.platforms.length === 0) return;
  const status = await getCredentialStatus(database.pool, task.businessId, task.endUserId);
  for (const platform of task.platforms.filter((one) => isDue(status[one], run.maxAgeMs))) {
    const { health } = await checkPlatform(run.jar, platform, { ...checkPatience, signal: run.signal });
    run.signal.throwIfAborted();
    const record: HealthRecord = {
      platform,
      health,
      checkedAt: new Date(),
      credentialsUpdatedAt: run.logins.versionsOf(platform),
    };
    await database.db.transaction().execute((transaction) => recordHealth(transaction, task, [record]));
    refuse(platform, health);
  }
}

function isDue({ missing, health, checkedAt }: PlatformStatus, maxAgeMs: number): boolean {
  if (missing.length > 0) return false;
  if (!checkedAt || health === "expired" || health === "challenged") return true;
  return checkedAt.getTime() < Date.now() - maxAgeMs;
}

function refuse(platform: Platform, health: Health): void {
  if (health === "expired")
    throw new TaskFailure(
      "auth_expired",
      `${platform} does not accept the stored cookies any more: it asks to sign in. Have the end-user sign in there again, upload the new cookies, and submit the task again.`,
    );
  if (health === "challenged")
    throw new TaskFailure(
      "auth_challenged",
      `${platform} asks the end-user to prove who they are. Have them do so in their own browser, upload the new cookies, and submit the task again.`,
    );
}
