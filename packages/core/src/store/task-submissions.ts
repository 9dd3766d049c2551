import type { ExtractorName, Platform } from "@stablehand/contract";
import { sql } from "kysely";
import type { PoolClient } from "pg";
import { type Db, type Prepared, runPrepared } from "../database.ts";
import { type BusinessId, newId, type SessionId, type TaskId } from "../ids.ts";
import type { TaskKind } from "../schema.ts";

/** A task to be made. */
export interface Submission {
  readonly businessId: BusinessId;
  readonly endUserId: string;
  readonly kind: TaskKind;
  readonly task: string;
  /** Null begins a session. */
  readonly sessionId: SessionId | null;
  readonly platforms?: readonly Platform[];
  readonly startUrl?: string;
  /** A JSON Schema, as JSON. */
  readonly outputSchema?: string;
  readonly stepsMax?: number;
  readonly wantsHtml?: boolean;
  readonly extractors?: readonly ExtractorName[];
  readonly ipRotation?: boolean;
  readonly idempotency: { readonly key: string; readonly bodyHash: Buffer } | null;
}

/** A task that was made, by this submission or by an earlier one with the same idempotency key. */
export interface AcceptedTask {
  readonly taskId: TaskId;
  readonly sessionId: SessionId;
  readonly createdAt: Date;
}

/** A task that was made just now and has to be enqueued in the same transaction. */
export interface CreatedTask extends AcceptedTask {
  readonly businessId: BusinessId;
  /** Its place among all businesses' tasks: the lower, the sooner. Grows within a business. */
  readonly turn: number;
}

/** What became of a submission; a refused one has changed and counted nothing. */
export type SubmissionOutcome =
  | { readonly outcome: "created"; readonly task: CreatedTask }
  | { readonly outcome: "replayed"; readonly task: AcceptedTask }
  | { readonly outcome: "limit_reached"; readonly used: number }
  | {
      readonly outcome:
        | "session_not_found"
        | "session_of_other_business"
        | "session_of_other_end_user"
        | "idempotency_conflict";
    };

// Keys older than 24 hours are forgotten here as well as by the sweep, so that they can be used again.
const findIdempotencyKeys: Prepared = {
  name: "find-idempotency-keys",
  text: `
    WITH wanted AS (SELECT * FROM unnest($1::text[], $2::text[]) AS wanted (business_id, idempotency_key)),
    forgotten AS (
      DELETE FROM idempotency_keys AS stored USING wanted
       WHERE stored.business_id = wanted.business_id AND stored.idempotency_key = wanted.idempotency_key
         AND stored.created_at <= now() - interval '24 hours'
    )
    SELECT business_id, idempotency_key, body_hash, task_id, session_id, tasks.created_at
      FROM idempotency_keys AS stored JOIN wanted USING (business_id, idempotency_key)
      JOIN tasks USING (task_id, business_id)
     WHERE stored.created_at > now() - interval '24 hours'`,
};

// In one order, so that two batches which continue the same sessions wait for one another and do not deadlock.
const lockSessions: Prepared = {
  name: "lock-sessions",
  text: `
    SELECT session_id, business_id, end_user_id FROM sessions
     WHERE session_id = ANY ($1::uuid[]) ORDER BY session_id FOR NO KEY UPDATE`,
};

// The month's count goes up in the statement that inserts the tasks; what lies beyond the limit ($2) is left out.
// A business's turns follow one another; one that had nothing waiting begins where the latest claimed task stands, so
// that however much another has waiting, the next free slot is its own (decision 0006).
const insertTasks: Prepared = {
  name: "insert-tasks",
  text: `
    WITH submitted AS (
      SELECT * FROM json_to_recordset($1::json) AS row (
        ordinal integer, task_id uuid, business_id text, session_id uuid, opens_session boolean, end_user_id text,
        kind text, task text, platforms text[], start_url text, output_schema text, steps_max integer,
        wants_html boolean, extractors text[], ip_rotation boolean, count_ordinal integer, idempotency_key text, body_hash text)
    ), counted AS (
      INSERT INTO task_usage AS before (business_id, month, used, granted)
      SELECT business_id, date_trunc('month', now() AT TIME ZONE 'UTC'), least(count(*), $2), least(count(*), $2)
        FROM submitted WHERE count_ordinal > 0 GROUP BY business_id ORDER BY business_id
      ON CONFLICT (business_id, month) DO UPDATE
        SET granted = least(excluded.granted, greatest($2 - before.used, 0)),
            used = before.used + least(excluded.granted, greatest($2 - before.used, 0))
      RETURNING business_id, used, granted
    ), latest AS (
      SELECT business_id, greatest(
               (SELECT coalesce(max(turn), 0) FROM tasks WHERE attempt > 0),
               (SELECT coalesce(max(turn) + 1, 0) FROM tasks WHERE tasks.business_id = asking.business_id)) AS turn
        FROM (SELECT DISTINCT business_id FROM submitted) AS asking
    ), accepted AS (
      SELECT submitted.*,
             latest.turn + row_number() OVER (PARTITION BY business_id ORDER BY ordinal) - 1 AS turn
        FROM submitted JOIN latest USING (business_id) LEFT JOIN counted USING (business_id)
       WHERE count_ordinal = 0 OR count_ordinal <= counted.granted
    ), opened AS (
      INSERT INTO sessions (session_id, business_id, end_user_id)
      SELECT session_id, business_id, end_user_id FROM accepted WHERE opens_session
    ), continued AS (
      UPDATE sessions SET active_at = now() FROM accepted
       WHERE NOT accepted.opens_session AND sessions.session_id = accepted.session_id
    ), created AS (
      INSERT INTO tasks (task_id, business_id, session_id, end_user_id, kind, task, platforms, start_url,
                         output_schema, steps_max, wants_html, extractors, ip_rotation, turn, event_count)
      SELECT task_id, business_id, session_id, end_user_id, kind, task, platforms, start_url,
             output_schema, steps_max, wants_html, extractors, ip_rotation, turn, 1 FROM accepted
      RETURNING task_id, created_at
    ), announced AS (
      INSERT INTO task_events (task_id, n, attempt, type, data)
      SELECT task_id, 1, 0, 'status', '{"status":"pending"}' FROM accepted
    ), remembered AS (
      INSERT INTO idempotency_keys (business_id, idempotency_key, body_hash, task_id)
      SELECT business_id, idempotency_key, decode(body_hash, 'hex'), task_id
        FROM accepted WHERE idempotency_key IS NOT NULL
    )
    SELECT submitted.ordinal, accepted.turn, created.created_at, counted.used
      FROM submitted LEFT JOIN counted USING (business_id)
      LEFT JOIN accepted USING (task_id) LEFT JOIN created USING (task_id)`,
};

interface InsertedRow {
  readonly ordinal: number;
  /** Null, as `created_at`, when the submission lies beyond the limit. */
  readonly turn: string | null;
  readonly created_at: Date | null;
  readonly used: number | null;
}

const unlimited = 2_147_483_647;

/**
 * Makes the tasks of all `submissions` that may be made, in one transaction of the caller's, who enqueues the created ones.
 *
 * Answers in the order of the submissions. `monthlyLimit` is for all tasks but checks, null is unlimited.
 * Errors: PostgreSQL's unique violation on `idempotency_keys` when another transaction has just used the same key; run
 * alone again, the submission finds it.
 */
export async function submitTasks(
  client: PoolClient,
  submissions: readonly Submission[],
  monthlyLimit: number | null,
): Promise<SubmissionOutcome[]> {
  const replay = await findReplays(client, submissions);
  const refusal = await findRefusedSessions(client, submissions);
  const outcomes = submissions.map((submission) => replay(submission) ?? refusal(submission));
  const fresh = submissions.map((submission, ordinal) => ({ submission, ordinal })).filter((_, at) => !outcomes[at]);
  if (fresh.length > 0)
    for (const [ordinal, outcome] of await insert(client, fresh, monthlyLimit)) outcomes[ordinal] = outcome;
  return outcomes as SubmissionOutcome[]; // every hole has been filled
}

type Judge = (submission: Submission) => SubmissionOutcome | undefined;

async function findReplays(client: PoolClient, submissions: readonly Submission[]): Promise<Judge> {
  const keyed = submissions.flatMap(({ businessId, idempotency }) =>
    idempotency ? [{ businessId, key: idempotency.key }] : [],
  );
  if (keyed.length === 0) return () => undefined;
  const rows = await runPrepared<{
    business_id: BusinessId;
    idempotency_key: string;
    body_hash: Buffer;
    task_id: TaskId;
    session_id: SessionId;
    created_at: Date;
  }>(client, findIdempotencyKeys, [keyed.map((one) => one.businessId), keyed.map((one) => one.key)]);
  return ({ businessId, idempotency }) => {
    const row = rows.find((one) => one.business_id === businessId && one.idempotency_key === idempotency?.key);
    if (!row || !idempotency) return undefined;
    if (!row.body_hash.equals(idempotency.bodyHash)) return { outcome: "idempotency_conflict" };
    const task = { taskId: row.task_id, sessionId: row.session_id, createdAt: row.created_at };
    return { outcome: "replayed", task };
  };
}

async function findRefusedSessions(client: PoolClient, submissions: readonly Submission[]): Promise<Judge> {
  const wanted = submissions.flatMap(({ sessionId }) => (sessionId ? [sessionId] : []));
  if (wanted.length === 0) return () => undefined;
  const rows = await runPrepared<{ session_id: SessionId; business_id: BusinessId; end_user_id: string }>(
    client,
    lockSessions,
    [wanted],
  );
  return ({ sessionId, businessId, endUserId }) => {
    if (!sessionId) return undefined;
    const session = rows.find((row) => row.session_id === sessionId);
    if (!session) return { outcome: "session_not_found" };
    if (session.business_id !== businessId) return { outcome: "session_of_other_business" };
    if (session.end_user_id !== endUserId) return { outcome: "session_of_other_end_user" };
    return undefined;
  };
}

async function insert(
  client: PoolClient,
  fresh: readonly { submission: Submission; ordinal: number }[],
  monthlyLimit: number | null,
): Promise<Map<number, SubmissionOutcome>> {
  const countOf = new Map<BusinessId, number>();
  const rows = fresh.map(({ submission, ordinal }) => {
    const counts = submission.kind !== "check";
    const count = (countOf.get(submission.businessId) ?? 0) + 1;
    if (counts) countOf.set(submission.businessId, count);
    return {
      ordinal,
      task_id: newId<TaskId>(),
      business_id: submission.businessId,
      session_id: submission.sessionId ?? newId<SessionId>(),
      opens_session: submission.sessionId === null,
      end_user_id: submission.endUserId,
      kind: submission.kind,
      task: submission.task,
      platforms: submission.platforms ?? [],
      start_url: submission.startUrl ?? null,
      output_schema: submission.outputSchema ?? null,
      steps_max: submission.stepsMax ?? null,
      wants_html: submission.wantsHtml ?? false,
      extractors: submission.extractors ?? [],
      ip_rotation: submission.ipRotation ?? false,
      count_ordinal: counts ? count : 0,
      idempotency_key: submission.idempotency?.key ?? null,
      body_hash: submission.idempotency?.bodyHash.toString("hex") ?? null,
    };
  });
  const inserted = await runPrepared<InsertedRow>(client, insertTasks, [
    JSON.stringify(rows),
    monthlyLimit ?? unlimited,
  ]);
  const outcomes = new Map<number, SubmissionOutcome>();
  for (const { ordinal, task_id: taskId, session_id: sessionId, business_id: businessId } of rows) {
    const row = inserted.find((one) => one.ordinal === ordinal);
    outcomes.set(
      ordinal,
      row?.created_at
        ? {
            outcome: "created",
            task: { taskId, sessionId, businessId, createdAt: row.created_at, turn: Number(row.turn) },
          }
        : { outcome: "limit_reached", used: row?.used ?? 0 },
    );
  }
  return outcomes;
}

const forgottenAtOnce = 10_000;

/** Removes idempotency keys that are older than 24 hours, the oldest 10,000; says how many those were. Safe at once. */
export async function forgetIdempotencyKeys(db: Db): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM idempotency_keys WHERE (business_id, idempotency_key) IN (
      SELECT business_id, idempotency_key FROM idempotency_keys
       WHERE created_at <= now() - interval '24 hours' ORDER BY created_at LIMIT ${forgottenAtOnce}
       FOR UPDATE SKIP LOCKED)`.execute(db);
  return Number(numAffectedRows ?? 0);
}
