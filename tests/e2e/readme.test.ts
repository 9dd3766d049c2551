import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { credentialFieldNames, credentialFields } from "@stablehand/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";
import { type FakePlatforms, startFakePlatforms } from "../support/fake-platforms/fake-platforms.ts";
import { makeDataDir, runCli, startServer, type TestServer } from "../support/server.ts";

const execFileAsync = promisify(execFile);
const readme = readFileSync(join(checkout, "README.md"), "utf8");
const shell = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
const { scripts } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

let data: Awaited<ReturnType<typeof makeDataDir>>;
let server: TestServer;
let fakes: FakePlatforms;

beforeAll(async () => {
  data = await makeDataDir();
  fakes = await startFakePlatforms();
  fakes.setMode("twitter", "feed");
  server = await startServer(data.dir, {
    ...fakes.env,
    MODEL: `replay:${join(checkout, "tests/support/read-feed.json")}`,
  });
});
afterAll(async () => {
  await server.stop();
  await fakes.stop();
  await data.remove();
});

test("every npm script that README and CONTRIBUTING name exists", () => {
  const text = readme + readFileSync(join(checkout, "CONTRIBUTING.md"), "utf8");
  const named = [...text.matchAll(/npm run (\w+)/g)].map(([, name = ""]) => name);
  expect(named).toContain("demo");
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
});

test("every curl line of README works when pasted, in order", async () => {
  const lines = shell
    .join("")
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line.startsWith("curl "));
  expect(lines).toHaveLength(8);
  const { twitterAuthToken, twitterCt0 } = fakes.accounts.alice.values;
  const env: Record<string, string> = { PATH: process.env.PATH ?? "", API_KEY: server.apiKey ?? "" };
  let task: unknown;
  for (const line of lines) {
    const here = line
      .replaceAll("http://127.0.0.1:8787", server.url)
      .replaceAll('"twitterAuthToken":"…"', `"twitterAuthToken":"${twitterAuthToken}"`)
      .replaceAll('"twitterCt0":"…"', `"twitterCt0":"${twitterCt0}"`);
    // Not spawnSync: the fakes live in this process.
    const { stdout } = await execFileAsync("sh", ["-c", here], { env, timeout: 60_000 });
    if (line.includes("/events")) {
      expect(stdout).toMatch(/event: step[\s\S]*"status":"completed"/);
      continue;
    }
    const answer = JSON.parse(stdout) as Record<string, unknown>;
    expect([line, answer.error]).toEqual([line, undefined]);
    if (typeof answer.taskId === "string") env.TASK_ID = answer.taskId;
    if (answer.structured_content) task = answer;
  }
  const shown = [...readme.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = ""]) => JSON.parse(text) as object);
  expect(task, "the answer in README is the one that comes").toMatchObject(shown.at(-1) ?? {});
});

test("every stablehand command of README runs against the running server", async () => {
  const commands = [...readme.matchAll(/^npm run stablehand -- (.*)$/gm)].map(([, text = ""]) => text);
  expect(commands.length).toBeGreaterThan(5);
  let prefix = "";
  // The leak test takes a minute, tells how it goes on, and has a test of its own.
  for (const command of commands.filter((one) => one !== "leaktest")) {
    const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
    const { code, stdout, stderr } = await runCli(
      args
        .map((arg) => (arg === "sb_live_XXXXXXXX" ? prefix : arg))
        .map((arg) => (arg.endsWith(".backup") ? join(data.dir, arg) : arg)),
      { STABLEHAND_DATA_DIR: data.dir },
    );
    expect([command, code, stderr]).toEqual([command, 0, ""]);
    prefix ||= /sb_live_[A-Za-z0-9]{8}/.exec(stdout)?.[0] ?? "";
  }
});

test("`npm run demo` shows the whole life of a credential and ends by itself", () => {
  const { stdout, status } = spawnSync(
    join(checkout, "node_modules/.bin/node"),
    ["--conditions=worker", "tests/support/demo.ts"],
    {
      cwd: checkout,
      encoding: "utf8",
      timeout: 120_000,
    },
  );
  expect(status).toBe(0);
  expect(stdout).toMatch(/twitter is valid[\s\S]*"author":"nina"[\s\S]*twitter is expired[\s\S]*rows left: 0/);
});

test("docs/platforms.md has the contract's table of cookies", () => {
  const text = readFileSync(join(checkout, "docs/platforms.md"), "utf8");
  for (const field of credentialFieldNames) {
    const { cookie, domains, httpOnly } = credentialFields[field];
    const where = domains.map((domain) => `\`${domain}\``).join(" and ");
    expect(text).toContain(`| \`${field}\` | \`${cookie}\` | ${where} | ${httpOnly ? "yes" : "no"} |`);
  }
});

test("every relative link of the documents leads somewhere", () => {
  const documents = execFileSync("git", ["ls-files", "*.md"], { cwd: checkout, encoding: "utf8" }).trim().split("\n");
  expect(documents).toEqual(expect.arrayContaining(["README.md", "docs/platforms/x.md"]));
  for (const document of documents) {
    const text = readFileSync(join(checkout, document), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target = ""]) =>
      join(dirname(document), target),
    );
    const paths = [...text.matchAll(/`((?:packages|tests|bench|docs)\/[a-z0-9./-]+\.\w+)`/g)].map(
      ([, path = ""]) => path,
    );
    for (const target of [...links, ...paths])
      expect(existsSync(join(checkout, target)), `${document} names ${target}`).toBe(true);
  }
});
