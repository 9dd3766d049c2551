import { type Coalesced, coalesce } from "@stablehand/core/coalesce";
import { type Database, openDatabase } from "@stablehand/core/database";
import type { Logger } from "@stablehand/core/log";
import { findApiKeys, type KnownKey } from "@stablehand/core/store/api-keys";
import { openPublicKeyring, type PublicKeyring } from "@stablehand/vault/keyring";
import type { ApiConfig } from "./config.ts";
import { type CredentialWriter, openCredentialWriter } from "./credential-writer.ts";
import { type EventFeed, openEventFeed } from "./event-feed.ts";
import { collectKeyUsage } from "./key-usage.ts";
import { createRateLimiter, type RateLimiter } from "./rate-limiter.ts";
import { openTaskSubmitter, type TaskSubmitter } from "./task-submitter.ts";

/** What handlers work with; one for the life of the process. */
export interface AppContext {
  readonly database: Database;
  readonly log: Logger;
  readonly credentials: CredentialWriter;
  readonly submitTask: TaskSubmitter;
  /** Tasks a business may submit in a calendar month; null is unlimited. */
  readonly monthlyTaskLimit: number | null;
  readonly rateLimiter: RateLimiter;
  readonly events: EventFeed;
  readonly keyring: PublicKeyring;
  /** Whether events may be sent over http and to private addresses. */
  readonly allowPrivateWebhooks: boolean;
  /** Looks up a secret by its hash. Requests that arrive together share a statement; none reads an older answer. */
  readonly findApiKey: Coalesced<Buffer, KnownKey | null>;
  readonly keyUsed: (keyId: string) => void;
  close(): Promise<void>;
}

const keyLookup = { runsMax: 1, batchMax: 256 };

/** Opens everything that handlers work with. Rejects when the keyring is missing or the database cannot be reached. */
export async function openContext(config: ApiConfig, log: Logger): Promise<AppContext> {
  const keyring = openPublicKeyring(config.publicKeyringFile);
  const database = openDatabase(config.databaseUrl, { program: "api", connectionsMax: config.connectionsMax, log });
  const usage = collectKeyUsage(database.db, log);
  const events = openEventFeed(database.db, log);
  const { monthlyTaskLimit } = config;
  return {
    database,
    log,
    credentials: openCredentialWriter(database, keyring),
    submitTask: openTaskSubmitter(database, monthlyTaskLimit),
    monthlyTaskLimit,
    rateLimiter: createRateLimiter(config.requestsPerSecondMax),
    events,
    keyring,
    allowPrivateWebhooks: config.allowPrivateWebhooks,
    findApiKey: coalesce<Buffer, KnownKey | null>({
      runAll: (hashes) => findApiKeys(database.pool, hashes),
      ...keyLookup,
    }),
    keyUsed: usage.used,
    async close() {
      events.close();
      await usage.close();
      await database.close();
    },
  };
}
