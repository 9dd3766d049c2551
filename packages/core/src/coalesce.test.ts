import { expect, test } from "vitest";
import { coalesce } from "./coalesce.ts";

/** A `runAll` that the test lets go, run by run. */
function gated() {
  const runs: { inputs: readonly string[]; finish(): void; fail(error: Error): void }[] = [];
  const runAll = (inputs: readonly string[]) =>
    new Promise<string[]>((resolve, reject) => {
      runs.push({ inputs, finish: () => resolve(inputs.map((input) => input.toUpperCase())), fail: reject });
    });
  return { runs, runAll };
}

/** Lets promises settle, and a run start at the end of the event loop's turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test("calls of one turn of the event loop share a run, and those that come while it runs share the next", async () => {
  const { runs, runAll } = gated();
  const call = coalesce<string, string>({ runAll, runsMax: 1, batchMax: 10 });
  const answers = ["a", "b"].map(call);
  await settled();
  answers.push(...["c", "d"].map(call));
  await settled();
  expect(runs.map((run) => run.inputs)).toEqual([["a", "b"]]);
  runs[0]?.finish();
  await settled();
  expect(runs.map((run) => run.inputs)).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
  runs[1]?.finish();
  expect(await Promise.all(answers)).toEqual(["A", "B", "C", "D"]);
});

test.each([
  { runsBeforeAnswers: true, order: ["a left", "b left", "a answered", "b answered"] },
  { runsBeforeAnswers: false, order: ["a left", "a answered", "b left", "b answered"] },
])(
  "what waits is sent before the run that ended is answered only if asked for: $runsBeforeAnswers",
  async ({ order, ...options }) => {
    const seen: string[] = [];
    const runAll = async (inputs: readonly string[]) => {
      await new Promise<void>((sent) => process.nextTick(sent)); // as pg's pool sends a statement
      seen.push(...inputs.map((input) => `${input} left`));
      return inputs;
    };
    const call = coalesce<string, string>({ runAll, runsMax: 1, batchMax: 1, ...options });
    await Promise.all(["a", "b"].map((input) => call(input).then(() => seen.push(`${input} answered`))));
    expect(seen).toEqual(order);
  },
);

test("no run is larger, and no more run at once, than allowed", async () => {
  const { runs, runAll } = gated();
  const call = coalesce<string, string>({ runAll, runsMax: 2, batchMax: 2 });
  const answers = [..."abcdefg"].map(call);
  await settled();
  expect(runs.map((run) => run.inputs)).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
  for (let index = 0; index < 4; index++) {
    runs[index]?.finish();
    await settled();
  }
  expect(runs.slice(2).map((run) => run.inputs)).toEqual([["e", "f"], ["g"]]);
  expect(await Promise.all(answers)).toEqual([..."ABCDEFG"]);
});

test("calls of one key never share a run", async () => {
  const { runs, runAll } = gated();
  const call = coalesce<string, string>({ runAll, keyOf: (input) => input[0] ?? "", runsMax: 1, batchMax: 10 });
  const answers = ["a1", "a2", "b1", "a3"].map(call);
  for (let index = 0; index < 3; index++) {
    await settled();
    runs[index]?.finish();
  }
  await settled();
  expect(runs.map((run) => run.inputs)).toEqual([["a1", "b1"], ["a2"], ["a3"]]);
  expect(await Promise.all(answers)).toEqual(["A1", "A2", "B1", "A3"]);
});

test("when a run fails each of its calls is tried alone, and only the bad one fails", async () => {
  const call = coalesce<string, string>({
    runAll: async (inputs) => {
      if (inputs.includes("bad")) throw Object.assign(new Error(`refused ${inputs.length}`), { code: "23514" });
      return [...inputs];
    },
    runsMax: 1,
    batchMax: 10,
  });
  const answers = await Promise.allSettled(["first", "a", "bad", "b"].map(call));
  expect(answers.map((answer) => (answer.status === "fulfilled" ? answer.value : String(answer.reason)))).toEqual([
    "first",
    "a",
    "Error: refused 1",
    "b",
  ]);
  expect(await call("after")).toBe("after");
});

test("a lost connection fails every call of the run at once, and none is tried again", async () => {
  let runs = 0;
  const call = coalesce<string, string>({
    runAll: async () => {
      runs += 1;
      throw Object.assign(new Error("gone"), { code: "ECONNREFUSED" });
    },
    runsMax: 1,
    batchMax: 10,
  });
  const answers = await Promise.allSettled(["a", "b", "c"].map(call));
  expect(answers.map((answer) => answer.status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(runs).toBe(1);
});
