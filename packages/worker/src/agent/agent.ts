import { randomBytes } from "node:crypto";
import type { ModelUsage, StepSummary } from "@stablehand/contract";
import { compileSchema, type SchemaCheck, SchemaError } from "@stablehand/core/json-schema";
import type { Redactor, Secret } from "../redact/redactor.ts";
import { type AgentErrorCode, AgentFailure } from "./agent-failure.ts";
import { type AgentModel, callModel, type ModelAnswer, type ModelPatience, modelPatience } from "./call-model.ts";
import { cutResult, type FinalAnswer, judgeDone } from "./final-answer.ts";
import { createHistory } from "./history.ts";
import type { AgentPage } from "./page/agent-page.ts";
import { within } from "./page/within.ts";
import { firstMessage, instructions, lastCall, nudge } from "./prompt.ts";
import { runCalls, type Turn } from "./run-calls.ts";
import { toolSet } from "./tool-set.ts";
import type { Tool } from "./tools/tool.ts";

/** What an agent is given. */
export interface AgentOptions {
  readonly task: string;
  /** Opened before the model is asked anything; without it the model chooses the first address. */
  readonly startUrl?: string | undefined;
  /** The network refuses whatever would change something: the model is told. */
  readonly isReadOnly?: boolean;
  /** A JSON Schema (2020-12) for the answer's data. */
  readonly schema?: object | undefined;
  /** How many answers of the model are acted on, from 1. */
  readonly maxSteps: number;
  /** Input and output together; once reached, a last question is asked. Null: no limit. */
  readonly maxTokens: number | null;
  /** The result of the session's last completed task. */
  readonly previousContext?: string | undefined;
  /** The errors of the session's failed tasks. */
  readonly previousErrors?: readonly string[] | undefined;
  readonly model: AgentModel;
  readonly page: AgentPage;
  readonly tools: readonly Tool[];
  /** Ends the run at once. */
  readonly signal: AbortSignal;
  readonly redactor: Redactor;
  /**
   * What is secret by now: asked at the start and after each step, since sites renew cookies. When it fails, what pages
   * showed until then is kept from the model.
   */
  secretsOf(): Promise<readonly Secret[]>;
  /** Awaited once, before the first tool that may change something on a site. */
  beforeActing(): Promise<void>;
  /** Told of each step when it is over, in order, and awaited. */
  onStep(step: StepSummary): Promise<void>;
  readonly patience?: ModelPatience;
}

/** What an agent did, however it ended. */
export interface AgentRecord {
  readonly totalSteps: number;
  readonly stepSummaries: readonly StepSummary[];
  readonly usage: ModelUsage;
  readonly visitedHosts: readonly string[];
}

/** How an agent's run ended. `stopped`: by its signal; whoever gave it knows why. */
export type AgentOutcome =
  | ({ readonly outcome: "completed" } & FinalAnswer)
  | { readonly outcome: "failed"; readonly errorCode: AgentErrorCode; readonly error: string }
  | { readonly outcome: "stopped" };

/** What an agent did, and how it ended. Free of secrets. */
export type AgentRun = AgentRecord & AgentOutcome;

const wrongDataMax = 2; // handed back so often; the next ends the task
const malformedMax = 3; // answers in a row that cannot be acted on; the next ends the task
const lastQuestionsMax = 3;
const secretsMs = 5_000;
const writeMs = 30_000;

/**
 * Lets a model do a task with the page, one answer at a time; each answer is a step.
 *
 * At the step or token limit the model is asked a last time, with only `done` to call, and the run completes with what
 * there is. What a model says or a page does is never thrown; what `beforeActing` and `onStep` throw is.
 */
export async function runAgent(options: AgentOptions): Promise<AgentRun> {
  const { page, redactor, signal } = options;
  const usage = { inputTokens: 0, outputTokens: 0, modelCalls: 0 };
  const steps: StepSummary[] = [];
  const outcome = async (): Promise<AgentOutcome> => {
    try {
      return { outcome: "completed", ...(await work(options, usage, steps)) };
    } catch (error) {
      if (signal.aborted) return { outcome: "stopped" };
      if (!(error instanceof AgentFailure)) throw error;
      return { outcome: "failed", errorCode: error.code, error: redactor.text(error.message) };
    }
  };
  const ended = await outcome();
  return {
    totalSteps: steps.length,
    stepSummaries: steps,
    usage,
    visitedHosts: redactor.deep([...page.visitedHosts]),
    ...ended,
  };
}

/** Counts into `usage` and `steps` as it goes, so that both are there when it throws. */
async function work(options: AgentOptions, usage: ModelUsage, steps: StepSummary[]): Promise<FinalAnswer> {
  const { page, signal, redactor, startUrl, maxSteps, maxTokens, patience = modelPatience } = options;
  const { model } = options;
  const check = options.schema ? compile(options.schema) : null;
  const nonce = randomBytes(8).toString("hex");
  const history = createHistory(firstMessage(options, nonce, new Date()), nonce);
  const tools = { all: toolSet(options.tools, check !== null), last: toolSet([], check !== null) };
  let hasActed = false;
  let wrongData = 0;
  let malformed = 0;
  let nudged = false;

  async function ask(isLast: boolean): Promise<ModelAnswer> {
    const messages = redactor.deep(history.messages());
    const question = { model, instructions, messages, tools: isLast ? tools.last : tools.all, patience, signal };
    const answer = await callModel(question);
    usage.modelCalls += 1;
    usage.inputTokens += answer.inputTokens;
    usage.outputTokens += answer.outputTokens;
    if (answer.isRefusal) throw new AgentFailure("model_refused", "The model declined to do this task.");
    return answer;
  }

  async function act(answer: ModelAnswer, isLast: boolean): Promise<Turn> {
    const turn = await runCalls(answer.calls, {
      page,
      tools: isLast ? [] : options.tools,
      signal,
      judge: (input) => judgeDone(input, check, redactor),
      async beforeActing() {
        if (!hasActed) await within(options.beforeActing(), writeMs, signal);
        hasActed = true;
      },
    });
    if (answer.message) history.add(answer.message, turn.results);
    if (turn.isDataWrong) wrongData += 1;
    return turn;
  }

  /** Before anything that a page may have shown goes anywhere. */
  async function refreshSecrets(): Promise<void> {
    try {
      redactor.add(await within(options.secretsOf(), secretsMs, signal));
    } catch {
      signal.throwIfAborted();
      history.hideViews(); // nobody knows what is secret in them; of a browser that is gone there are none
    }
  }

  async function endStep({ type, msg, success }: Turn["step"]): Promise<void> {
    await refreshSecrets();
    const words = redactor.text(msg);
    const step = { n: steps.length + 1, type, msg: words.charAt(0).toUpperCase() + words.slice(1), success };
    steps.push(step);
    await within(options.onStep(step), writeMs, signal);
  }

  /** Answers in words alone: the first is asked for a call; a second is the result, unless data is wanted. */
  function hear(answer: ModelAnswer): FinalAnswer | null {
    const result = cutResult(redactor.text(answer.text));
    if (result && nudged && !check) return { result };
    if (!result || nudged) malformed += 1;
    nudged = true;
    if (answer.message) history.add(answer.message, []);
    history.tell(nudge);
    return null;
  }

  async function step(): Promise<FinalAnswer | null> {
    const answer = await ask(false);
    if (answer.calls.length === 0) {
      const final = hear(answer);
      await endStep(
        final
          ? { type: "extraction", msg: "answer", success: true }
          : { type: "planning", msg: "think", success: answer.text.trim() !== "" },
      );
      return final;
    }
    nudged = false;
    const turn = await act(answer, false);
    malformed = turn.isMalformed ? malformed + 1 : 0;
    await endStep(turn.step);
    if (wrongData > wrongDataMax) throw mismatch();
    return turn.final;
  }

  /** One step, however often it asks. */
  async function finish(): Promise<FinalAnswer> {
    history.tell(lastCall);
    const final = await lastAnswer();
    await endStep({ type: "extraction", msg: "answer with what there is", success: final !== null });
    if (!final) throw mismatch();
    return final;
  }

  async function lastAnswer(): Promise<FinalAnswer | null> {
    let words = "";
    for (let question = 0; question < lastQuestionsMax && wrongData <= wrongDataMax; question++) {
      const answer = await ask(true);
      const turn = answer.calls.length > 0 ? await act(answer, true) : null;
      if (turn?.final) return turn.final;
      words = cutResult(redactor.text(answer.text)) || words;
      if (words && !check) return { result: words };
      if (!turn) hear(answer);
    }
    return check ? null : { result: "The limit of steps or tokens was reached before the task was done." };
  }

  if (startUrl) {
    const { ok, text } = await within(page.navigate(startUrl), writeMs, signal);
    history.tell(ok ? "" : "The user's address could not be opened:", text);
  }
  await refreshSecrets();
  while (steps.length < maxSteps - 1 && usage.inputTokens + usage.outputTokens < (maxTokens ?? Infinity)) {
    const final = await step();
    if (final) return final;
    if (malformed > malformedMax)
      throw new AgentFailure("model_misbehaved", "The model gave answers that cannot be acted on, several in a row.");
  }
  return finish();
}

function compile(schema: object): SchemaCheck {
  try {
    return compileSchema(schema);
  } catch (error) {
    if (error instanceof SchemaError) throw new AgentFailure("schema_mismatch", error.message);
    throw error;
  }
}

function mismatch(): AgentFailure {
  return new AgentFailure(
    "schema_mismatch",
    "The model's answer did not conform to the schema, however often it was told.",
  );
}
