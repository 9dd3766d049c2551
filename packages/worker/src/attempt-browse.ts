import { stepsMax } from "@stablehand/contract";
import { allowedHostsOf } from "@stablehand/core/store/settings";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import { appendStep, type Inheritance, markActing, readInheritance } from "@stablehand/core/store/task-runs";
import { type AgentRun, runAgent } from "./agent/agent.ts";
import type { AgentModel, ModelPatience } from "./agent/call-model.ts";
import { noModel } from "./agent/model.ts";
import { openAgentPage } from "./agent/page/agent-page.ts";
import { tools } from "./agent/tools/tools.ts";
import type { Attempt, AttemptContext, AttemptOf } from "./attempt.ts";
import { type Cage, openCage } from "./cage/open-cage.ts";
import { refuseDeadLogins } from "./health/refuse-dead-logins.ts";
import { createLogins, type Logins } from "./logins.ts";
import { cookieSecrets } from "./redact/cookie-secrets.ts";
import type { Secret } from "./redact/redactor.ts";
import { TaskFailure } from "./task-failure.ts";
import { untilStored } from "./until-stored.ts";
import { accountTools } from "./use-account.ts";

/** What an agent's attempt works with. */
export interface BrowseContext extends AttemptContext {
  /** Null when none is configured. */
  readonly model: AgentModel | null;
  readonly patience: ModelPatience;
  /** What a task may use of the model, input and output together; null is unlimited. */
  readonly tokensPerTaskMax: number | null;
  /** How long what a check found is trusted before an agent begins. */
  readonly healthMaxAgeMs: number;
  /** How long an agent waits for an account that another task uses. */
  readonly accountWaitMs: number;
}

const viewTokensMax = 6_000;
const inheritedBytesMax = 8_192;

/**
 * Lets an agent do a task in a fresh browser that is signed in as the end-user, where the task asks for it.
 *
 * When `signal` fires, the browser is destroyed at once and the attempt fails.
 */
export async function attemptBrowse(context: BrowseContext, task: StoredTask, attempt: AttemptOf): Promise<Attempt> {
  const { model } = context;
  if (!model) throw new TaskFailure("model_not_configured", noModel); // before any cookie is opened
  const inheritance = await readInheritance(context.database.db, task);
  const logins = createLogins(context, task, attempt.redactor);
  const values = await logins.open(task.platforms);
  const browser = await context.browsers.take();
  const kill = () => void browser.destroy();
  attempt.signal.addEventListener("abort", kill);
  try {
    attempt.signal.throwIfAborted();
    const cage = await openCage(browser, {
      values,
      allowedHosts: await allowedHostsOf(context.database.db, task),
      isReadOnly: task.mode === "read",
    });
    const probe = { jar: cage.context, logins, maxAgeMs: context.healthMaxAgeMs, signal: attempt.signal };
    await refuseDeadLogins(context, task, probe);
    const ended = await browse({ ...context, model }, task, { attempt, inheritance, logins, cage });
    await cage.shut(); // the login is free as soon as the task has ended
    return { ...ended, browserGone: browser.destroy() };
  } catch (error) {
    await browser.destroy();
    throw error;
  } finally {
    attempt.signal.removeEventListener("abort", kill);
  }
}

interface Run {
  readonly attempt: AttemptOf;
  readonly inheritance: Inheritance;
  readonly logins: Logins;
  readonly cage: Cage;
}

async function browse(
  context: BrowseContext & { readonly model: AgentModel },
  task: StoredTask,
  { attempt, inheritance, logins, cage }: Run,
): Promise<Attempt> {
  const { db } = context.database;
  const { redactor } = attempt;
  const page = await openAgentPage(cage.context, {
    viewTokensMax,
    signal: attempt.signal,
    network: cage.log,
    takeRefusedWrite: cage.takeRefusedWrite,
  });
  const { previousContext, previousErrors } = inheritance;
  const secretsOf = async (): Promise<Secret[]> => {
    const cookies = await cage.context.cookies();
    logins.look(cookies);
    return cookieSecrets(cookies);
  };
  const account = { attempt, logins, cage, waitMs: context.accountWaitMs };
  const run = await runAgent({
    task: task.task,
    isReadOnly: task.mode === "read",
    ...(task.startUrl !== null && { startUrl: task.startUrl }),
    ...(task.outputSchema && { schema: task.outputSchema }),
    ...(previousContext !== null && { previousContext: cutBytes(previousContext, inheritedBytesMax) }),
    previousErrors,
    maxSteps: task.stepsMax ?? stepsMax,
    maxTokens: context.tokensPerTaskMax,
    model: context.model,
    patience: context.patience,
    page,
    tools: [...tools, ...(await accountTools(context, task, account))],
    signal: attempt.signal,
    redactor,
    secretsOf,
    beforeActing: async () => refuseWhenLost(await untilStored(attempt.signal, () => markActing(db, attempt))),
    onStep: async (step) => {
      refuseWhenLost(await untilStored(attempt.signal, () => appendStep(db, attempt, step)));
      attempt.onStep(step);
    },
  });
  const lastHtml = task.wantsHtml && run.outcome !== "stopped" ? await page.html() : null;
  // What the site may have renewed since the last step is a secret too; without knowing it no page is kept.
  const secrets = await secretsOf().catch(() => null); // of a browser that is gone, the last look counts
  redactor.add(secrets ?? []);
  const record = { ...run, html: secrets ? lastHtml : null, network: cage.log.summary() };
  return { outcome: toOutcome(run), record, rotations: await logins.sealRenewed() };
}

/** Whoever does not hold the task any more must neither act nor tell of steps. */
function refuseWhenLost(isHeld: boolean): void {
  if (!isHeld) throw new TaskFailure("worker_lost", "Another worker has this task now.");
}

function toOutcome(run: AgentRun): Attempt["outcome"] {
  if (run.outcome === "failed") return { status: "failed", error: run.error, errorCode: run.errorCode };
  if (run.outcome === "stopped") return { status: "failed", error: "The task was stopped.", errorCode: "internal" };
  return {
    status: "completed",
    result: run.result,
    ...(run.structuredContent !== undefined && { structuredContent: run.structuredContent }),
  };
}

/** The beginning of a text, at most `max` bytes of UTF-8, cut at a character. */
function cutBytes(text: string, max: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= max) return text;
  return new TextDecoder().decode(bytes.subarray(0, max), { stream: true });
}
