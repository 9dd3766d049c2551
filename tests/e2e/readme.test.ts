import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { credentialFieldNames, credentialFields } from "@stablehand/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkout } from "../support/checkout.ts";
import { readCommands } from "../support/cli-commands.ts";
import { type ReplayServer, startReplayServer } from "../support/replay-server.ts";
import { runCli } from "../support/server.ts";

const execFileAsync = promisify(execFile);
const readme = readFileSync(join(checkout, "README.md"), "utf8");
/** The blocks of README that are commands, and those that are what they answer. */
const blocks = [...readme.matchAll(/```(sh|json)\n([\s\S]*?)```/g)].map(([, kind = "", text = ""]) => ({
  kind,
  lines: text.replaceAll("\\\n", " ").trim().split("\n"),
  text,
}));
const { scripts } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

/** The commands of README that the tests below do not run: the test that does, or why none does. */
const elsewhere: Readonly<Record<string, string>> = {
  "npm ci": ".ci/run begins with it, as every checkout does",
  "npm test": "runs this",
  "npm run check": ".ci/run ends with it",
  "npm pack -w packages/sdk": "tests/e2e/sdk-package.test.ts",
  "pip install stablebrowse": "tests/conformance/hosted-client.test.ts",
  "npm run stablehand -- leaktest": "tests/e2e/leaktest.test.ts",
  "npm run stablehand -- design https://example.com --html report.html":
    "tests/e2e/design.test.ts, on a page of its own",
  "npm run stablehand -- api": "tests/e2e/several-machines.test.ts",
  "npm run stablehand -- worker": "tests/e2e/several-machines.test.ts",
  "npm run pictures": "takes minutes; tests/e2e/dashboard has the same pages",
  "npm run bench": "takes hours, and a quiet machine",
  "npm run bench -- credentials": "takes minutes, and a quiet machine",
  "npm run bench -- tokens": "takes minutes, and a quiet machine",
  "npm run bench -- tasks": "takes minutes, and a quiet machine",
  "npm run bench -- redaction": "takes minutes, and a quiet machine",
};

let server: ReplayServer;

beforeAll(async () => {
  server = await startReplayServer();
});
afterAll(() => server.stop());

test("every command of README is run by a test, or it is said why not", () => {
  const inBlocks = blocks.flatMap(({ kind, lines }) => (kind === "sh" ? lines : []));
  const inSentences = [...readme.matchAll(/`((?:npm|npx|pip|docker|kubectl|git) [^`\n]+)`/g)].map(
    ([, text = ""]) => text,
  );
  const commands = [...inBlocks, ...inSentences].flatMap((line) => line.split(" && "));
  const isRunHere = (command: string) =>
    /^curl /.test(command) ||
    ["npm start", "npm run demo"].includes(command) ||
    (inBlocks.includes(command) && /^npm run stablehand -- /.test(command));
  expect(commands.filter((command) => !(command in elsewhere) && !isRunHere(command))).toEqual([]);
  expect(
    Object.keys(elsewhere).filter((command) => !commands.includes(command)),
    "README does not have it",
  ).toEqual([]);
  for (const place of Object.values(elsewhere))
    if (place.startsWith("tests/")) expect(existsSync(join(checkout, place.split(",")[0] ?? "")), place).toBe(true);
});

test("every npm script and every bench that the documents name exists", async () => {
  const text = documents()
    .map((one) => one.text)
    .join("\n");
  const named = [...text.matchAll(/npm run ([\w-]+)(?! -w)\b/g)]
    .map(([, name = ""]) => name)
    .filter((name) => !name.startsWith("-"));
  expect(named).toContain("demo");
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
  const benches = [...text.matchAll(/(?:npm run bench -- |stablehand -- bench |`-- (?:bench )?)([a-z-]+)`/g)];
  const usage = await npm(["run", "--silent", "bench", "--", "--help"]).ended;
  for (const [, name = ""] of benches) expect(usage.output, name).toMatch(new RegExp(`^ +${name} `, "m"));
  expect(benches.map(([, name]) => name)).toEqual(
    expect.arrayContaining(["credentials", "credentials-scale", "proxy"]),
  );
});

/** npm as a reader runs it, in a process group of its own, which is how a terminal's Ctrl-C reaches all of it. */
function npm(args: readonly string[], env: Record<string, string> = {}) {
  const path = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? server.dataDir };
  const child = spawn("npm", args, { cwd: checkout, env: { ...path, ...env }, detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  return {
    output: () => output,
    interrupt: () => process.kill(-(child.pid ?? Number.NaN), "SIGINT"),
    ended: new Promise<{ code: number | null; output: string }>((resolve) =>
      child.once("close", (code) => resolve({ code, output })),
    ),
  };
}

test("`npm start` prints a key and a line that works when pasted, and Ctrl-C ends all of it", async () => {
  const directory = join(server.dataDir, "started");
  const started = npm(["start"], { STABLEHAND_DATA_DIR: directory, PORT: "0" });
  await expect.poll(started.output, { timeout: 60_000 }).toContain("Stop with Ctrl-C.");
  const [line = ""] = /curl .*/.exec(started.output()) ?? [];
  expect((await execFileAsync("sh", ["-c", line], { timeout: 20_000 })).stdout).toBe('{"ok":true}');
  const url = /URL +(\S+)/.exec(started.output())?.[1] ?? "";
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  started.interrupt();
  await started.ended;
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  expect(existsSync(join(directory, "worker/vault.key")), "its data stays").toBe(true);
});

test("every curl line of README works when pasted, in order, and answers as shown", async () => {
  const { twitterAuthToken, twitterCt0 } = server.fakes.accounts.alice.values;
  const env: Record<string, string> = { PATH: process.env.PATH ?? "", STABLEHAND_API_KEY: server.apiKey ?? "" };
  let answer: Record<string, unknown> = {};
  let shown = 0;
  for (const { kind, lines, text } of blocks) {
    if (kind === "json") {
      expect(answer, "the answer in README is the one that comes").toMatchObject(JSON.parse(text) as object);
      shown++;
    }
    for (const line of kind === "sh" ? lines.filter((one) => one.startsWith("curl ")) : []) {
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
      answer = JSON.parse(stdout) as Record<string, unknown>;
      expect([line, answer["error"]]).toEqual([line, undefined]);
      if (typeof answer["taskId"] === "string") env["TASK_ID"] = answer["taskId"];
    }
  }
  expect(shown).toBe(2);
});

test("every stablehand command of README runs against the running server", async () => {
  const commands = [...readme.matchAll(/^npm run stablehand -- (.*)$/gm)].map(([, text = ""]) => text);
  expect(commands.length).toBeGreaterThan(5);
  let prefix = "";
  for (const command of commands.filter((one) => !(`npm run stablehand -- ${one}` in elsewhere))) {
    const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
    const { code, stdout, stderr } = await runCli(
      args
        .map((arg) => (arg === "sb_live_XXXXXXXX" ? prefix : arg))
        .map((arg) => (arg.endsWith(".backup") ? join(server.dataDir, arg) : arg)),
      { STABLEHAND_DATA_DIR: server.dataDir },
    );
    expect([command, code, stderr]).toEqual([command, 0, ""]);
    prefix ||= /sb_live_[A-Za-z0-9]{8}/.exec(stdout)?.[0] ?? "";
  }
});

test("every stablehand command of the documents is one, with options that it has", async () => {
  const commands = await readCommands();
  const seen = new Set<string>();
  const form = /(?:npm run (?:--silent )?stablehand --|`stablehand|<\(stablehand) ([^`\n#|>)]*)/g;
  for (const { document, text } of documents())
    for (const [, said = ""] of text.matchAll(form)) {
      const [first = "", second = ""] = said.split(" ");
      if (!/^[a-z]/.test(first) || said === "credential value v1") continue; // COMMAND, --help, a label of HPKE
      const path = commands.has(`${first} ${second}`) ? `${first} ${second}` : first;
      expect([...commands.keys()], `${document}: ${said}`).toContain(path);
      for (const [flag] of said.matchAll(/--[a-z-]+/g))
        expect(commands.get(path), `${document}: ${said}`).toContain(flag);
      seen.add(path);
    }
  expect(seen.size).toBeGreaterThan(20);
});

test("`npm run demo` shows the whole life of a credential and ends by itself", async () => {
  const { code, output } = await npm(["run", "--silent", "demo"]).ended;
  expect(code, output).toBe(0);
  expect(output).toMatch(/twitter is valid[\s\S]*"author":"nina"[\s\S]*twitter is expired[\s\S]*rows left: 0/);
});

test("docs/platforms.md has the contract's table of cookies", () => {
  const text = readFileSync(join(checkout, "docs/platforms.md"), "utf8");
  for (const field of credentialFieldNames) {
    const { cookie, domains, httpOnly } = credentialFields[field];
    const where = domains.map((domain) => `\`${domain}\``).join(" and ");
    expect(text).toContain(`| \`${field}\` | \`${cookie}\` | ${where} | ${httpOnly ? "yes" : "no"} |`);
  }
});

/** Every document of the repository. */
function documents(): { document: string; text: string }[] {
  const files = execFileSync("git", ["ls-files", "*.md"], { cwd: checkout, encoding: "utf8" }).trim().split("\n");
  expect(files).toEqual(expect.arrayContaining(["README.md", "docs/platforms/x.md"]));
  return files.map((document) => ({ document, text: readFileSync(join(checkout, document), "utf8") }));
}

test("every relative link of the documents leads somewhere", () => {
  for (const { document, text } of documents()) {
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
