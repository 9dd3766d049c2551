import type { StepSummary } from "@stablehand/contract";
import { onTestFinished } from "vitest";
import { type AgentOptions, type AgentRun, runAgent } from "../../../packages/worker/src/agent/agent.ts";
import { openModel } from "../../../packages/worker/src/agent/model.ts";
import { tools } from "../../../packages/worker/src/agent/tools/tools.ts";
import { createRedactor } from "../../../packages/worker/src/redact/redactor.ts";
import { type FakeAnswer, type FakeModel, startFakeModel } from "./fake-model.ts";
import { type FakePage, openFakePage } from "./fake-page.ts";

/** What the fake page shows as a token of the signed-in user; the agent of `play` knows it as a secret. */
export const canary = "canary-5f0c9a7e2b";

/** What `play` shows unless it is given a page. */
const site = {
  "https://x.com/home": '! https://x.com/home "Home"\n[1] link Post one [2] button Post',
  "https://x.com/token": `! https://x.com/token "Token"\nYour token is ${canary}\n[3] link Back home`,
};

/** A run that is over, or under way. */
export interface Play {
  readonly run: Promise<AgentRun>;
  readonly model: FakeModel;
  readonly page: FakePage;
  /** As `onStep` was told. */
  readonly steps: readonly StepSummary[];
}

/** Starts an agent with the fake model, the real provider's code and, unless told otherwise, a fake page. */
export async function play(
  script: Parameters<typeof startFakeModel>[0],
  options: Partial<AgentOptions> = {},
): Promise<Play> {
  const model = await startFakeModel(script);
  onTestFinished(() => model.stop());
  const page = openFakePage(site);
  const steps: StepSummary[] = [];
  const run = runAgent({
    task: "Read the newest post",
    maxSteps: 25,
    maxTokens: null,
    model: openModel({ provider: "openai-compatible", id: "fake", apiKey: null, baseUrl: model.baseUrl }),
    page,
    tools,
    signal: new AbortController().signal,
    redactor: createRedactor([canary]),
    secretsOf: async () => [],
    beforeActing: async () => undefined,
    onStep: async (step) => void steps.push(step),
    patience: { answerMs: 5_000, retriesMax: 3, pauseMs: 1, pauseMsMax: 50 },
    ...options,
  });
  return { run, model, page, steps };
}

/** An answer that is one tool call. */
export function call(name: string, input: unknown = {}): FakeAnswer {
  return { calls: [{ name, input }] };
}

/** An answer that opens an address. */
export function open(url = "https://x.com/home"): FakeAnswer {
  return call("navigate", { url });
}

/** An answer that ends the task. */
export function done(result = "It is read.", data?: unknown): FakeAnswer {
  return call("done", data === undefined ? { result } : { result, data });
}
