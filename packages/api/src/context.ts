import type { Coalesced } from "@stablehand/core/coalesce";
import type { Database } from "@stablehand/core/database";
import type { Logger } from "@stablehand/core/log";
import type { Enqueuer } from "@stablehand/core/queue";
import type { KnownKey } from "@stablehand/core/store/api-keys";
import type { CredentialWriter } from "./credential-writer.ts";

/** What handlers work with; one for the life of the process. */
export interface AppContext {
  readonly database: Database;
  readonly log: Logger;
  readonly enqueuer: Enqueuer;
  readonly credentials: CredentialWriter;
  readonly findApiKey: Coalesced<Buffer, KnownKey | null>;
  readonly keyUsed: (keyId: string) => void;
}
