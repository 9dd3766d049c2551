import { expect, test } from "vitest";
import { firstMessage } from "./prompt.ts";

test("the model of a read-only task, and no other, is told that it is", () => {
  const told = (isReadOnly: boolean) =>
    JSON.stringify(firstMessage({ task: "Read my feed", isReadOnly }, "nonce", new Date())).includes("read-only");
  expect([told(true), told(false)]).toEqual([true, false]);
});
