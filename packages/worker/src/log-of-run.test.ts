import { newId, type TaskId } from "@stablehand/core/ids";
import { createLog } from "@stablehand/core/log";
import { expect, test } from "vitest";
import { logOfRun } from "./log-of-run.ts";
import { createRedactor } from "./redact/redactor.ts";

const canary = "CANARY-Kq7vZ2mXw9Tb4LsR";
const encoded = Buffer.from(`--${canary}--`).toString("base64");

test("an error that quotes a secret is logged without it, also one that became secret after the log was made", () => {
  const lines: string[] = [];
  const log = createLog("worker", "info", { write: (line) => void lines.push(line) });
  const held = { taskId: newId<TaskId>(), attempt: 1 };
  const redactor = createRedactor([]);
  const ofRun = logOfRun(log, held, redactor);
  redactor.add([{ value: canary, field: "twitterCt0" }]);
  const error = Object.assign(new Error(`page.goto: no answer at https://x.com/?t=${encoded}`), { code: canary });

  ofRun.error({ err: error }, "a task failed");
  log.error({ err: error }, "the control: any other log says it");

  const [line = "", control = ""] = lines;
  for (const form of [canary, encoded.slice(4, -4)]) {
    expect(line).not.toContain(form);
    expect(control).toContain(form);
  }
  expect(line).toContain("no answer at https://x.com/?t=");
  expect(JSON.parse(line)).toMatchObject({ taskId: held.taskId, err: { code: "[redacted:twitterCt0]" } });
});
