import { expect, test, vi } from "vitest";
import { type FakeAnswer, startFakeModel } from "../../../../tests/support/fake-model/fake-model.ts";
import { call, canary, done, open, play } from "../../../../tests/support/fake-model/play.ts";
import type { AgentModel } from "./call-model.ts";
import { openModel } from "./model.ts";
import { openReplay } from "./replay.ts";

const quick = { answerMs: 500, retriesMax: 3, pauseMs: 1, pauseMsMax: 50 };

test.each<[string, FakeAnswer]>([
  ["an answer that is cut off", { cut: true }],
  ["an answer that never comes", { hang: true }],
  ["status 500", { status: 500 }],
  ["status 503 with a date in the past", { status: 503, headers: { "retry-after": "Mon, 01 Jan 2024 00:00:00 GMT" } }],
  ["status 429 with retry-after", { status: 429, headers: { "retry-after": "0.01" } }],
  ["an answer that is no JSON", { body: "<html>Bad gateway</html>" }],
  ["JSON of another form", { body: '{"choices":"none"}' }],
  ["an answer without a choice", { body: '{"choices":[]}' }],
])("%s is asked for again, and the task goes on", async (_, fault) => {
  const { run, model } = await play([fault, open(), fault, fault, done()], { patience: quick });
  expect(await run).toMatchObject({ outcome: "completed", totalSteps: 2, usage: { modelCalls: 2 } });
  expect(model.requests).toHaveLength(5);
});

test.each<[string, FakeAnswer, RegExp]>([
  ["cut off", { cut: true }, /cut off|connection broke/],
  ["never come", { hang: true }, /did not answer in time/],
  ["are status 500", { status: 500 }, /status 500/],
  ["are status 429", { status: 429, headers: { "retry-after-ms": "1" } }, /status 429/],
  ["are of another form", { body: "{}" }, /could not be read|no JSON/],
])("answers that %s four times in a row fail the task as model_unavailable", async (_, fault, says) => {
  const { run, model } = await play((_, at) => (at === 0 ? open() : fault), { patience: quick });
  expect(await run).toMatchObject({
    outcome: "failed",
    errorCode: "model_unavailable",
    error: expect.stringMatching(says),
    totalSteps: 1,
    usage: { modelCalls: 1 },
    visitedHosts: ["x.com"],
  });
  expect(model.requests).toHaveLength(5);
});

test("a request that was not answered in time is dropped", async () => {
  const { run, model } = await play([{ hang: true }], { patience: { ...quick, retriesMax: 0 } });
  expect(await run).toMatchObject({ errorCode: "model_unavailable" });
  await model.requests[0]?.aborted;
});

test("a server that is not there is model_unavailable", async () => {
  const gone = await startFakeModel([]);
  await gone.stop();
  const model = openModel({ provider: "openai-compatible", id: "fake", apiKey: null, baseUrl: gone.baseUrl });
  const { run } = await play([], { model, patience: quick });
  expect(await run).toMatchObject({
    errorCode: "model_unavailable",
    error: expect.stringContaining("could not be reached"),
  });
});

test("the provider's word on when to try again is kept, up to the longest pause", async () => {
  const { run, model } = await play([{ status: 429, headers: { "retry-after": "86400" } }, done()], {
    patience: { answerMs: 5_000, retriesMax: 1, pauseMs: 1, pauseMsMax: 30 },
  });
  expect(await run).toMatchObject({ outcome: "completed" });
  expect(model.requests).toHaveLength(2);
});

test("the provider's word on when to try again is kept, however long the pause would be", async () => {
  const slow = { answerMs: 5_000, retriesMax: 1, pauseMs: 60_000, pauseMsMax: 60_000 };
  const garbled = { "retry-after-ms": "no number", "retry-after": "0" };
  for (const headers of [{ "retry-after": "0" }, { "retry-after-ms": "1" }, garbled]) {
    const { run } = await play([{ status: 429, headers }, done()], { patience: slow });
    expect(await run).toMatchObject({ outcome: "completed" });
  }
});

test.each([400, 401, 403, 404, 422])(
  "status %i is not asked again, and says which settings to look at",
  async (status) => {
    const { run, model } = await play(() => ({ status }));
    expect(await run).toMatchObject({
      outcome: "failed",
      errorCode: "model_unavailable",
      error: expect.stringMatching(new RegExp(`status ${status}.*MODEL_API_KEY`)),
    });
    expect(model.requests).toHaveLength(1);
  },
);

test.each<[string, FakeAnswer]>([
  ["in the refusal field", { refusal: "I cannot help with that." }],
  ["by the provider's filter", { filtered: true }],
])("a refusal %s ends the task as model_refused, at once", async (_, refusal) => {
  const { run, model } = await play([open(), refusal]);
  expect(await run).toMatchObject({ outcome: "failed", errorCode: "model_refused", totalSteps: 1 });
  expect(model.requests).toHaveLength(2);
});

test("a refusal in words is the result", async () => {
  const { run } = await play(() => ({ text: "I will not do that." }));
  expect(await run).toMatchObject({ outcome: "completed", result: "I will not do that." });
});

test.each<[string, FakeAnswer, string]>([
  ["of a tool that does not exist", call("evaluate", { script: "1" }), "There is no tool"],
  ["whose input is no JSON", call("click", '{"ref": 2'), "no JSON"],
  ["whose input is of another type", call("click", { ref: "two" }), "ref"],
  ["with a property too many", call("click", { ref: 2, force: true }), "force"],
  ["that is an array", call("click", "[]"), "Not done"],
  ["of done without a result", call("done", {}), "result"],
  ["of done with an empty result", call("done", { result: " " }), "result is empty"],
  ["of done whose input is no JSON", call("done", "{"), "no JSON"],
  ["of a name that every object has", call("toString"), "There is no tool"],
])("a call %s is told to the model, which can do better", async (_, malformed, says) => {
  const { run, model, page } = await play([open(), malformed, malformed, malformed, done()]);
  expect(await run).toMatchObject({ outcome: "completed", totalSteps: 5 });
  expect(JSON.parse(model.requests[2]?.body ?? "").messages.at(-1).content).toContain(says);
  expect(page.done).toEqual(["navigate https://x.com/home"]);
});

test("the fourth malformed answer in a row fails the task as model_misbehaved", async () => {
  const { run, model, steps } = await play((_, at) => (at === 0 ? open() : call("no-such-tool")));
  expect(await run).toMatchObject({
    outcome: "failed",
    errorCode: "model_misbehaved",
    totalSteps: 5,
    usage: { modelCalls: 5 },
  });
  expect(model.requests).toHaveLength(5);
  expect(steps.map(({ success }) => success)).toEqual([true, false, false, false, false]);
});

test("empty answers fail the task, and are never repeated to the model", async () => {
  const { run, model } = await play(() => ({}));
  expect(await run).toMatchObject({ outcome: "failed", errorCode: "model_misbehaved" });
  const { messages } = JSON.parse(model.requests.at(-1)?.body ?? "");
  expect(messages.map(({ role }: { role: string }) => role)).not.toContain("assistant");
});

test("calls with the same id are done once, and answered once", async () => {
  const find = { name: "find", input: { text: "Post" }, id: "same" };
  const { run, page, model } = await play([{ calls: [find, find] }, done()]);
  expect(await run).toMatchObject({ outcome: "completed" });
  expect(page.done).toEqual(["find Post"]);
  expect(model.requests[1]?.body.match(/"tool_call_id":"same"/g)).toHaveLength(1);
});

test("what a provider would refuse to be sent back is made harmless", async () => {
  const strange = [
    { name: "no such tool!", input: {} },
    { name: "click", input: '"text"' },
    { name: "type", input: { ref: 1, text: "x".repeat(60_000) } },
  ];
  const answers = strange.map((one) => ({ text: " ", calls: [one] }));
  const { run, model } = await play([...answers, done()]);
  expect(await run).toMatchObject({ outcome: "completed", totalSteps: 4 });
  const { messages } = JSON.parse(model.requests[3]?.body ?? "");
  const repeated = messages.filter(({ role }: { role: string }) => role === "assistant");
  expect(repeated.map(({ content }: { content: unknown }) => content || null)).toEqual([null, null, null]);
  expect(repeated.map((message: { tool_calls: { function: object }[] }) => message.tool_calls[0]?.function)).toEqual([
    { name: "no_such_tool_", arguments: "{}" },
    { name: "click", arguments: "{}" },
    { name: "type", arguments: "{}" },
  ]);
});

test("an answer without any usage counts as a call that cost nothing", async () => {
  const { run } = await play([{ ...open(), usage: null }, done()]);
  expect(await run).toMatchObject({ usage: { inputTokens: 100, outputTokens: 10, modelCalls: 2 } });
});

test("nothing is printed and no error carries what was sent: not with warnings, not when everything fails", async () => {
  const printed: unknown[] = [];
  for (const name of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, name).mockImplementation((...what) => void printed.push(what));
  vi.spyOn(process, "emitWarning").mockImplementation((...what) => void printed.push(what));
  try {
    const { run } = await play(() => ({ status: 401 }), { task: `Use ${canary}` });
    const replay = openReplay([{ turns: [{ calls: [{ tool: "done", input: { result: "Read." } }] }] }], "noisy");
    const noisy: AgentModel = {
      ...replay,
      doGenerate: async (request) => ({
        ...(await replay.doGenerate(request)),
        warnings: [{ type: "other", message: JSON.stringify(request.prompt) }],
      }),
    };
    const { run: warned } = await play([], { model: noisy, task: `Use ${canary}` });
    expect(await warned).toMatchObject({ outcome: "completed" });
    const { run: cut } = await play(() => ({ cut: true }), { task: `Use ${canary}`, patience: quick });
    expect(JSON.stringify([await run, await cut])).not.toContain(canary);
    expect(printed).toEqual([]);
  } finally {
    vi.restoreAllMocks();
  }
});
