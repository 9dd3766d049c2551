import { type AssetStore, openAssetStore } from "@stablehand/core/asset-store";
import { type Coalesced, coalesce } from "@stablehand/core/coalesce";
import { type Database, openDatabase } from "@stablehand/core/database";
import type { Logger } from "@stablehand/core/log";
import { type ApiMetrics, createApiMetrics } from "@stablehand/core/metrics";
import { findApiKeys, type KnownKey } from "@stablehand/core/store/api-keys";
import { readQueueState } from "@stablehand/core/store/queue-state";
import { openTracer, type Tracer } from "@stablehand/core/tracer";
import { openPublicKeyring, type PublicKeyring } from "@stablehand/vault/keyring";
import type { AccountSettings } from "./accounts/account-settings.ts";
import { openAccountTokens } from "./accounts/account-tokens.ts";
import { openAccounts, type SignIn } from "./accounts/open-accounts.ts";
import { openMail } from "./accounts/send-mail.ts";
import { type AssetLinks, openAssetLinks } from "./asset-links.ts";
import type { SignedInAccount } from "./auth.ts";
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
  readonly metrics: ApiMetrics;
  readonly tracer: Tracer;
  readonly credentials: CredentialWriter;
  readonly submitTask: TaskSubmitter;
  /** Tasks a business may submit in a calendar month; null is unlimited. */
  readonly monthlyTaskLimit: number | null;
  /** Requests a business may make a second, of this process; null is unlimited. */
  readonly requestsPerSecondMax: number | null;
  readonly rateLimiter: RateLimiter;
  readonly events: EventFeed;
  readonly keyring: PublicKeyring;
  /** Where callers reach this server; null is where the request went. */
  readonly publicUrl: string | null;
  /** Whose word on where a request came from is taken. */
  readonly trustedProxies: readonly string[];
  readonly assetLinks: () => Promise<AssetLinks>;
  /** Null when the files of extractions lie in PostgreSQL. */
  readonly assetStore: AssetStore | null;
  /** Whether events may be sent over http and to private addresses. */
  readonly allowPrivateWebhooks: boolean;
  /** Looks up a secret by its hash. Requests that arrive together share a statement; none reads an older answer. */
  readonly findApiKey: Coalesced<Buffer, KnownKey | null>;
  /** The account that a token was made for, while its session lasts; null for any other text. */
  readonly findAccount: (token: string) => Promise<SignedInAccount | null>;
  readonly accountSettings: AccountSettings;
  /** What answers under `/auth`. */
  readonly signIn: () => Promise<SignIn>;
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
  const assetStore = config.assetStore && (await openAssetStore(config.assetStore));
  const metrics = createApiMetrics(() => readQueueState(database.db));
  const tracer = await openTracer("api", config.traceEndpoint);
  const { monthlyTaskLimit, requestsPerSecondMax } = config;
  return {
    database,
    log,
    metrics,
    tracer,
    credentials: openCredentialWriter(database, keyring, metrics.sealed),
    submitTask: openTaskSubmitter(database, monthlyTaskLimit),
    monthlyTaskLimit,
    requestsPerSecondMax,
    rateLimiter: createRateLimiter(requestsPerSecondMax),
    events,
    keyring,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    assetLinks: openAssetLinks(database.db, config.assetUrlTtlSeconds),
    assetStore,
    allowPrivateWebhooks: config.allowPrivateWebhooks,
    findApiKey: coalesce<Buffer, KnownKey | null>({
      runAll: (hashes) => findApiKeys(database.pool, hashes),
      ...keyLookup,
    }),
    findAccount: openAccountTokens(database),
    accountSettings: config.accounts,
    signIn: openAccounts({
      db: database.db,
      log,
      settings: config.accounts,
      publicUrl: config.publicUrl,
      sendMail: config.accounts.mail && openMail(config.accounts.mail),
    }),
    keyUsed: usage.used,
    async close() {
      events.close();
      await usage.close();
      assetStore?.close();
      await tracer.close();
      await database.close();
    },
  };
}
