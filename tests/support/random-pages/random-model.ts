import type { AgentModel } from "../../../packages/worker/src/agent/call-model.ts";
import type { Random } from "../random.ts";
import { say } from "./random-page.ts";

/** A model that does anything: it repeats what it has seen, writes values down as if it knew them, and keeps each request. */
export interface RandomModel {
  readonly model: AgentModel;
  /** Every request, as a provider would get it. */
  readonly requests: readonly string[];
}

/** Answers `turns` times with some call, and then with `done`. */
export function createRandomModel(values: readonly string[], turns: number, random: Random): RandomModel {
  const requests: string[] = [];
  const model: AgentModel = {
    specificationVersion: "v4",
    provider: "random",
    modelId: "random",
    supportedUrls: {},
    async doGenerate({ prompt }) {
      const seen = JSON.stringify(prompt);
      requests.push(seen);
      const [toolName, input] = requests.length > turns ? answer(seen) : random.pick(calls)(seen);
      const toolCallId = `call-${requests.length}`;
      return {
        content: [
          ...(random.chance(0.3) ? [{ type: "text" as const, text: say(values, random) }] : []),
          { type: "tool-call", toolCallId, toolName, input: JSON.stringify(input) },
        ],
        finishReason: { unified: "tool-calls", raw: undefined },
        usage: {
          inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 1, text: 1, reasoning: 0 },
        },
        warnings: [],
      };
    },
    doStream: () => Promise.reject(new Error("this model does not stream")),
  };

  type Call = readonly [tool: string, input: unknown];
  const repeated = (seen: string) => seen.slice(random.integer(0, seen.length - 1)).slice(0, 400);
  const refIn = (seen: string) => Number(random.pick([...seen.matchAll(/\[(\d+)\] (?:button|link|field)/g)])?.[1] ?? 1);
  const answer = (seen: string): Call => [
    "done",
    {
      result: say(values, random),
      data: { said: say(values, random), [say(values, random)]: 1, seen: repeated(seen) },
    },
  ];
  const calls: readonly ((seen: string) => Call)[] = [
    () => ["find", { text: say(values, random) }],
    () => ["find", { text: "the" }],
    () => ["read", {}],
    () => ["scroll", { direction: "down" }],
    (seen) => ["click", { ref: refIn(seen), agree: random.chance(0.5) }],
    (seen) => ["type", { ref: refIn(seen), text: say(values, random) }],
    (seen) => ["select", { ref: refIn(seen), option: say(values, random) }],
    () => ["navigate", { url: `https://x.com/random/${encodeURIComponent(say(values, random))}` }],
    () => ["navigate", { url: say(values, random) }],
    () => ["press", { key: say(values, random) }],
    () => [say(values, random), {}],
    (seen) => ["click", { nonsense: repeated(seen) }],
    (seen) => answer(seen),
  ];
  return { model, requests };
}
