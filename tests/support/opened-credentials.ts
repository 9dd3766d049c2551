import { type CredentialField, credentialFieldNames } from "@stablehand/contract";
import { newId, type TaskId } from "@stablehand/core/ids";
import { takeCredentials } from "@stablehand/core/store/credential-openings";
import { openKeyring } from "@stablehand/vault/custody";
import { fileKeyProvider } from "@stablehand/vault/kms/file";
import { openEndUserKey, openValue } from "@stablehand/vault/open";
import type { TestApi, TestBusiness } from "./api.ts";

/** What a worker opens of an end-user. Throws when anything does not open. */
export async function openedCredentials(
  api: TestApi,
  { businessId }: TestBusiness,
  endUserId: string,
): Promise<Partial<Record<CredentialField, string>>> {
  const owner = { businessId, endUserId };
  const opening = { taskId: newId<TaskId>(), workerId: "test", action: "open" } as const;
  const fields = credentialFieldNames;
  const sealed = await takeCredentials(api.context.database.db, { ...owner, ...opening, fields });
  if (!sealed) return {};
  const { keys } = await openKeyring(api.vault.keyringFile, fileKeyProvider(api.vault.keyFile));
  const key = openEndUserKey(owner, sealed.key, keys);
  if (!key) throw new Error("the keyring has the key");
  return Object.fromEntries(sealed.values.map((one) => [one.field, openValue(owner, one.field, key, one.sealed)]));
}
