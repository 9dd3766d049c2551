import type { StepSummary } from "@stablehand/contract";
import { z } from "zod";
import type { ModelCall } from "./call-model.ts";
import type { FinalAnswer, Rejection } from "./final-answer.ts";
import type { CallResult } from "./history.ts";
import type { AgentPage } from "./page/agent-page.ts";
import { TooLateError, within } from "./page/within.ts";
import type { Observation, Tool } from "./tools/tool.ts";

/** What the calls of one answer may use. */
export interface Hands {
  readonly page: AgentPage;
  readonly tools: readonly Tool[];
  readonly signal: AbortSignal;
  /** Takes or rejects what the model gives as its answer. */
  judge(input: unknown): FinalAnswer | Rejection;
  /** Awaited before each tool that may change something on a site. */
  beforeActing(): Promise<void>;
}

/** What the calls of one answer came to. */
export interface Turn {
  readonly results: readonly CallResult[];
  /** The model's answer to the task, if it was given and taken. */
  readonly final: FinalAnswer | null;
  /** Not one call could be acted on. */
  readonly isMalformed: boolean;
  /** Data was given that does not conform. */
  readonly isDataWrong: boolean;
  readonly step: Pick<StepSummary, "type" | "msg" | "success">;
}

const callsMax = 8;
const toolMs = 60_000; // a tool bounds itself; this is for one that does not

interface Outcome extends Pick<CallResult, "note" | "view" | "isWhole"> {
  readonly ok: boolean;
  readonly said?: string;
  readonly final?: FinalAnswer;
  readonly isMalformed?: boolean;
  readonly isDataWrong?: boolean;
}

/**
 * Does the calls of one answer in their order, one at a time.
 *
 * The rest is not done after a call that failed, that led to another page, or that finished the task: it was meant for
 * the page as it was. Also not done are those after the eighth.
 */
export async function runCalls(calls: readonly ModelCall[], hands: Hands): Promise<Turn> {
  const isFirstPage = hands.page.url === "";
  const results: CallResult[] = [];
  const outcomes: Outcome[] = [];
  let obstacle: string | null = null;
  for (const call of calls) {
    if (outcomes.length === callsMax) obstacle ??= `Not done: at most ${callsMax} calls at once.`;
    if (obstacle !== null) {
      results.push({ id: call.id, name: call.name, note: obstacle });
      continue;
    }
    const before = hands.page.url;
    const outcome = await runCall(call, hands);
    outcomes.push(outcome);
    const { note, view, isWhole } = outcome;
    results.push({
      id: call.id,
      name: call.name,
      note,
      ...(view === undefined ? {} : { view, isWhole: isWhole ?? false }),
    });
    if (!outcome.ok) obstacle = "Not done, because the call before it failed.";
    else if (outcome.final) obstacle = "Not done, because the task is finished.";
    else if (hands.page.url !== before) obstacle = "Not done, because the page changed before: look at it first.";
  }
  const isDone = calls.some(({ name }) => name === "done");
  const isNavigation = calls.some(({ name }) => name === "navigate");
  return {
    results,
    final: outcomes.find(({ final }) => final)?.final ?? null,
    isMalformed: outcomes.every((outcome) => outcome.isMalformed),
    isDataWrong: outcomes.some((outcome) => outcome.isDataWrong),
    step: {
      type: isDone ? "extraction" : isFirstPage && isNavigation ? "discovery" : "execution",
      msg: outcomes.map(({ said }) => said ?? "call a tool wrongly").join(", "),
      success: outcomes.every(({ ok }) => ok),
    },
  };
}

async function runCall(call: ModelCall, hands: Hands): Promise<Outcome> {
  const tool = hands.tools.find(({ name }) => name === call.name);
  if (call.name !== "done" && !tool)
    return malformed(`There is no tool ${JSON.stringify(call.name.slice(0, 50))} now.`);
  if (call.isMalformed) return malformed("Not done: the input is no JSON, or was cut off.");
  if (!tool) return finish(call.input, hands);
  const parsed = tool.inputSchema.safeParse(call.input);
  if (!parsed.success) return malformed(`Not done: ${z.prettifyError(parsed.error).slice(0, 1_000)}`);
  if (tool.acts) await hands.beforeActing();
  const { ok, text } = await observe(tool.handle(hands.page, parsed.data), hands.signal);
  return {
    ok,
    note: ok ? "" : "Not done:",
    view: text,
    isWhole: ok && isWhole(tool.name, text),
    said: tool.describe(parsed.data),
  };
}

async function observe(handled: Promise<Observation>, signal: AbortSignal): Promise<Observation> {
  try {
    return await within(handled, toolMs, signal);
  } catch (error) {
    if (error instanceof TooLateError) return { ok: false, text: "It took too long." };
    throw error;
  }
}

function finish(input: unknown, hands: Hands): Outcome {
  const verdict = hands.judge(input);
  if ("result" in verdict) return { ok: true, note: "Finished.", said: "answer", final: verdict };
  const { problem, isDataWrong } = verdict;
  const note = `Not finished, call done again:\n${problem}`;
  return { ok: false, note, said: "answer in a form that was not asked for", isDataWrong, isMalformed: !isDataWrong };
}

function malformed(note: string): Outcome {
  return { ok: false, note, isMalformed: true };
}

/**
 * Whether a view needs no earlier one: it names its page, and is neither a part of it nor tells of a change only.
 *
 * Says no when in doubt, which keeps a view longer than needed.
 */
function isWhole(tool: string, text: string): boolean {
  const isPart = tool === "read" || tool === "find" || /^(?:[+-] |! Nothing )/m.test(text);
  return !isPart && /^! https?:\/\/\S+ "/m.test(text);
}
