import {
  type CredentialField,
  credentialFields,
  fieldsOf,
  isCredentialValue,
  type Platform,
  platforms,
} from "@stablehand/contract";
import { type SealedCredentials, takeCredentials } from "@stablehand/core/store/credential-openings";
import type { Rotation } from "@stablehand/core/store/credential-rotations";
import { findEndUserKeys } from "@stablehand/core/store/credential-writes";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import { importEndUserKey, sealValues } from "@stablehand/vault/seal";
import type { Cookie } from "playwright-core";
import type { AttemptContext } from "./attempt.ts";
import type { CredentialValues } from "./browser/signed-in-context.ts";
import type { HeldKeys } from "./opener.ts";
import type { Redactor } from "./redact/redactor.ts";

/** The end-user's logins that one run has opened, and what their sites made of them. */
export interface Logins {
  /** Opens what is stored for these platforms, which is logged; nothing when there is nothing. Throws OpenError. */
  open(platforms: readonly Platform[]): Promise<CredentialValues>;
  /** `updatedAt` of each opened value of a platform, for `recordHealth`. */
  versionsOf(platform: Platform): string[];
  /** Notes what the jar has now. */
  look(jar: readonly Cookie[]): void;
  /** What the sites have renewed by the last look, sealed to the end-user's key. */
  sealRenewed(): Promise<Rotation[]>;
}

interface OpenedLogin {
  readonly sealed: SealedCredentials;
  readonly values: CredentialValues;
  /** As in the jar at the last look; null when the platform's cookies were not all there: it has signed the user out. */
  latest: CredentialValues | null;
}

/** Opens logins for one run of a task. The redactor knows each value before anybody else does. */
export function createLogins(context: AttemptContext, task: StoredTask, redactor: Redactor): Logins {
  const opened = new Map<Platform, OpenedLogin>();
  const held: HeldKeys = new Map();
  const versions = (platform: Platform) =>
    (opened.get(platform)?.sealed.values ?? []).filter(({ field }) => fieldsOf(platform).includes(field));

  return {
    async open(wanted) {
      if (wanted.length === 0) return {};
      const sealed = await takeCredentials(context.database.db, {
        businessId: task.businessId,
        endUserId: task.endUserId,
        fields: wanted.flatMap(fieldsOf),
        taskId: task.taskId,
        workerId: context.workerId,
        action: "open",
      });
      if (!sealed) return {};
      const values = await context.opener.openCredentials(task, sealed, held);
      redactor.add(Object.entries(values).map(([field, value]) => ({ field, value })));
      for (const platform of wanted)
        opened.set(platform, { sealed, values: only(fieldsOf(platform), values), latest: null });
      return values;
    },
    versionsOf: (platform) => versions(platform).map(({ updatedAt }) => updatedAt),
    look(jar) {
      for (const login of opened.values()) login.latest = latestOf(login.values, jar);
    },
    async sealRenewed() {
      const renewed = platforms.flatMap((platform) => {
        const login = opened.get(platform);
        const changes = login ? changesOf(login) : [];
        return changes.length > 0 ? [{ platform, changes }] : [];
      });
      if (renewed.length === 0) return [];
      const [stored] = await findEndUserKeys(context.database.pool, [task]);
      if (!stored) return []; // all was deleted meanwhile
      // The key may have been replaced since they were read; whether the values have, `writeBackRotation` decides.
      return renewed.map(({ platform, changes }) => ({
        businessId: task.businessId,
        endUserId: task.endUserId,
        workerId: context.workerId,
        platform,
        keyId: stored.keyId,
        read: versions(platform),
        renewed: sealValues(task, importEndUserKey(stored), changes),
        sealTo: (key) => sealValues(task, importEndUserKey(key), changes),
      }));
    },
  };
}

function only(fields: readonly CredentialField[], values: CredentialValues): CredentialValues {
  return Object.fromEntries(fields.flatMap((field) => (values[field] === undefined ? [] : [[field, values[field]]])));
}

/** The value of each field in the jar: a new one rather than the one that was set, where its domains differ. */
function latestOf(values: CredentialValues, jar: readonly Cookie[]): CredentialValues | null {
  const latest: Partial<Record<CredentialField, string>> = {};
  for (const field of Object.keys(values) as CredentialField[]) {
    const { cookie, domains }: { readonly cookie: string; readonly domains: readonly string[] } =
      credentialFields[field];
    const kept = jar.filter(({ name, domain, path }) => name === cookie && path === "/" && domains.includes(domain));
    const found = kept.find(({ value }) => value !== values[field]) ?? kept[0];
    if (!found) return null;
    latest[field] = found.value;
  }
  return latest;
}

/** Empty when one of the new values could not be stored: a sign-in is kept whole or as it was. */
function changesOf({ values, latest }: OpenedLogin): [CredentialField, string][] {
  const changes = Object.entries(latest ?? {}).filter(
    ([field, value]) => value !== values[field as CredentialField],
  ) as [CredentialField, string][]; // the keys are fields
  return changes.every(([field, value]) => isCredentialValue(field, value)) ? changes : [];
}
