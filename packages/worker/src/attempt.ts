import type { Database, StoreTransaction } from "@stablehand/core/database";
import type { Rotation } from "@stablehand/core/store/credential-rotations";
import type { HeldTask, RunRecord, TaskOutcome } from "@stablehand/core/store/task-runs";
import type { BrowserPool } from "./browser/pool.ts";
import type { ObservedRun } from "./observe-runs.ts";
import type { Opener } from "./opener.ts";
import type { Redactor } from "./redact/redactor.ts";

/** What every attempt works with, whatever the kind of its task. */
export interface AttemptContext {
  readonly database: Database;
  readonly opener: Opener;
  readonly browsers: BrowserPool;
  readonly workerId: string;
}

/** Which attempt it is, and what ends it early: it then fails as soon as it can. */
export interface AttemptOf extends HeldTask {
  /** Told of each secret before anything can show it. */
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  /** Told of each step that was written down. */
  readonly onStep: ObservedRun["stepped"];
}

/** How an attempt went. May hold secrets that `redactor` knows by now: `runTask` removes them. */
export interface Attempt {
  readonly outcome: TaskOutcome;
  readonly record: RunRecord | null;
  /** Settles when the browser is destroyed: nobody waits for that to read the answer, but the next task does. */
  readonly browserGone?: Promise<void>;
  /** Cookies that sites renewed during the run: stored if the attempt still holds the task, however it went. */
  readonly rotations?: readonly Rotation[];
  /** Stored together with the outcome, when the attempt still holds the task. */
  readonly alsoStore?: (transaction: StoreTransaction) => Promise<void>;
}
