import type { ExtractorName, HostRule, Platform, Scope, TaskKind, TaskMode } from "@stablehand/contract";
import { sql } from "kysely";
import type { Pool, PoolClient } from "pg";
import { type Db, inTransaction, type Prepared, runPrepared } from "../database.ts";
import { type BusinessId, newId, type SessionId, type TaskId } from "../ids.ts";

/** A task to be made. */
export interface Submission {
  readonly businessId: BusinessId;
  /** The API key that asks for it, which these statements confirm; null of an account, which was looked up before. */
  readonly apiKeyId: string | null;
  readonly endUserId: string;
  readonly kind: TaskKind;
  readonly task: string;
  /** Null begins a session. */
  readonly sessionId: SessionId | null;
  readonly platforms?: readonly Platform[];
  readonly allowedHosts?: readonly HostRule[];
  readonly startUrl?: string;
  /** A JSON Schema, as JSON. */
  readonly outputSchema?: string;
  readonly stepsMax?: number;
  readonly wantsHtml?: boolean;
  /** `act` by default. */
  readonly mode?: TaskMode;
  readonly extractors?: readonly ExtractorName[];
  readonly ipRotation?: boolean;
  /** W3C trace context: the worker goes on with this trace. It lies with the job, and goes with it. */
  readonly traceparent?: string | undefined;
  readonly idempotency: { readonly key: string; readonly bodyHash: Buffer } | null;
}

/** A task that was made, by this submission or by an earlier one with the same idempotency key. */
export interface AcceptedTask {
  readonly taskId: TaskId;
  readonly sessionId: SessionId;
  readonly createdAt: Date;
}

/** What became of a submission; one that made no task has changed and counted nothing. `refused`: its API key does not allow it, or not any more. */
export type SubmissionOutcome =
  | { readonly outcome: "created" | "replayed"; readonly task: AcceptedTask }
  | { readonly outcome: "limit_reached"; readonly used: number }
  | {
      readonly outcome:
        | "refused"
        | "session_not_found"
        | "session_of_other_business"
        | "session_of_other_end_user"
        | "idempotency_conflict";
    };

// Keys older than 24 hours are forgotten here as well as by the sweep, so that they can be used again.
const findIdempotencyKeys: Prepared = {
  name: "find-idempotency-keys",
  text: `
    WITH wanted AS (
      SELECT business_id, idempotency_key
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
          AS wanted (business_id, idempotency_key, key_id, scope, end_user_id)
       WHERE key_id IS NULL OR EXISTS (
         SELECT FROM api_keys WHERE api_keys.key_id = wanted.key_id AND api_keys.business_id = wanted.business_id
            AND api_key_allows(api_keys, scope, end_user_id))
    ), forgotten AS (
      DELETE FROM idempotency_keys WHERE (business_id, idempotency_key) IN (
        SELECT business_id, idempotency_key FROM idempotency_keys JOIN wanted USING (business_id, idempotency_key)
         WHERE created_at <= now() - interval '24 hours'
         ORDER BY business_id, idempotency_key FOR UPDATE OF idempotency_keys)
    )
    SELECT DISTINCT business_id, idempotency_key, body_hash, task_id, session_id, tasks.created_at
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

// The month's count goes up in the statement that inserts the tasks; what lies beyond the limit ($2) is left out, and so is
// what a key asks for that does not allow it, or not any more. The first event, `pending`, needs no row (task-events.ts).
// A business's turns follow one another; one that had nothing waiting begins where the latest claimed task stands, so
// that however much another has waiting, the next free slot is its own (decision 0006).
// Times are the statement's, not the transaction's: it begins when it holds its sessions, so their turns are in order.
// The job is the row that pg-boss would make, whose own statement cannot be part of this one; queue.db.test.ts compares.
const insertTasks: Prepared = {
  name: "insert-tasks",
  text: `
    WITH submitted AS (
      SELECT row.* FROM json_to_recordset($1::json) AS row (
        ordinal integer, task_id uuid, business_id text, key_id text, scope text, session_id uuid, opens_session boolean,
        end_user_id text, kind text, task text, platforms text[], allowed_hosts text[], start_url text,
        output_schema text, steps_max integer, wants_html boolean, mode text, extractors text[], ip_rotation boolean,
        count_ordinal integer, idempotency_key text, body_hash text, traceparent text)
       WHERE key_id IS NULL OR EXISTS (
         SELECT FROM api_keys WHERE api_keys.key_id = row.key_id AND api_keys.business_id = row.business_id
            AND api_key_allows(api_keys, row.scope, row.end_user_id))
    ), clock AS MATERIALIZED (
      SELECT clock_timestamp() AS made_at
    ), counted AS (
      INSERT INTO task_usage AS before (business_id, month, used, granted)
      SELECT business_id, date_trunc('month', now() AT TIME ZONE 'UTC'), least(count(*), $2), least(count(*), $2)
        FROM submitted WHERE count_ordinal > 0 GROUP BY business_id ORDER BY business_id
      ON CONFLICT (business_id, month) DO UPDATE
        SET granted = least(excluded.granted, greatest($2 - before.used, 0)),
            used = before.used + least(excluded.granted, greatest($2 - before.used, 0))
      RETURNING business_id, used, granted
    ), latest AS MATERIALIZED (
      SELECT business_id, greatest(
               (SELECT coalesce(max(turn), 0) FROM tasks WHERE attempt > 0),
               (SELECT coalesce(max(turn) + 1, 0) FROM tasks WHERE tasks.business_id = asking.business_id)) AS turn
        FROM (SELECT DISTINCT business_id FROM submitted) AS asking
    ), accepted AS (
      SELECT submitted.*,
             latest.turn + row_number() OVER (PARTITION BY business_id ORDER BY ordinal) - 1 AS turn, made_at
        FROM submitted CROSS JOIN clock JOIN latest USING (business_id) LEFT JOIN counted USING (business_id)
       WHERE count_ordinal = 0 OR count_ordinal <= counted.granted
    ), opened AS (
      INSERT INTO sessions (session_id, business_id, end_user_id)
      SELECT session_id, business_id, end_user_id FROM accepted WHERE opens_session
    ), continued AS (
      UPDATE sessions SET active_at = now() FROM accepted
       WHERE NOT accepted.opens_session AND sessions.session_id = accepted.session_id
    ), created AS (
      INSERT INTO tasks (task_id, business_id, session_id, end_user_id, kind, task, platforms, allowed_hosts, start_url,
                         output_schema, steps_max, wants_html, mode, extractors, ip_rotation, turn, event_count,
                         created_at, updated_at)
      SELECT task_id, business_id, session_id, end_user_id, kind, task, platforms, allowed_hosts, start_url,
             output_schema, steps_max, wants_html, mode, extractors, ip_rotation, turn, 1, made_at, made_at
        FROM accepted
    ), remembered AS (
      INSERT INTO idempotency_keys (business_id, idempotency_key, body_hash, task_id)
      SELECT business_id, idempotency_key, decode(body_hash, 'hex'), task_id
        FROM accepted WHERE idempotency_key IS NOT NULL
    ), enqueued AS (
      INSERT INTO pgboss.job (
        id, name, data, priority, singleton_key, start_after, created_on, keep_until, expire_seconds, deletion_seconds,
        retry_limit, retry_delay, retry_backoff, retry_delay_max, policy, dead_letter, heartbeat_seconds)
      SELECT task_id, name, jsonb_strip_nulls(jsonb_build_object('taskId', task_id, 'traceparent', traceparent)), -turn, session_id, made_at, made_at,
             made_at + retention_seconds * interval '1 second', expire_seconds, deletion_seconds, retry_limit, retry_delay, retry_backoff, retry_delay_max, policy, dead_letter,
             heartbeat_seconds
        FROM accepted CROSS JOIN pgboss.queue WHERE name = 'turns'
      RETURNING name
    ), told AS (
      SELECT pg_notify('pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24), name) FROM enqueued LIMIT 1
    )
    SELECT ordinal, made_at, used
      FROM submitted LEFT JOIN counted USING (business_id) LEFT JOIN accepted USING (ordinal)
     WHERE (SELECT count(*) FROM told) >= 0`,
};

interface InsertedRow {
  readonly ordinal: number;
  /** Null when the submission lies beyond the limit. */
  readonly made_at: Date | null;
  readonly used: number | null;
}

const unlimited = 2_147_483_647;

/**
 * Makes the tasks of all `submissions` that may be made, and their jobs: in one statement, or in one transaction when some
 * go on with a session or carry an idempotency key.
 *
 * Answers in the order of the submissions. `monthlyLimit` is for all tasks but checks, null is unlimited.
 * Errors: PostgreSQL's unique violation on `idempotency_keys` when another transaction has just used the same key; run
 * alone again, the submission finds it.
 */
export async function submitTasks(
  pool: Pool,
  submissions: readonly Submission[],
  monthlyLimit: number | null,
): Promise<SubmissionOutcome[]> {
  if (submissions.every(({ sessionId, idempotency }) => !sessionId && !idempotency)) {
    const outcomes = await insert(pool, submissions, monthlyLimit);
    return submissions.map((submission) => outcomeOf(outcomes, submission));
  }
  return inTransaction(pool, async (client) => {
    const replay = await findReplays(client, submissions);
    const refusal = await findRefusedSessions(client, submissions);
    const judged = new Map(submissions.map((one) => [one, replay(one) ?? refusal(one)]));
    const fresh = submissions.filter((submission) => !judged.get(submission));
    const outcomes = await insert(client, fresh, monthlyLimit);
    return submissions.map((submission) => judged.get(submission) ?? outcomeOf(outcomes, submission));
  });
}

/** What an API key needs for it. */
function scopeOf({ kind }: Pick<Submission, "kind">): Scope {
  return kind === "design" ? "design:run" : "tasks:run";
}

type Judge = (submission: Submission) => SubmissionOutcome | undefined;

async function findReplays(client: PoolClient, submissions: readonly Submission[]): Promise<Judge> {
  const keyed = submissions.flatMap(({ idempotency, ...asked }) =>
    idempotency ? [{ ...asked, key: idempotency.key }] : [],
  );
  if (keyed.length === 0) return () => undefined;
  const rows = await runPrepared<{
    business_id: BusinessId;
    idempotency_key: string;
    body_hash: Buffer;
    task_id: TaskId;
    session_id: SessionId;
    created_at: Date;
  }>(client, findIdempotencyKeys, [
    keyed.map((one) => one.businessId),
    keyed.map((one) => one.key),
    keyed.map((one) => one.apiKeyId),
    keyed.map(scopeOf),
    keyed.map((one) => one.endUserId),
  ]);
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

/** Makes the tasks that may be made; a submission without an outcome was refused. */
async function insert(
  client: Pool | PoolClient,
  submissions: readonly Submission[],
  monthlyLimit: number | null,
): Promise<ReadonlyMap<Submission, SubmissionOutcome>> {
  if (submissions.length === 0) return new Map();
  const countOf = new Map<BusinessId, number>();
  const rows = submissions.map((submission, ordinal) => {
    const counts = submission.kind !== "check";
    const count = (countOf.get(submission.businessId) ?? 0) + 1;
    if (counts) countOf.set(submission.businessId, count);
    return {
      ordinal,
      task_id: newId<TaskId>(),
      business_id: submission.businessId,
      key_id: submission.apiKeyId,
      scope: scopeOf(submission),
      session_id: submission.sessionId ?? newId<SessionId>(),
      opens_session: submission.sessionId === null,
      end_user_id: submission.endUserId,
      kind: submission.kind,
      task: submission.task,
      platforms: submission.platforms ?? [],
      allowed_hosts: submission.allowedHosts ?? [],
      start_url: submission.startUrl,
      output_schema: submission.outputSchema,
      steps_max: submission.stepsMax,
      wants_html: submission.wantsHtml ?? false,
      mode: submission.mode ?? "act",
      extractors: submission.extractors ?? [],
      ip_rotation: submission.ipRotation ?? false,
      count_ordinal: counts ? count : 0,
      idempotency_key: submission.idempotency?.key,
      body_hash: submission.idempotency?.bodyHash.toString("hex"),
      traceparent: submission.traceparent,
    };
  });
  const answers = await runPrepared<InsertedRow>(client, insertTasks, [
    JSON.stringify(rows),
    monthlyLimit ?? unlimited,
  ]);
  const outcomes = new Map<Submission, SubmissionOutcome>();
  for (const { ordinal, made_at: createdAt, used } of answers) {
    const [submission, row] = [submissions[ordinal], rows[ordinal]];
    if (!submission || !row) throw new Error("an answer to a submission that was not asked for");
    const { task_id: taskId, session_id: sessionId } = row;
    outcomes.set(
      submission,
      createdAt
        ? { outcome: "created", task: { taskId, sessionId, createdAt } }
        : { outcome: "limit_reached", used: used ?? 0 },
    );
  }
  return outcomes;
}

function outcomeOf(outcomes: ReadonlyMap<Submission, SubmissionOutcome>, submission: Submission): SubmissionOutcome {
  return outcomes.get(submission) ?? { outcome: "refused" };
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
