/**
 * What each part of a backup holds, table by table.
 *
 * The keys are a part of their own, so that they can be kept for a shorter time than the values (decision 0014). Tasks,
 * sessions, results and the queue are in neither: a task that was brought back could act a second time. Nor are sessions of
 * accounts and their links: whoever signed out stays so.
 */
export const backupTables = {
  values: [
    "businesses",
    "accounts",
    "account_sign_ins",
    "api_keys",
    "webhook_endpoints",
    "task_usage",
    "credentials",
    "credential_access",
  ],
  keys: ["retired_keyring_keys", "destroyed_keys", "end_user_keys"],
} as const;

/** A part of a backup. */
export type BackupPart = keyof typeof backupTables;
