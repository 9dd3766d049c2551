import { expect, test } from "vitest";
import { z } from "zod";
import { call, canary, done, open, play } from "../../../../tests/support/fake-model/play.ts";
import { createRedactor } from "../redact/redactor.ts";
import { resultLengthMax } from "./final-answer.ts";
import type { Tool } from "./tools/tool.ts";
import { tools } from "./tools/tools.ts";

const click = call("click", { ref: 2 });
const forever = Number.POSITIVE_INFINITY;
const schema = {
  type: "object",
  properties: { posts: { type: "array", items: { type: "string" } } },
  required: ["posts"],
};

test("a task is done: the first page found, an action, an answer; each a step, all counted", async () => {
  const { run, page, steps } = await play([open(), click, done()]);
  expect(await run).toEqual({
    outcome: "completed",
    result: "It is read.",
    totalSteps: 3,
    stepSummaries: steps,
    usage: { inputTokens: 300, outputTokens: 30, modelCalls: 3 },
    visitedHosts: ["x.com"],
  });
  expect(steps).toEqual([
    { n: 1, type: "discovery", msg: "Open an address", success: true },
    { n: 2, type: "execution", msg: "Click [2]", success: true },
    { n: 3, type: "extraction", msg: "Answer", success: true },
  ]);
  expect(page.done).toEqual(["navigate https://x.com/home", "act"]);
});

test("with startUrl the page is open before the model is asked", async () => {
  const { run, model } = await play([done()], { startUrl: "https://x.com/home" });
  expect((await run).stepSummaries.map(({ type }) => type)).toEqual(["extraction"]);
  expect(model.requests[0]?.body).toContain("Post one");
});

test("a startUrl that cannot be opened is told to the model", async () => {
  const { run, model } = await play([done("I could not open it.")], { startUrl: "https://nowhere.example/" });
  expect(await run).toMatchObject({ outcome: "completed", result: "I could not open it." });
  expect(model.requests[0]?.body).toContain("could not be opened:");
});

test("what earlier turns left reaches the model as data, not as words of the user", async () => {
  const { run, model } = await play([done()], { previousContext: "Three posts.", previousErrors: ["time limit"] });
  await run;
  expect(model.requests[0]?.body).toMatch(/<page (\w+)>\\nThree posts\.\\n<\/page \1>/);
  expect(model.requests[0]?.body).toMatch(/<page (\w+)>\\ntime limit\\n<\/page \1>/);
});

test("of many failures before, the newest five are told, each in short", async () => {
  const previousErrors = Array.from({ length: 100 }, (_, at) => `error-${at}-${"x".repeat(10_000)}`);
  const { run, model } = await play([done()], { previousErrors });
  await run;
  const body = model.requests[0]?.body ?? "";
  expect(body.match(/error-\d+/g)).toEqual(["error-95", "error-96", "error-97", "error-98", "error-99"]);
  expect(body.length).toBeLessThan(10_000);
});

test("a page cannot end the block that marks it as data: the mark is another for each task", async () => {
  const nonces = await Promise.all(
    [0, 1].map(async () => {
      const { run, model } = await play([open(), done()]);
      await run;
      return /<page (\w{16})>\\n! https:/.exec(model.requests[1]?.body ?? "")?.[1];
    }),
  );
  expect(new Set(nonces).size).toBe(2);
  expect(nonces).not.toContain(undefined);
});

test("beforeActing is awaited once, and before the first tool that acts", async () => {
  const order: string[] = [];
  const poke: Tool = {
    name: "poke",
    description: "",
    inputSchema: z.strictObject({}),
    acts: true,
    describe: () => "poke",
    async handle() {
      order.push("poke");
      return { ok: true, text: "" };
    },
  };
  const look: Tool = {
    ...poke,
    name: "look",
    acts: false,
    async handle() {
      order.push("look");
      return { ok: true, text: "" };
    },
  };
  const { run } = await play([call("look"), call("poke"), call("poke"), done()], {
    tools: [poke, look],
    beforeActing: async () => void order.push("written down"),
  });
  await run;
  expect(order).toEqual(["look", "written down", "poke", "poke"]);
});

test("when it cannot be written down that a task acts, it does not act, and the failure is thrown", async () => {
  const lost = new Error("database is gone");
  const { run, page } = await play([open(), click], { beforeActing: () => Promise.reject(lost) });
  await expect(run).rejects.toBe(lost);
  expect(page.done).toEqual(["navigate https://x.com/home"]);
});

test("calls of one answer are done one after another, never at once", async () => {
  let under = 0;
  const slow: Tool = {
    name: "slow",
    description: "",
    inputSchema: z.strictObject({}),
    acts: false,
    describe: () => "go slowly",
    async handle() {
      expect(++under).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      under -= 1;
      return { ok: true, text: "" };
    },
  };
  const { run } = await play([{ calls: [{ name: "slow" }, { name: "slow" }, { name: "slow" }] }, done()], {
    tools: [slow],
  });
  expect((await run).stepSummaries[0]).toMatchObject({ msg: "Go slowly, go slowly, go slowly", success: true });
});

test("calls meant for the page before are not done: after a failure, and after another page", async () => {
  const three = (url: string) => ({
    calls: [
      { name: "navigate", input: { url } },
      { name: "click", input: { ref: 1 } },
    ],
  });
  const { run, page, model } = await play([three("https://nowhere.example/"), three("https://x.com/home"), done()]);
  await run;
  expect(page.done).toEqual(["navigate https://nowhere.example/", "navigate https://x.com/home"]);
  expect(model.requests[1]?.body).toContain("because the call before it failed");
  expect(model.requests[2]?.body).toContain("because the page changed before");
});

test("of more than eight calls at once, the rest is not done", async () => {
  const { run, page, model } = await play([
    { calls: Array.from({ length: 12 }, () => ({ name: "find", input: { text: "x" } })) },
    done(),
  ]);
  await run;
  expect(page.done).toHaveLength(8);
  expect(model.requests[1]?.body.match(/at most 8 calls at once/g)).toHaveLength(4);
});

test("done ends the task even beside other calls, which are done before it and not after", async () => {
  const find = { name: "find", input: { text: "Post" } };
  const { run, page } = await play([open(), { calls: [find, { name: "done", input: { result: "Yes." } }, find] }]);
  expect(await run).toMatchObject({ outcome: "completed", result: "Yes.", totalSteps: 2 });
  expect(page.done).toEqual(["navigate https://x.com/home", "find Post"]);
});

test("words without a call are asked for a call, and taken as the result when they come again", async () => {
  const { run, steps, model } = await play([{ text: "Let me think." }, { text: "There are three posts." }]);
  expect(await run).toMatchObject({ outcome: "completed", result: "There are three posts.", totalSteps: 2 });
  expect(steps.map(({ type }) => type)).toEqual(["planning", "extraction"]);
  expect(model.requests[1]?.body).toContain("Call a tool to go on");
});

test("words are not taken as the result where data is wanted", async () => {
  const { run } = await play([{ text: "One." }, { text: "Two." }, done("Two.", { posts: [] })], { schema });
  expect(await run).toMatchObject({ outcome: "completed", structuredContent: { posts: [] } });
});

test("the result is cut at its bound, white space around it removed", async () => {
  const { run } = await play([done(` ${"x".repeat(1_000_000)}`)]);
  expect(await run).toMatchObject({ outcome: "completed", result: "x".repeat(resultLengthMax) });
});

test("a megabyte of words does not come back with every further request", async () => {
  const { run, model } = await play([{ text: "x".repeat(1_000_000), ...open() }, done()]);
  expect(await run).toMatchObject({ outcome: "completed" });
  expect(model.requests[1]?.body.length).toBeLessThan(20_000);
});

test("data that conforms is the structured content", async () => {
  const { run, model } = await play([done("Two posts.", { posts: ["a", "b"] })], { schema });
  expect(await run).toMatchObject({ result: "Two posts.", structuredContent: { posts: ["a", "b"] } });
  expect(model.requests[0]?.body).toContain(JSON.stringify(JSON.stringify(schema)).slice(1, -1));
});

test("data that was sent as JSON text is read", async () => {
  const { run } = await play([done("Two posts.", '{"posts":["a"]}')], { schema });
  expect(await run).toMatchObject({ structuredContent: { posts: ["a"] } });
});

test("data that does not conform is handed back with what is wrong, twice, and the third try counts", async () => {
  const bad = done("No.", { posts: [1] });
  const { run, model } = await play([bad, bad, done("Yes.", { posts: ["1"] })], { schema });
  expect(await run).toMatchObject({ outcome: "completed", structuredContent: { posts: ["1"] } });
  expect(model.requests[1]?.body).toContain("data: /posts/0 must be string");
});

test("data that does not conform three times fails the task, and what was done is still told", async () => {
  const { run, model, steps } = await play(() => done("No.", { posts: 1 }), { schema });
  expect(await run).toMatchObject({
    outcome: "failed",
    errorCode: "schema_mismatch",
    usage: { modelCalls: 3 },
    totalSteps: 3,
    stepSummaries: steps,
  });
  expect(model.requests).toHaveLength(3);
});

test("a secret in the data is removed before the data is checked", async () => {
  const strict = { type: "object", properties: { token: { type: "string", const: "[redacted:cookie]" } } };
  const { run } = await play([done("Here.", { token: canary })], { schema: strict });
  expect(await run).toMatchObject({ outcome: "completed", structuredContent: { token: "[redacted:cookie]" } });
});

test("at the step limit the model is offered nothing but done, and the task completes with what there is", async () => {
  const { run, model } = await play((_, at) => (at < 2 ? open() : done("What I have.")), { maxSteps: 3 });
  expect(await run).toMatchObject({ outcome: "completed", result: "What I have.", totalSteps: 3 });
  const { tools, messages } = JSON.parse(model.requests[2]?.body ?? "");
  expect(tools.map((tool: { function: { name: string } }) => tool.function.name)).toEqual(["done"]);
  expect(messages.at(-1).content).toContain("No more steps are left");
});

test("a model that goes on at the step limit does not, and the task completes all the same", async () => {
  const { run, model, page } = await play(() => open(), { maxSteps: 3 });
  expect(await run).toMatchObject({ outcome: "completed", result: expect.stringContaining("limit"), totalSteps: 3 });
  expect(model.requests).toHaveLength(5);
  expect(page.done).toHaveLength(2);
  expect(model.requests[3]?.body).toContain('There is no tool \\"navigate\\" now');
});

test("one step is enough for an answer from the first page", async () => {
  const { run } = await play([{ text: "Post one." }], { maxSteps: 1, startUrl: "https://x.com/home" });
  expect(await run).toMatchObject({ outcome: "completed", result: "Post one.", totalSteps: 1 });
});

test("at the step limit, data may still be corrected; without any the task fails", async () => {
  const corrected = await play([done("No.", {}), done("Yes.", { posts: [] })], { schema, maxSteps: 1 });
  expect(await corrected.run).toMatchObject({ outcome: "completed", structuredContent: { posts: [] }, totalSteps: 1 });
  const words = await play(() => ({ text: "No data." }), { schema, maxSteps: 1 });
  expect(await words.run).toMatchObject({ outcome: "failed", errorCode: "schema_mismatch", totalSteps: 1 });
});

test("the token limit ends a task like the step limit", async () => {
  const onlyDone = (body: string) => JSON.parse(body).tools.length === 1;
  const { run } = await play(({ body }) => (onlyDone(body) ? done("Enough.") : open()), { maxTokens: 220 });
  expect(await run).toMatchObject({ outcome: "completed", result: "Enough.", usage: { modelCalls: 3 } });
});

test("a stop reaches a model that does not answer", async () => {
  const stop = new AbortController();
  const { run, model } = await play(
    () => {
      setTimeout(() => stop.abort(), 10);
      return { hang: true };
    },
    { signal: stop.signal, patience: { answerMs: 60_000, retriesMax: 3, pauseMs: 60_000, pauseMsMax: 60_000 } },
  );
  expect(await run).toMatchObject({ outcome: "stopped" });
  await model.requests[0]?.aborted;
});

test("a stop does not wait for a tool or for a pause between two attempts", async () => {
  const stuck: Tool = {
    name: "stuck",
    description: "",
    inputSchema: z.strictObject({}),
    acts: false,
    describe: () => "hang",
    handle: () => {
      setTimeout(() => stop.abort(), 10);
      return new Promise(() => undefined);
    },
  };
  let stop = new AbortController();
  const tool = await play([call("stuck")], { tools: [stuck], signal: stop.signal });
  expect(await tool.run).toMatchObject({ outcome: "stopped", usage: { modelCalls: 1 } });

  stop = new AbortController();
  const pause = await play(
    () => {
      setTimeout(() => stop.abort(), 10);
      return { status: 500 };
    },
    { signal: stop.signal, patience: { answerMs: 60_000, retriesMax: 3, pauseMs: 60_000, pauseMsMax: 60_000 } },
  );
  expect(await pause.run).toMatchObject({ outcome: "stopped" });
});

test("a stop before the start asks nobody", async () => {
  const { run, model } = await play([], { signal: AbortSignal.abort() });
  expect(await run).toMatchObject({ outcome: "stopped", totalSteps: 0 });
  expect(model.requests).toHaveLength(0);
});

test("no secret of a page reaches the model, an event or the answer, also one that the site has just renewed", async () => {
  const renewed = "renewed-9d8c7b6a";
  const redactor = createRedactor([canary]);
  let secrets: string[] = [];
  const show: Tool = {
    name: "show",
    description: "",
    inputSchema: z.strictObject({}),
    acts: false,
    describe: () => `look at ${renewed}`,
    async handle() {
      secrets = [renewed];
      return { ok: true, text: `${renewed} ${Buffer.from(renewed).toString("base64")} ${canary}` };
    },
  };
  const { run, model, steps } = await play(
    [open("https://x.com/token"), call("show"), done(`It is ${canary}, now ${renewed}.`, { [renewed]: [canary] })],
    { tools: [...tools, show], redactor, secretsOf: async () => secrets, schema: {} },
  );
  const left = JSON.stringify([await run, steps, model.requests.map(({ body }) => body)]);
  expect(await run).toMatchObject({ result: "It is [redacted:cookie], now [redacted:cookie]." });
  expect(left).toContain("Your token is [redacted:cookie]");
  for (const secret of [canary, renewed, Buffer.from(renewed).toString("base64")]) expect(left).not.toContain(secret);
});

test("as long as nobody can say what is secret, nothing of a page reaches the model", async () => {
  const secretsOf = () => Promise.reject(new Error("the browser is gone"));
  const { run, model } = await play([open(), done()], { startUrl: "https://x.com/home", secretsOf });
  expect(await run).toMatchObject({ outcome: "completed", totalSteps: 2 });
  expect(JSON.stringify(model.requests)).not.toContain("Post one");
});

test("requests do not grow with the pages seen", async () => {
  const long = `! https://x.com/home "Home"\n${"[1] link A post of some length\n".repeat(150)}`;
  const show: Tool = {
    name: "show",
    description: "",
    inputSchema: z.strictObject({}),
    acts: false,
    describe: () => "look",
    handle: async () => ({ ok: true, isWhole: true, text: long }),
  };
  const { run, model } = await play((_, at) => (at < 10 ? call("show") : done()), { tools: [show], maxSteps: forever });
  await run;
  const sizes = model.requests.map(({ body }) => body.length);
  expect(Math.max(...sizes)).toBeLessThan((sizes[1] ?? 0) * 1.6);
});
