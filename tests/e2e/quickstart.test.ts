import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";
import { type ReplayServer, startReplayServer } from "../support/replay-server.ts";

const text = readFileSync(join(checkout, "docs/quickstart.md"), "utf8");
const [start = "", ...blocks] = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) => block);

let server: ReplayServer;

beforeAll(async () => {
  server = await startReplayServer();
});
afterAll(() => server.stop());

test("the quickstart starts the server as README does, with a model", () => {
  expect(start.trim().split("\n")).toEqual(["npm ci", expect.stringMatching(/^MODEL=\S+ MODEL_API_KEY=… npm start$/)]);
});

test("every block of the quickstart works when pasted into one shell, in order, to an answer", async () => {
  expect(blocks).toHaveLength(6);
  expect(text.match(/```/g), "every block is a shell's").toHaveLength(14);
  const { twitterAuthToken, twitterCt0 } = server.fakes.accounts.alice.values;
  const script = blocks
    .join("\necho\n")
    .replaceAll("http://127.0.0.1:8787", server.url)
    .replaceAll("sb_live_…", server.apiKey ?? "")
    .replaceAll('"twitterAuthToken":"…"', `"twitterAuthToken":"${twitterAuthToken}"`)
    .replaceAll('"twitterCt0":"…"', `"twitterCt0":"${twitterCt0}"`);
  expect(script, "no blank is left").not.toContain("…");
  const { stdout, stderr } = await promisify(execFile)("sh", ["-e", "-c", script], {
    env: { PATH: process.env.PATH ?? "" },
    timeout: 120_000,
  });
  expect(stderr).toBe("");
  expect(stdout).toContain('{"ok":true}');
  expect(stdout).toContain('"twitter":true');
  expect(stdout).toMatch(/event: step[\s\S]*"status":"completed"/);
  expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
    status: "completed",
    visitedUrls: ["x.com"],
  });
});
