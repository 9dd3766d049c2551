import type { HostRule, Settings, SettingsChange } from "@stablehand/contract";
import type { Db } from "../database.ts";
import type { BusinessId } from "../ids.ts";
import type { StoredTask } from "./task-rows.ts";

/** What a business has set; nothing allowed by default. */
export async function getSettings(db: Db, businessId: BusinessId): Promise<Settings> {
  const row = await db
    .selectFrom("businesses")
    .select(["allowed_hosts", "embed_origins"])
    .where("business_id", "=", businessId)
    .executeTakeFirstOrThrow();
  return { allowedHosts: row.allowed_hosts, embedOrigins: row.embed_origins };
}

/** Replaces what a business has set, and gives it all. Origins that are not given stay. */
export async function setSettings(
  db: Db,
  businessId: BusinessId,
  { allowedHosts, embedOrigins }: SettingsChange,
): Promise<Settings> {
  const row = await db
    .updateTable("businesses")
    .set({ allowed_hosts: [...allowedHosts], ...(embedOrigins && { embed_origins: [...embedOrigins] }) })
    .where("business_id", "=", businessId)
    .returning(["allowed_hosts", "embed_origins"])
    .executeTakeFirstOrThrow();
  return { allowedHosts: row.allowed_hosts, embedOrigins: row.embed_origins };
}

/** The hosts that a task's browser may reach beside the platforms': its own, and those that its business allows now. */
export async function allowedHostsOf(db: Db, task: StoredTask): Promise<HostRule[]> {
  const { allowedHosts } = await getSettings(db, task.businessId);
  return [...new Set([...allowedHosts, ...task.allowedHosts])];
}
