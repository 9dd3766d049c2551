import { execFile } from "node:child_process";
import { createLog } from "@stablehand/core/log";
import { expect, test } from "vitest";
import { logOfWorker } from "./log-of-worker.ts";
import { createRedactor } from "./redact/redactor.ts";

const canary = "CANARY-Kq7vZ2mXw9Tb4LsR";
const encoded = Buffer.from(`--${canary}--`).toString("base64");
const core = encoded.slice(4, -4);

test("an error that quotes a secret of a run under way is logged without it, also one that became secret later", () => {
  const lines: string[] = [];
  const plain = createLog("worker", "info", { write: (line) => void lines.push(line) });
  const redactor = createRedactor([]);
  const log = logOfWorker(plain, new Set([createRedactor(["of another run"]), redactor]));
  redactor.add([{ value: canary, field: "twitterCt0" }]);
  const error = Object.assign(new Error(`page.goto: no answer at https://x.com/?t=${encoded}`), { code: canary });

  log.error({ err: error, cause: `its log: ${encoded}` }, "a task failed");
  plain.error({ err: error }, "the control: any other log says it");

  const [line = "", control = ""] = lines;
  for (const form of [canary, core]) {
    expect(line).not.toContain(form);
    expect(control).toContain(form);
  }
  expect(line).toContain("no answer at https://x.com/?t=");
  expect(JSON.parse(line)).toMatchObject({
    err: { code: "[redacted:twitterCt0]" },
    cause: expect.stringMatching(/^its log: \w*\[redacted:twitterCt0\]\w*$/),
  });
});

test.each([
  ["an error that nobody caught", "setTimeout(() => { throw new Error(quoted); })"],
  ["a rejection that nobody handled", "Promise.reject(new Error(quoted))"],
])("%s ends the worker, and no output holds the secret that it quotes", async (_, failing) => {
  const script = `
    import { createLog } from "@stablehand/core/log";
    import { endWhenUncaught, logOfWorker } from "./log-of-worker.ts";
    import { createRedactor } from "./redact/redactor.ts";
    const quoted = "evaluate: ${encoded}";
    endWhenUncaught(logOfWorker(createLog("worker", "info"), new Set([createRedactor(["${canary}"])])));
    ${failing}
    setTimeout(() => {}, 20_000);`;
  const args = ["--conditions=worker", "--input-type=module", "--eval", script];
  const ended = await new Promise<{ code: unknown; output: string }>((resolve) =>
    execFile(process.execPath, args, { cwd: import.meta.dirname, timeout: 15_000 }, (error, stdout, stderr) =>
      resolve({ code: error?.code, output: stdout + stderr }),
    ),
  );
  expect(ended).toEqual({ code: 1, output: expect.stringContaining("evaluate: ") });
  expect(ended.output).toContain("[redacted:cookie]");
  expect(ended.output).not.toContain(core);
});
