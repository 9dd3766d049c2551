import { expect, test } from "vitest";
import { play } from "../../../../tests/support/fake-model/play.ts";
import type { AgentOptions } from "./agent.ts";
import { openReplay } from "./replay.ts";
import type { ReplayScript } from "./replay-script.ts";
import type { Tool } from "./tools/tool.ts";
import { tools } from "./tools/tools.ts";

const home = { tool: "navigate", input: { url: "https://x.com/home" } };
const feed = "https://x.com/feed";
const posts = "[4] link Ann\nAnn · First post · 1,200 likes\n[5] link Ben\nBen · Second post · 7 likes";

function turns(
  ...all: { text?: string; calls?: { tool: string; input: Record<string, unknown> }[] }[]
): ReplayScript["turns"] {
  // As the file's schema reads them.
  return all.map(({ calls = [], ...rest }) => ({ calls, ...rest })) as ReplayScript["turns"];
}

async function replay(scripts: readonly ReplayScript[], options: Partial<AgentOptions> = {}) {
  const { run, page } = await play([], { model: openReplay(scripts, "test"), ...options });
  return { run: await run, page };
}

test("a script is played to its end, and what it cost is counted", async () => {
  const script = turns({ calls: [home] }, { calls: [{ tool: "done", input: { result: "Read." } }] });
  const { run } = await replay([
    { turns: script.map((turn) => ({ ...turn, usage: { inputTokens: 7, outputTokens: 3 } })) },
  ]);
  expect(run).toMatchObject({
    outcome: "completed",
    result: "Read.",
    usage: { inputTokens: 14, outputTokens: 6, modelCalls: 2 },
  });
});

test("without a stated cost, a token for every four characters of the request is counted", async () => {
  const { run } = await replay([{ turns: turns({ calls: [{ tool: "done", input: { result: "Read." } }] }) }]);
  expect(run.usage.inputTokens).toBeGreaterThan(200);
});

test("the first script whose expression is found in the task's text is played, and not by what an earlier turn said", async () => {
  const say = (result: string) => turns({ calls: [{ tool: "done", input: { result } }] });
  const scripts = [
    { when: "\\bPOST\\b", turns: say("posts") },
    { when: "read", turns: say("reads") },
    { turns: say("else") },
  ];
  const previousContext = "a post";
  expect((await replay(scripts, { task: "Write a post", previousContext })).run).toMatchObject({ result: "posts" });
  expect((await replay(scripts, { task: "Read it", previousContext })).run).toMatchObject({ result: "reads" });
  expect((await replay(scripts, { task: "Look", previousContext })).run).toMatchObject({ result: "else" });
});

test("one model serves tasks at once, each with its own place in the script", async () => {
  const model = openReplay(
    [{ turns: turns({ calls: [home] }, { calls: [{ tool: "done", input: { result: "Read." } }] }) }],
    "test",
  );
  const runs = await Promise.all([1, 2, 3].map(async () => (await play([], { model })).run));
  expect(runs.map(({ outcome, totalSteps }) => [outcome, totalSteps])).toEqual(Array(3).fill(["completed", 2]));
});

test("a target named by its text is the ref before it", async () => {
  const clicked: unknown[] = [];
  const click: Tool = {
    ...(tools.find(({ name }) => name === "click") ?? expect.unreachable()),
    async handle(_, input) {
      clicked.push(input);
      return { ok: true, text: "" };
    },
  };
  await replay(
    [
      {
        turns: turns(
          { calls: [home] },
          { calls: [{ tool: "click", input: { ref: { find: "button Post" } } }] },
          { calls: [{ tool: "done", input: { result: "Yes" } }] },
        ),
      },
    ],
    { tools: [...tools.filter(({ name }) => name !== "click"), click] },
  );
  expect(clicked).toEqual([{ ref: 2 }]);
});

test("what the page shows is collected into the answer, as objects, texts or one text", async () => {
  const read: Tool = {
    ...(tools.find(({ name }) => name === "read") ?? expect.unreachable()),
    handle: async () => ({ ok: true, text: posts }),
  };
  const data = {
    posts: { collect: "^(?<author>\\w+) · (?<text>.*) · (?<likes>[\\d,]+) likes$", numbers: ["likes"] },
    names: { collect: "link (\\w+)" },
    first: { collect: "link (\\w+)", first: true },
  };
  const { run } = await replay(
    [
      {
        turns: turns(
          { calls: [{ tool: "read", input: {} }] },
          { calls: [{ tool: "done", input: { result: "Two.", data } }] },
        ),
      },
    ],
    { tools: [read], schema: { type: "object" } },
  );
  expect(run).toMatchObject({
    structuredContent: {
      posts: [
        { author: "Ann", text: "First post", likes: 1200 },
        { author: "Ben", text: "Second post", likes: 7 },
      ],
      names: ["Ann", "Ben"],
      first: "Ann",
    },
  });
});

test.each<[string, ReplayScript, RegExp]>([
  ["has too few turns", { turns: turns({ calls: [home] }) }, /has 1 turns, and the task needs one more/],
  ["is for other tasks", { when: "shopping", turns: turns({ calls: [home] }) }, /No replay script fits this task/],
  [
    "looks for what is not there",
    { turns: turns({ calls: [{ tool: "click", input: { ref: { find: "button Buy" } } }] }) },
    /looks for "button Buy"/,
  ],
  [
    "collects what is not there",
    { turns: turns({ calls: [{ tool: "done", input: { result: { collect: "price", first: true } } }] }) },
    /\/price\/, which no view matches/,
  ],
  [
    "collects with a broken expression",
    { turns: turns({ calls: [{ tool: "done", input: { result: { collect: "(" } } }] }) },
    /no regular expression/,
  ],
])("a script that %s fails the task with words that say so", async (_, script, says) => {
  const { run } = await replay([script], { startUrl: feed, task: "Say the price of button Buy" });
  expect(run).toMatchObject({ outcome: "failed", errorCode: "model_misbehaved", error: expect.stringMatching(says) });
});
