import { setTimeout as pause } from "node:timers/promises";
import {
  APICallError,
  type AssistantModelMessage,
  generateText,
  type LanguageModel,
  type ModelMessage,
  type ToolSet,
} from "ai";
import { AgentFailure } from "./agent-failure.ts";
import { TooLateError, within } from "./page/within.ts";
import { ReplayError } from "./replay-script.ts";

/** A model as the AI SDK's newest provider interface has it. */
export type AgentModel = Extract<LanguageModel, { specificationVersion: "v4" }>;

/** How long a model is waited for, and how it is asked again. */
export interface ModelPatience {
  /** For one answer. */
  readonly answerMs: number;
  /** How often it is asked again after a failure that may pass. */
  readonly retriesMax: number;
  /** The first pause between two attempts when the provider names none; doubles each time, with jitter. */
  readonly pauseMs: number;
  /** The longest pause, also when the provider asks for more. */
  readonly pauseMsMax: number;
}

/** What the worker uses: three further attempts, pauses of half a second to 30 s, a minute for an answer. */
export const modelPatience: ModelPatience = { answerMs: 60_000, retriesMax: 3, pauseMs: 500, pauseMsMax: 30_000 };

/** One tool call of an answer. */
export interface ModelCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  /** There is no such tool, or the input is no JSON. */
  readonly isMalformed: boolean;
}

/** One answer of a model. */
export interface ModelAnswer {
  readonly text: string;
  readonly calls: readonly ModelCall[];
  /** The answer as the next request repeats it; null when it is empty. */
  readonly message: AssistantModelMessage | null;
  readonly isRefusal: boolean;
  /** What the provider counted; 0 where it says nothing. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** One question to a model. */
export interface ModelQuestion {
  readonly model: AgentModel;
  readonly instructions: string;
  readonly messages: ModelMessage[];
  readonly tools: ToolSet;
  readonly patience: ModelPatience;
  readonly signal: AbortSignal;
}

const textKept = 4_000; // of what a model says beside its calls; it is sent again with each later request
const inputKept = 50_000;

/**
 * One answer, after as many attempts as the patience allows. The signal ends it at once, with the signal's reason.
 *
 * Errors: AgentFailure `model_unavailable`, or `model_misbehaved` when a replay script does not fit. The SDK's own errors
 * hold the whole prompt and the key's request: none is passed on, not even as a cause.
 */
export async function callModel(question: ModelQuestion): Promise<ModelAnswer> {
  const { patience, signal } = question;
  for (let attempt = 0; ; attempt++) {
    try {
      return await askOnce(question);
    } catch (error) {
      signal.throwIfAborted();
      const { failure, mayPass, pauseMs } = judge(error);
      if (!mayPass || attempt >= patience.retriesMax) throw failure;
      const backoffMs = patience.pauseMs * 2 ** attempt * (0.5 + Math.random());
      await pause(Math.min(pauseMs ?? backoffMs, patience.pauseMsMax), undefined, { signal });
    }
  }
}

async function askOnce({
  model,
  instructions,
  messages,
  tools,
  patience,
  signal,
}: ModelQuestion): Promise<ModelAnswer> {
  globalThis.AI_SDK_LOG_WARNINGS = false; // its warnings go to the console, with parts of what was sent
  const stop = new AbortController();
  try {
    const answer = generateText({
      model,
      instructions,
      messages,
      tools,
      maxRetries: 0,
      abortSignal: AbortSignal.any([signal, stop.signal]),
      telemetry: { isEnabled: false },
      providerOptions: { openai: { store: false } }, // nobody asked OpenAI to keep what an end-user's pages say
    });
    const result = await within(answer, patience.answerMs, signal);
    const calls = uniqueCalls(result.toolCalls);
    return {
      text: result.text,
      calls: calls.map(({ toolCallId, toolName, input, invalid }) => ({
        id: toolCallId,
        name: repeatableName(toolName),
        input,
        isMalformed: invalid === true,
      })),
      message: repeatable(result.response.messages, new Set(calls.map(({ toolCallId }) => toolCallId))),
      isRefusal: result.finishReason === "content-filter",
      inputTokens: result.usage.inputTokens ?? 0,
      outputTokens: result.usage.outputTokens ?? 0,
    };
  } finally {
    stop.abort();
  }
}

/** Local servers repeat ids; a call that cannot be answered by its own id is left out. */
function uniqueCalls<Call extends { toolCallId: string }>(calls: readonly Call[]): Call[] {
  return calls.filter(({ toolCallId }, at) => calls.findIndex((call) => call.toolCallId === toolCallId) === at);
}

/** What providers refuse to be sent back is left out, and with it what is longer than any use of it. */
function repeatable(messages: readonly ModelMessage[], callIds: Set<string>): AssistantModelMessage | null {
  const answer = messages.find((message) => message.role === "assistant");
  if (!answer || typeof answer.content === "string") return null;
  const content = answer.content.flatMap((part): Exclude<AssistantModelMessage["content"], string> => {
    if (part.type === "text") return part.text.trim() ? [{ ...part, text: part.text.slice(0, textKept) }] : [];
    if (part.type === "tool-call" && callIds.delete(part.toolCallId))
      return [{ ...part, toolName: repeatableName(part.toolName), input: repeatableInput(part.input) }];
    // Thoughts have to be given back only to who signed them.
    return part.type === "reasoning" && part.providerOptions ? [part] : [];
  });
  return content.length > 0 ? { role: "assistant", content } : null;
}

function repeatableName(name: string): string {
  return name.replace(/[^\w-]/g, "_").slice(0, 64) || "_";
}

function repeatableInput(input: unknown): unknown {
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  return isObject && JSON.stringify(input).length <= inputKept ? input : {};
}

interface Judgement {
  readonly failure: AgentFailure;
  readonly mayPass: boolean;
  readonly pauseMs?: number | undefined;
}

function judge(error: unknown): Judgement {
  const unavailable = (message: string) => new AgentFailure("model_unavailable", message);
  if (error instanceof ReplayError)
    return { failure: new AgentFailure("model_misbehaved", error.message), mayPass: false };
  if (error instanceof TooLateError)
    return { failure: unavailable("The model did not answer in time. Try again later."), mayPass: true };
  if (!APICallError.isInstance(error))
    return {
      failure: unavailable("The model's answer could not be read: it is not in the provider's form."),
      mayPass: true,
    };
  const { statusCode, responseHeaders } = error;
  if (statusCode === undefined)
    return {
      failure: unavailable("The model could not be reached, or the connection broke. Try again later."),
      mayPass: true,
    };
  if (statusCode < 400)
    return { failure: unavailable("The model's answer was cut off or is no JSON. Try again later."), mayPass: true };
  if (statusCode >= 500 || statusCode === 408 || statusCode === 409 || statusCode === 429)
    return {
      failure: unavailable(`The model's provider answers with status ${statusCode}. Try again later.`),
      mayPass: true,
      pauseMs: retryAfterMs(responseHeaders ?? {}),
    };
  const settings = "Whoever runs this server should check MODEL, MODEL_API_KEY and MODEL_BASE_URL.";
  return {
    failure: unavailable(`The model's provider refused the request with status ${statusCode}. ${settings}`),
    mayPass: false,
  };
}

/** RFC 9110, section 10.2.3: seconds or a date. OpenAI's milliseconds come first. */
function retryAfterMs(headers: Record<string, string>): number | undefined {
  const text = headers["retry-after"] ?? "";
  const candidates = [
    Number.parseFloat(headers["retry-after-ms"] ?? ""),
    Number.parseFloat(text) * 1_000,
    Date.parse(text) - Date.now(),
  ];
  return candidates.find((ms) => ms >= 0);
}
