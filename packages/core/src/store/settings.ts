import type { HostRule, Settings } from "@stablehand/contract";
import type { Db } from "../database.ts";
import type { BusinessId } from "../ids.ts";
import type { StoredTask } from "./task-rows.ts";

/** What a business has set; nothing allowed by default. */
export async function getSettings(db: Db, businessId: BusinessId): Promise<Settings> {
  const { allowed_hosts: allowedHosts } = await db
    .selectFrom("businesses")
    .select("allowed_hosts")
    .where("business_id", "=", businessId)
    .executeTakeFirstOrThrow();
  return { allowedHosts };
}

/** Replaces what a business has set. */
export async function setSettings(db: Db, businessId: BusinessId, { allowedHosts }: Settings): Promise<void> {
  await db
    .updateTable("businesses")
    .set({ allowed_hosts: [...allowedHosts] })
    .where("business_id", "=", businessId)
    .execute();
}

/** The hosts that a task's browser may reach beside the platforms': its own, and those that its business allows now. */
export async function allowedHostsOf(db: Db, task: StoredTask): Promise<HostRule[]> {
  const { allowedHosts } = await getSettings(db, task.businessId);
  return [...new Set([...allowedHosts, ...task.allowedHosts])];
}
