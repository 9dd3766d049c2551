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

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a call alone runs at once, and those that come meanwhile share the next run", async () => {
  const { runs, runAll } = gated();
  const call = coalesce<string, string>({ runAll, runsMax: 1, batchMax: 10 });
  const answers = ["a", "b", "c"].map(call);
  expect(runs.map((run) => run.inputs)).toEqual([["a"]]);
  runs[0]?.finish();
  await settled();
  expect(runs.map((run) => run.inputs)).toEqual([["a"], ["b", "c"]]);
  runs[1]?.finish();
  expect(await Promise.all(answers)).toEqual(["A", "B", "C"]);
});

test("no run is larger, and no more run at once, than allowed", async () => {
  const { runs, runAll } = gated();
  const call = coalesce<string, string>({ runAll, runsMax: 2, batchMax: 2 });
  const answers = [..."abcdefg"].map(call);
  expect(runs.map((run) => run.inputs)).toEqual([["a"], ["b"]]);
  for (let index = 0; index < 5; index++) {
    runs[index]?.finish();
    await settled();
  }
  expect(runs.slice(2).map((run) => run.inputs)).toEqual([["c", "d"], ["e", "f"], ["g"]]);
  expect(await Promise.all(answers)).toEqual([..."ABCDEFG"]);
});

test("calls of one key never share a run", async () => {
  const { runs, runAll } = gated();
  const call = coalesce<string, string>({ runAll, keyOf: (input) => input[0] ?? "", runsMax: 1, batchMax: 10 });
  const answers = ["x", "a1", "a2", "b1", "a3"].map(call);
  for (let index = 0; index < 4; index++) {
    runs[index]?.finish();
    await settled();
  }
  expect(runs.map((run) => run.inputs)).toEqual([["x"], ["a1", "b1"], ["a2"], ["a3"]]);
  expect(await Promise.all(answers)).toEqual(["X", "A1", "A2", "B1", "A3"]);
});

test("when a run fails each of its calls is tried alone, and only the bad one fails", async () => {
  const call = coalesce<string, string>({
    runAll: async (inputs) => {
      if (inputs.includes("bad")) throw new Error(`refused ${inputs.length}`);
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
