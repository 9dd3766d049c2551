import type { StepSummary } from "@stablehand/contract";
import { createSinkSearch, type Hit } from "../../../packages/cli/src/leaktest/search/search-sink.ts";
import { runAgent } from "../../../packages/worker/src/agent/agent.ts";
import { openAgentPage } from "../../../packages/worker/src/agent/page/agent-page.ts";
import { tools } from "../../../packages/worker/src/agent/tools/tools.ts";
import type { SingleUseBrowser } from "../../../packages/worker/src/browser/launch.ts";
import { openCage } from "../../../packages/worker/src/cage/open-cage.ts";
import { createRedactor } from "../../../packages/worker/src/redact/redactor.ts";
import { seededRandom } from "../random.ts";
import { createRandomModel } from "./random-model.ts";
import { makeRandomPage } from "./random-page.ts";

/** What some random plays came to. */
export interface RandomPlays {
  readonly plays: number;
  /** Of all that went to the model, was told as a step, or is the end of a run. */
  readonly bytes: number;
  readonly modelCalls: number;
  /** How often the redactor removed something: that pages and models did show values. */
  readonly removed: number;
  /** With the seed that shows it again. */
  readonly hits: readonly (Hit & { readonly seed: number })[];
}

const values = {
  twitterAuthToken: "CANARY-a1f09c7be24d5530917ffae6621c0c8d41b7e09a",
  twitterCt0: "CANARY/ct0+9fQz7Lw2Xk5Vb8Nc3Mh6Jd1Gs4Tp0Ry==",
} as const;
const turnsMax = 3;
const pageSeconds = 20;

/**
 * Lets a random model loose on a random page, once for each seed, in one signed-in context of a real Chromium, and searches
 * all that came out for the cookies' values, with a search that shares nothing with the redactor.
 */
export async function playRandom(browser: SingleUseBrowser, seeds: Iterable<number>): Promise<RandomPlays> {
  const { context } = await openCage(browser, { values });
  const marker = { name: "marker", value: "markerthatisnosecret" };
  const search = createSinkSearch(
    Object.entries(values).map(([name, value]) => ({ name, value })),
    marker,
  );
  let html = "";
  await context.route("https://x.com/**", (route) =>
    route.fulfill({ contentType: "text/html; charset=utf-8", body: html }),
  );
  const total = { plays: 0, bytes: 0, modelCalls: 0, removed: 0 };
  const hits: RandomPlays["hits"][number][] = [];
  try {
    for (const seed of seeds) {
      const random = seededRandom(seed);
      html = makeRandomPage(Object.values(values), random);
      const { model, requests } = createRandomModel(Object.values(values), random.integer(0, turnsMax), random);
      const signal = AbortSignal.timeout(pageSeconds * 1_000);
      const page = await openAgentPage(context, { viewTokensMax: 200 + random.integer(0, 5_999), signal });
      const redactor = createRedactor(Object.entries(values).map(([field, value]) => ({ field, value })));
      const steps: StepSummary[] = [];
      const run = await runAgent({
        task: `Read the page, ${marker.value}`,
        startUrl: "https://x.com/random/",
        ...(random.chance(0.5) && { schema: { type: "object" } }),
        maxSteps: turnsMax + 2,
        maxTokens: null,
        model,
        patience: { answerMs: 5_000, retriesMax: 0, pauseMs: 1, pauseMsMax: 1 },
        page,
        tools,
        signal,
        redactor,
        secretsOf: async () => (await context.cookies()).map(({ value }) => value),
        beforeActing: async () => undefined,
        onStep: async (step) => void steps.push(step),
      });
      const dump = redactor.text(await page.html());
      await page.close();
      const sinks = [...requests, JSON.stringify(steps), JSON.stringify(run), dump];
      const report = await search({
        name: `seed ${seed}`,
        parts: sinks.map((text, at) => ({ where: `${at} of ${sinks.length}`, bytes: Buffer.from(text) })),
        isText: true,
      });
      if (report.markerFound.length === 0) throw new Error(`the search of seed ${seed} was blind`);
      hits.push(...report.hits.map((hit) => ({ ...hit, seed })));
      total.plays += 1;
      total.bytes += report.bytes;
      total.modelCalls += requests.length;
      total.removed += redactor.hits;
    }
    return { ...total, hits };
  } finally {
    await context.close();
  }
}
