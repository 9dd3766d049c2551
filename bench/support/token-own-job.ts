import { runAgent } from "../../packages/worker/src/agent/agent.ts";
import { openModel } from "../../packages/worker/src/agent/model.ts";
import { openAgentPage } from "../../packages/worker/src/agent/page/agent-page.ts";
import { tools } from "../../packages/worker/src/agent/tools/tools.ts";
import { createRedactor } from "../../packages/worker/src/redact/redactor.ts";
import { type FakeAnswer, startFakeModel } from "../../tests/support/fake-model/fake-model.ts";
import { articlePassage } from "../pages/article-page.ts";
import { thirdPostTitle } from "../pages/list-page.ts";
import { tokensOf } from "./token-count.ts";
import { handbookLink, type JobCost, jobEmail, jobName, jobText, passageWords } from "./token-job.ts";
import type { BrowserContext } from "./token-playwright.ts";
import type { TokenSite } from "./token-site.ts";
import { viewTokensMax } from "./token-view.ts";

/** The same job by our agent as a worker runs it, with a model that never errs and keeps each request it was sent. */
export async function ownJob(context: BrowserContext, site: TokenSite): Promise<JobCost> {
  const actions: ((body: string) => FakeAnswer)[] = [
    () => call("navigate", { url: site.urlOf("list") }),
    (body) => call("click", { ref: refIn(body, thirdPostTitle) }),
    (body) => call("type", { ref: refIn(body, "field Email *"), text: jobEmail }),
    (body) => call("type", { ref: refIn(body, "field Full name *"), text: jobName, submit: true }),
    (body) => call("click", { ref: refIn(body, handbookLink) }),
    () => call("find", { text: passageWords }),
    (body) => {
      if (!body.includes(articlePassage)) throw new Error("the passage is not in what our agent's tools answered");
      return call("done", { result: articlePassage });
    },
  ];
  const model = await startFakeModel(({ body }, at) => actions[at]?.(body) ?? { status: 400 });
  const signal = AbortSignal.timeout(jobMs);
  const page = await openAgentPage(context, { viewTokensMax, signal });
  try {
    const run = await runAgent({
      task: jobText(site),
      maxSteps: 25,
      maxTokens: null,
      model: openModel({ provider: "openai-compatible", id: "fake", apiKey: null, baseUrl: model.baseUrl }),
      page,
      tools,
      signal,
      redactor: createRedactor([]),
      secretsOf: async () => [],
      beforeActing: async () => undefined,
      onStep: async () => undefined,
    });
    if (run.outcome !== "completed" || run.stepSummaries.some(({ success }) => !success))
      throw new Error(`our agent did not do the job: ${JSON.stringify(run)}`);
    return { who: "Stablehand", requests: model.requests.map(({ body }) => tokensOf(body)) };
  } finally {
    await page.close();
    await model.stop();
  }
}

const jobMs = 60_000;

function call(name: string, input: object): FakeAnswer {
  return { calls: [{ name, input }] };
}

/** The newest ref that stands before these words. */
function refIn(body: string, words: string): number {
  const at = body.lastIndexOf(`] ${words}`);
  const ref = Number(body.slice(body.lastIndexOf("[", at) + 1, at));
  if (at < 0 || !ref) throw new Error(`our view has no ref for "${words}"`);
  return ref;
}
