import { credentialFieldNames, credentialFields, stepsMax } from "@stablehand/contract";
import { takeCredentials } from "@stablehand/core/store/credential-openings";
import type { StoredTask } from "@stablehand/core/store/task-rows";
import { appendStep, type Inheritance, markActing, readInheritance } from "@stablehand/core/store/task-runs";
import type { BrowserContext, Cookie } from "playwright-core";
import { type AgentRun, runAgent } from "./agent/agent.ts";
import type { AgentModel, ModelPatience } from "./agent/call-model.ts";
import { noModel } from "./agent/model.ts";
import { openAgentPage } from "./agent/page/agent-page.ts";
import { createRedactor } from "./agent/redactor.ts";
import { tools } from "./agent/tools/tools.ts";
import type { Attempt, AttemptContext, AttemptOf } from "./attempt.ts";
import { type CredentialValues, openSignedInContext } from "./browser/signed-in-context.ts";
import { TaskFailure } from "./task-failure.ts";
import { untilStored } from "./until-stored.ts";

/** What an agent's attempt works with. */
export interface BrowseContext extends AttemptContext {
  /** Null when none is configured. */
  readonly model: AgentModel | null;
  readonly patience: ModelPatience;
  /** What a task may use of the model, input and output together; null is unlimited. */
  readonly tokensPerTaskMax: number | null;
}

const viewTokensMax = 6_000;
const inheritedBytesMax = 8_192;

/**
 * Lets an agent do a task in a fresh browser that is signed in as the end-user.
 *
 * When `signal` fires, the browser is destroyed at once and the attempt fails. Nothing leaves it unredacted.
 */
export async function attemptBrowse(context: BrowseContext, task: StoredTask, attempt: AttemptOf): Promise<Attempt> {
  const { model } = context;
  if (!model) throw new TaskFailure("model_not_configured", noModel); // before any cookie is opened
  const inheritance = await readInheritance(context.database.db, task);
  const values = await openCredentials(context, task);
  const browser = await context.browsers.take();
  const kill = () => void browser.destroy();
  attempt.signal.addEventListener("abort", kill);
  try {
    attempt.signal.throwIfAborted();
    const jar = await openSignedInContext(browser.browser, values);
    const ended = await browse({ ...context, model }, task, { attempt, inheritance, values, jar });
    return { ...ended, browserGone: browser.destroy() };
  } catch (error) {
    await browser.destroy();
    throw error;
  } finally {
    attempt.signal.removeEventListener("abort", kill);
  }
}

async function openCredentials(context: BrowseContext, task: StoredTask): Promise<CredentialValues> {
  const sealed = await takeCredentials(context.database.db, {
    businessId: task.businessId,
    endUserId: task.endUserId,
    fields: credentialFieldNames,
    taskId: task.taskId,
    workerId: context.workerId,
  });
  return sealed ? context.opener.openCredentials(task, sealed) : {};
}

interface Run {
  readonly attempt: AttemptOf;
  readonly inheritance: Inheritance;
  readonly values: CredentialValues;
  /** The signed-in context. */
  readonly jar: BrowserContext;
}

async function browse(
  context: BrowseContext & { readonly model: AgentModel },
  task: StoredTask,
  { attempt, inheritance, values, jar }: Run,
): Promise<Attempt> {
  const { db } = context.database;
  const redactor = createRedactor(Object.values(values));
  const page = await openAgentPage(jar, { viewTokensMax, signal: attempt.signal });
  const { previousContext, previousErrors } = inheritance;
  const secretsOf = async () => (await jar.cookies()).filter(isSecret).map(({ value }) => value);
  const run = await runAgent({
    task: task.task,
    ...(task.startUrl !== null && { startUrl: task.startUrl }),
    ...(task.outputSchema && { schema: task.outputSchema }),
    ...(previousContext !== null && { previousContext: cutBytes(previousContext, inheritedBytesMax) }),
    previousErrors,
    maxSteps: task.stepsMax ?? stepsMax,
    maxTokens: context.tokensPerTaskMax,
    model: context.model,
    patience: context.patience,
    page,
    tools,
    signal: attempt.signal,
    redactor,
    secretsOf,
    beforeActing: async () => refuseWhenLost(await untilStored(attempt.signal, () => markActing(db, attempt))),
    onStep: async (step) => refuseWhenLost(await untilStored(attempt.signal, () => appendStep(db, attempt, step))),
  });
  const html = task.wantsHtml && run.outcome !== "stopped" ? await cleanHtml() : null;
  return { outcome: toOutcome(run), record: { ...run, html } };

  /** What the site may have renewed since the last step is a secret too; without knowing it nothing is kept. */
  async function cleanHtml(): Promise<string | null> {
    const html = await page.html();
    const secrets = await secretsOf().catch(() => null);
    if (!secrets) return null;
    redactor.add(secrets);
    return redactor.text(html);
  }
}

const signInCookies = new Set<string>(Object.values(credentialFields).map(({ cookie }) => cookie));
const tokenLengthMin = 16;

/** A cookie that may be worth stealing: one of the table, one that pages cannot read, or one as long as a token. */
function isSecret({ name, value, httpOnly }: Cookie): boolean {
  return signInCookies.has(name) || httpOnly || value.length >= tokenLengthMin;
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
