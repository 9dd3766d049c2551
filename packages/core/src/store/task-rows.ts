import type {
  DesignResults,
  ExtractorName,
  HostRule,
  ModelUsage,
  Platform,
  PlatformChecks,
  StepSummary,
  TaskErrorCode,
  TaskKind,
  TaskMode,
  TaskNetwork,
  TaskStatus,
} from "@stablehand/contract";
import { type Selectable, sql } from "kysely";
import type { Db } from "../database.ts";
import type { AssetId, BusinessId, SessionId, TaskId } from "../ids.ts";
import type { Schema } from "../schema.ts";

/** A task as stored, without what only its reader wants (see `TaskReport`). */
export interface StoredTask {
  readonly taskId: TaskId;
  readonly businessId: BusinessId;
  readonly sessionId: SessionId;
  readonly endUserId: string;
  readonly kind: TaskKind;
  readonly task: string;
  readonly platforms: readonly Platform[];
  /** What it may reach beside the platforms' hosts and what its business allows. */
  readonly allowedHosts: readonly HostRule[];
  readonly startUrl: string | null;
  /** The JSON Schema that the answer has to conform to. */
  readonly outputSchema: object | null;
  readonly stepsMax: number | null;
  readonly wantsHtml: boolean;
  readonly mode: TaskMode;
  /** Only of an extraction. */
  readonly extractors: readonly ExtractorName[];
  readonly ipRotation: boolean;
  readonly status: TaskStatus;
  readonly mayHaveActed: boolean;
  /** The number of its latest event. */
  readonly eventCount: number;
  /** How many secrets were removed from what all attempts said. */
  readonly leakBlocked: number;
  readonly result: string | null;
  readonly check: PlatformChecks | null;
  readonly error: string | null;
  readonly errorCode: TaskErrorCode | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

/** A task with all that its run has said. */
export interface TaskReport extends StoredTask {
  /** Undefined as long as there is none. JSON null is a value. */
  readonly structuredContent: unknown;
  readonly html: string | null;
  readonly totalSteps: number | null;
  readonly visitedHosts: readonly string[] | null;
  readonly network: TaskNetwork | null;
  readonly usage: ModelUsage | null;
  /** The steps of the latest attempt, while it runs and after. */
  readonly steps: readonly StepSummary[];
  /** Of an extraction that completed; null otherwise. */
  readonly design: DesignFound | null;
}

/** What an extraction found, and the files it kept, by their address on the site. */
export interface DesignFound {
  readonly results: DesignResults;
  readonly assets: ReadonlyMap<string, AssetId>;
}

/** A row of `tasks`. */
export type TaskRow = Selectable<Schema["tasks"]>;

/** Makes a task of a row. */
export function toTask(row: TaskRow): StoredTask {
  return {
    taskId: row.task_id,
    businessId: row.business_id,
    sessionId: row.session_id,
    endUserId: row.end_user_id,
    kind: row.kind,
    task: row.task,
    platforms: row.platforms,
    allowedHosts: row.allowed_hosts,
    startUrl: row.start_url,
    outputSchema: row.output_schema === null ? null : (JSON.parse(row.output_schema) as object), // checked when stored
    stepsMax: row.steps_max,
    wantsHtml: row.wants_html,
    mode: row.mode,
    extractors: row.extractors,
    ipRotation: row.ip_rotation,
    status: row.status,
    mayHaveActed: row.may_have_acted,
    eventCount: row.event_count,
    leakBlocked: row.leak_blocked,
    result: row.result,
    check: row.check_result,
    error: row.error,
    errorCode: row.error_code,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
  };
}

function toReport(row: ReportRow): TaskReport {
  return {
    ...toTask(row),
    structuredContent: row.structured_content === null ? undefined : JSON.parse(row.structured_content),
    html: row.html_dump,
    totalSteps: row.total_steps,
    visitedHosts: row.visited_hosts,
    network: row.network,
    usage:
      row.model_calls === null
        ? null
        : {
            inputTokens: Number(row.input_tokens),
            outputTokens: Number(row.output_tokens),
            modelCalls: row.model_calls,
          },
    steps: row.steps.map((step) => JSON.parse(step) as StepSummary), // written by `appendStep` alone
    design:
      row.results === null
        ? null
        : {
            results: JSON.parse(row.results) as DesignResults, // written by `keepDesign` alone
            assets: new Map(row.assets),
          },
  };
}

interface ReportRow extends TaskRow {
  readonly steps: string[];
  readonly results: string | null;
  readonly assets: KeptAssets | null;
}

type KeptAssets = readonly [sourceUrl: string, assetId: AssetId][];

function reports(db: Db) {
  return db
    .selectFrom("tasks")
    .selectAll("tasks")
    .select((row) =>
      sql<string[]>`ARRAY(SELECT data FROM task_events AS event
        WHERE event.task_id = ${row.ref("tasks.task_id")} AND event.attempt = ${row.ref("tasks.attempt")}
          AND event.type = 'step' ORDER BY event.n)`.as("steps"),
    )
    .select((row) => [
      sql<string | null>`CASE WHEN ${row.ref("tasks.kind")} = 'design' THEN (
        SELECT results FROM design_results AS found WHERE found.task_id = ${row.ref("tasks.task_id")}) END`.as(
        "results",
      ),
      sql<KeptAssets | null>`CASE WHEN ${row.ref("tasks.kind")} = 'design' THEN (
        SELECT json_agg(json_build_array(kept.source_url, kept.asset_id) ORDER BY kept.n)
          FROM task_assets AS kept WHERE kept.task_id = ${row.ref("tasks.task_id")}) END`.as("assets"),
    ]);
}

/**
 * Finds a task by its id alone, since another business's must be told from an unknown one (403, 404).
 *
 * The caller compares `businessId` before it shows anything.
 */
export async function findTask(db: Db, taskId: TaskId): Promise<TaskReport | null> {
  const row = await reports(db).where("tasks.task_id", "=", taskId).executeTakeFirst();
  return row ? toReport(row) : null;
}

/** The tasks of a session of `businessId`, oldest first. */
export async function findTasksOfSession(
  db: Db,
  businessId: BusinessId,
  sessionId: SessionId,
): Promise<readonly TaskReport[]> {
  const rows = await reports(db)
    .where("tasks.session_id", "=", sessionId)
    .where("tasks.business_id", "=", businessId)
    .orderBy("tasks.created_at")
    .orderBy("tasks.task_id")
    .execute();
  return rows.map(toReport);
}
