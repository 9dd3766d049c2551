import { randomUUID } from "node:crypto";
import type { AgentModel } from "./call-model.ts";
import { ReplayError, type ReplayScript, type ReplayTurn } from "./replay-script.ts";

type Request = Parameters<AgentModel["doGenerate"]>[0];
type Answer = Awaited<ReturnType<AgentModel["doGenerate"]>>;

/**
 * A model that answers from scripts: no thinking, but everything else of a task is real.
 *
 * The first script whose `when` is found in the task's text gives the answers; the turn is the number of answers that the
 * conversation already holds, so one model serves any number of tasks at once. It sees what any model is sent, and
 * nothing else. What a script cannot know beforehand it takes from there, except from the task, in the input of a call:
 * - `{"find": "button Post"}` is the ref before this text, in the newest view that has it;
 * - `{"collect": "^(\\S+) · (.*)$"}` is all that the expression captures in the newest view where it matches, as a list:
 *   of objects if its groups are named, else of the first group's texts, or of whole matches. Flags are `gmu`.
 *   `"numbers": ["likes"]` makes those fields numbers; `"first": true` takes the first match instead of the list.
 * `usage` is what the answer is said to have cost; without it, a token for every four characters.
 *
 * Errors (of a call): ReplayError when no script fits, a script has no turn left, or nothing is found.
 */
export function openReplay(scripts: readonly ReplayScript[], name: string): AgentModel {
  return {
    specificationVersion: "v4",
    provider: "replay",
    modelId: name,
    supportedUrls: {},
    doGenerate: async (request) => answer(scripts, request),
    doStream: () => Promise.reject(new ReplayError("a replay script does not stream")),
  };
}

function answer(scripts: readonly ReplayScript[], { prompt }: Request): Answer {
  const at = prompt.filter(({ role }) => role === "assistant").length;
  const [first, ...later] = prompt.filter(({ role }) => role === "user" || role === "tool").map(textsOf);
  const turn = turnOf(scripts, first?.at(-1) ?? "", at);
  const views = [...(first?.slice(0, -1) ?? []), ...later.flat()].reverse();
  const content: Answer["content"] = turn.text === undefined ? [] : [{ type: "text", text: turn.text }];
  for (const { tool, input } of turn.calls) {
    const resolved = JSON.stringify(resolve(input, views, at + 1));
    content.push({ type: "tool-call", toolCallId: randomUUID(), toolName: tool, input: resolved });
  }
  const { inputTokens, outputTokens } = turn.usage ?? {
    inputTokens: Math.ceil(JSON.stringify(prompt).length / 4),
    outputTokens: Math.ceil(JSON.stringify(content).length / 4),
  };
  return {
    content,
    finishReason: { unified: turn.calls.length > 0 ? "tool-calls" : "stop", raw: undefined },
    usage: {
      inputTokens: { total: inputTokens, noCache: inputTokens, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: outputTokens, text: outputTokens, reasoning: 0 },
    },
    warnings: [],
  };
}

function turnOf(scripts: readonly ReplayScript[], task: string, at: number): ReplayTurn {
  const script = scripts.find(({ when }) => when === undefined || new RegExp(when, "imu").test(task));
  if (!script) throw new ReplayError("No replay script fits this task: give one of them a `when` that does, or none.");
  const turn = script.turns[at];
  if (!turn) throw new ReplayError(`The replay script has ${script.turns.length} turns, and the task needs one more.`);
  return turn;
}

function textsOf({ content }: Request["prompt"][number]): string[] {
  if (typeof content === "string") return [];
  return content.flatMap((part) => {
    if (part.type === "text") return [part.text];
    return part.type === "tool-result" && part.output.type === "text" ? [part.output.value] : [];
  });
}

function resolve(value: unknown, views: readonly string[], turn: number): unknown {
  if (Array.isArray(value)) return value.map((one) => resolve(one, views, turn));
  if (typeof value !== "object" || value === null) return value;
  const { find, collect, numbers, first, ...others } = Object.fromEntries(Object.entries(value));
  if (Object.keys(others).length === 0) {
    if (typeof find === "string") return findRef(find, views, turn);
    if (typeof collect === "string") {
      const found = collectAll(collect, Array.isArray(numbers) ? numbers : [], views, turn);
      return first === true ? found[0] : found;
    }
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one, views, turn)]));
}

function findRef(text: string, views: readonly string[], turn: number): number {
  for (const line of views.flatMap((view) => view.split("\n"))) {
    const at = line.indexOf(text);
    const ref = at < 0 ? undefined : [...line.slice(0, at + text.length).matchAll(/\[(\d+)\]/g)].at(-1)?.[1];
    if (ref !== undefined) return Number(ref);
  }
  throw new ReplayError(`Turn ${turn} of the replay script looks for "${text}", which no view shows with a ref.`);
}

function collectAll(source: string, numbers: readonly unknown[], views: readonly string[], turn: number): unknown[] {
  let expression: RegExp;
  try {
    expression = new RegExp(source, "gmu");
  } catch {
    throw new ReplayError(`Turn ${turn} of the replay script collects /${source}/, which is no regular expression.`);
  }
  const found = views.map((view) => [...view.matchAll(expression)]).find((matches) => matches.length > 0);
  if (!found) throw new ReplayError(`Turn ${turn} of the replay script collects /${source}/, which no view matches.`);
  return found.map((match) => {
    if (!match.groups) return match[1] ?? match[0];
    const fields = Object.entries(match.groups).map(([name, text]) => [
      name,
      numbers.includes(name) ? Number(text?.replaceAll(",", "")) : text,
    ]);
    return Object.fromEntries(fields);
  });
}
